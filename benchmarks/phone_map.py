"""How smoothly the phone's map moves: time for one frame while it is dragged and zoomed over ten thousand defects.

    python -m benchmarks.phone_map [--defects 10000] [--width 540] [--height 960] [--seconds 4]

Without a screen, by software GL (SDL's offscreen driver, Mesa's llvmpipe); a frame ends when its last pixel is drawn. The
processor's time of a frame, all threads together, stands beside: on a busy machine the two differ.
"""

from __future__ import annotations

import argparse
import math
import os
import time
from typing import Any

import numpy as np

MIDDLE = (48.857, 2.352)
KINDS = ("pothole", "speed_bump", "joint", "rough", "unknown")
DENSITY = 1.5


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    for name, value in (("defects", 10_000), ("width", 540), ("height", 960), ("seconds", 4)):
        parser.add_argument(f"--{name}", type=int, default=value)
    options = parser.parse_args()
    without_a_screen(options.width, options.height)
    print(f"{options.defects} defects, {options.width} × {options.height} px")
    for name, (frames_s, busy_s) in measured(options.defects, options.seconds).items():
        p50, p95, worst = (1000 * float(np.quantile(frames_s, share)) for share in (0.5, 0.95, 1.0))
        print(f"{name:22} {len(frames_s):5} frames, p50 {p50:5.1f} ms, p95 {p95:5.1f} ms, longest {worst:6.1f} ms; ", end="")
        print(f"{1000 * busy_s:.1f} ms of processor each")


def without_a_screen(width: int, height: int) -> None:
    """Before kivy is imported."""
    os.environ.update(SDL_VIDEODRIVER="offscreen", SDL_AUDIODRIVER="dummy", KIVY_NO_ARGS="1", KIVY_LOG_MODE="PYTHON")
    from kivy.config import Config

    Config.set("graphics", "width", str(width))
    Config.set("graphics", "height", str(height))
    Config.set("graphics", "maxfps", "0")
    Config.set("graphics", "multisamples", "0")  # as `python -m mobile_app`
    from kivy.metrics import Metrics

    Metrics.density = DENSITY


def measured(defects: int, seconds: float) -> dict[str, Any]:
    """Seconds of each frame, and of the processor for one on average, by what was done to the map."""
    from kivy.base import EventLoop
    from kivy.core.window import Window
    from kivy.graphics.opengl import glFinish

    from mobile_app.ui.map.widget import MapView

    map_view = MapView(content=city(defects))
    Window.add_widget(map_view)
    EventLoop.ensure_window()
    EventLoop.start()
    deadline = time.monotonic() + 5
    while map_view.sight is None and time.monotonic() < deadline:
        EventLoop.idle()
    whole = map_view.sight
    near = whole.zoomed(12.0, 200, 400)

    def frames(at: Any) -> Any:
        took, begun, busy = [], time.perf_counter(), time.process_time()
        while time.perf_counter() - begun < seconds:
            before = time.perf_counter()
            map_view.sight = at(before - begun)
            EventLoop.idle()
            glFinish()
            took.append(time.perf_counter() - before)
        return np.array(took), (time.process_time() - busy) / len(took)

    return {
        "dragged, whole city": frames(lambda t: whole.panned(120 * math.sin(3 * t), 200 * math.cos(2 * t))),
        "dragged, near": frames(lambda t: near.panned(900 * math.sin(t), 900 * math.cos(t))),
        "zoomed in and out": frames(lambda t: whole.zoomed(2.0 ** (4 + 4 * math.sin(1.5 * t - math.pi / 2)), 200, 400)),
    }


def city(defects: int) -> Any:
    """A street grid of 8 km with its defects, a trip through it and the squares of its ends."""
    from mobile_app.privacy import cell_of
    from mobile_app.ui.map import sprites
    from mobile_app.ui.map.content import Content, lines, marks

    rng = np.random.default_rng(5)
    north, east = np.linspace(-0.036, 0.036, 60), np.linspace(-0.054, 0.054, 60)
    streets = [[(MIDDLE[0] + dy, MIDDLE[1] + dx + 2e-5 * rng.normal()) for dx in east] for dy in north]
    streets += [[(MIDDLE[0] + dy, MIDDLE[1] + dx + 2e-5 * rng.normal()) for dy in north] for dx in east]
    way = [[(MIDDLE[0] + 0.02 * math.sin(i / 60), MIDDLE[1] + 0.03 * math.cos(i / 97)) for i in range(600)]]
    places = [(MIDDLE[0] + 0.015 * a, MIDDLE[1] + 0.02 * b) for a, b in rng.normal(size=(defects, 2))]
    severity = rng.exponential(2.0, defects)
    pictures = [
        sprites.number_of("defect" if rng.random() < 0.7 else "doubtful", str(kind)) for kind in rng.choice(KINDS, defects)
    ]
    squares = tuple((500.0, *cell_of(*way[0][at], 500.0)[1:]) for at in (0, -1))
    crowd = marks(places, severity, pictures, 24 + np.minimum(severity, 5) * 2, range(defects))
    return Content(lines(streets), lines(way), squares, crowd)


if __name__ == "__main__":
    main()
