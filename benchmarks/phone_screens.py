"""`python -m benchmarks.phone_screens OUT`: a picture of every screen in both languages, both themes, at each size of text,
and how long a frame of Live takes. `--density 1` for smaller pictures, `--frames 600` for more frames, `--only home,live`.

Software GL, no screen needed: libgl1, libegl1, libgles2 and libgl1-mesa-dri of Debian.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from array import array
from collections.abc import Callable
from pathlib import Path
from typing import Any

FRAMES = 400
SCALES = (1.0, 2.0)


def _pick_a_defect(page: Any) -> None:
    page.pick(next(one.key for one in page.ids.atlas.view.shown if len(one.members) == 1))


def _unfold(page: Any, unfolded: bool = True) -> None:
    page.opened = page.asking = unfolded


# what else of a screen is pictured: a name, how it begins and how it ends
MOMENTS: dict[str, tuple[tuple[str, Callable[[Any], None], Callable[[Any], None]], ...]] = {
    "map": (
        ("legend", lambda page: page.turn_legend(), lambda page: page.turn_legend()),
        ("card", _pick_a_defect, lambda page: page.pick(None)),
    ),
    "trip": (("deleting", _unfold, lambda page: _unfold(page, False)),),
    "report": (
        ("kind", lambda page: page.choose("lamp"), lambda page: page.choose("")),
        ("place", lambda page: page.open_map(), lambda page: page.close_map()),
    ),
}


def main() -> None:
    options = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    options.add_argument("out", type=Path)
    options.add_argument("--density", default="2", help="pixels a dp")
    options.add_argument("--frames", type=int, default=FRAMES)
    options.add_argument("--only", default="", help="names of screens, with commas between")
    options.add_argument("--frames-only", action="store_true", help=argparse.SUPPRESS)
    chosen = options.parse_args()
    if chosen.frames_only:
        time_frames(chosen.frames)
        return
    os.environ["KIVY_METRICS_DENSITY"] = chosen.density
    with tempfile.TemporaryDirectory() as folder:
        from mobile_app.ui.navigation import PLACES

        names = chosen.only.split(",") if chosen.only else [place.name for place in PLACES]
        photograph(Path(folder), chosen.out, names)
    command = [sys.executable, "-m", "benchmarks.phone_screens", str(chosen.out), "--frames-only", "--frames", str(chosen.frames)]
    subprocess.run(command, env=os.environ | {"KIVY_METRICS_DENSITY": "1"}, check=True)


def time_frames(count: int) -> None:
    """In a window of 412 x 915 pixels, in a process of its own, since a window has one density."""
    with tempfile.TemporaryDirectory() as folder:
        times_ms, busy_ms = frame_times_ms(Path(folder), count)
    p95 = statistics.quantiles(times_ms, n=20)[-1]
    slowest = f"p95 {p95:.1f} ms, longest {max(times_ms):.1f} ms"
    print(f"Live, {len(times_ms)} frames: median {statistics.median(times_ms):.1f} ms, {slowest}", end="")
    print(f"; {busy_ms:.1f} ms of processor each")


def photograph(folder: Path, out: Path, names: list[str]) -> None:
    from benchmarks.phone_home import NOW_S, write_home
    from benchmarks.phone_past import write_past
    from benchmarks.phone_stage import AskingPhone, Stage, StillPhone
    from mobile_app.permissions import Unasked

    trips = write_past(write_home(folder), NOW_S)
    about = {"trip": {"trip_id": trips[1].trip_id}}
    phone = StillPhone(folder)
    with Stage(folder, lambda: NOW_S, phone) as stage:
        for language in ("en", "fr"):
            for theme in ("light", "dark"):
                for scale in SCALES:
                    stage.app.choose(language=language, theme=theme, font_scale=scale)
                    for name in names:
                        phone.permissions = AskingPhone() if name == "permissions" else Unasked()
                        stage.go(name, **about.get(name, {}))
                        stage.photograph_whole(out / f"{name}-{language}-{theme}-{scale:.0%}.png")
                        for label, begin, end in MOMENTS.get(name, ()):
                            begin(stage.app.page)
                            stage.photograph_whole(out / f"{name}_{label}-{language}-{theme}-{scale:.0%}.png")
                            end(stage.app.page)


def frame_times_ms(folder: Path, count: int) -> tuple[list[float], float]:
    """Of Live while samples come in ten times a second, as from a recorder beside it; each a whole frame, drawn and finished.

    Wall clock of each, and the processor's time of one on average: on a busy machine they differ.
    """
    from benchmarks.phone_home import NOW_S, road, write_home
    from benchmarks.phone_stage import Stage
    from mobile_app.ring import RATE_HZ, RingWriter

    home = write_home(folder, language="en", theme="light", font_scale=1.0)
    values, began_s, written, times_ms = road(60.0), time.monotonic(), 0, []
    with RingWriter(home.ring) as ring, Stage(folder, lambda: NOW_S) as stage:
        stage.go("live")
        busy_s = time.process_time()
        while len(times_ms) < count:
            due = int((time.monotonic() - began_s) * RATE_HZ)
            if due - written >= RATE_HZ / 10:
                fresh = array("f", (values[number % len(values)] for number in range(written, due)))
                ring.write(due / RATE_HZ, fresh)
                written = due
            begin_s = time.perf_counter()
            stage.app.page.draw(1 / 30)
            stage.finished_frame()
            times_ms.append((time.perf_counter() - begin_s) * 1e3)
        busy_s = time.process_time() - busy_s
    return times_ms, busy_s / count * 1e3


if __name__ == "__main__":
    main()
