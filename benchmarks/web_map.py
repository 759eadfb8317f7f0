"""How the map page bears a large city: `python -m benchmarks.web_map` prints it, in Debian's Chromium with software rendering.

A real server over SQLite with so many defects; first useful view = defects drawn and listed, from the address's opening on; the
longest pause between two frames while the map is dragged, and the same of a map with nothing on it; how long a filter takes until
list and map show it; bytes on the wire.
"""

from __future__ import annotations

import argparse
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import uvicorn
from playwright.sync_api import Browser, Page, ViewportSize, sync_playwright

from detection import Defects
from ingest.api import create_app
from ingest.settings import Settings
from ingest.store import defects, open_store

# software for WebGL, and as Chromium does itself on a machine without a graphics card, none of it for putting the page together
ARGUMENTS = [
    *("--no-sandbox", "--use-gl=angle", "--use-angle=swiftshader", "--enable-unsafe-swiftshader"),
    *("--disable-gpu-compositing", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-sync"),
]
VIEWS: dict[str, ViewportSize] = {"desk": {"width": 1280, "height": 800}, "phone": {"width": 390, "height": 844}}
VISITS = 5  # the median of so many first views is told
MIDDLE = (47.05, 8.31)
EXTENT_M = 12_000.0  # across: a city of 100 000 defects
DAY_S, FIRST_DAY_S = 86_400.0, 1_776_124_800.0
LISTED = "document.querySelectorAll('.row').length > 3"
USEFUL = """(() => document.querySelectorAll('.row').length > 3 && !!window.cahotMap &&
  cahotMap.queryRenderedFeatures({layers: ['defects', 'dots', 'tiled-dots']}).length > 0)()"""
FRAMES = """() => { const frames = window.frames_ms = []; let last = performance.now();
  const tick = (now) => { frames.push(now - last); last = now; if (frames === window.frames_ms) requestAnimationFrame(tick); };
  requestAnimationFrame(tick); }"""
FILTER = """async () => { const shown = document.querySelector('#shown'); const before = shown.textContent;
  const begun = performance.now();
  document.querySelector('[data-kind=joint]').click();
  const listed = performance.now() - begun;
  await new Promise((done) => cahotMap.once('idle', done));
  return {listed, drawn: performance.now() - begun, changed: shown.textContent !== before}; }"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--defects", type=int, default=100_000)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, city(Path(folder), asked.defects) as address, sync_playwright() as driver:
        chromium = driver.chromium.launch(executable_path="/usr/bin/chromium", args=ARGUMENTS)
        for name, viewport in VIEWS.items():
            seen = [first_view(chromium, viewport, address) for _ in range(VISITS)]
            page = chromium.new_context(viewport=viewport).new_page()
            listed_ms, useful_ms = (float(np.median(times)) for times in zip(*seen, strict=True))
            told = {"listed ms": listed_ms, "first useful view ms": useful_ms, **look(page, address)}
            print(f"{asked.defects} defects, {name}: " + ", ".join(f"{what} {value:.0f}" for what, value in told.items()))
            page.context.close()
        chromium.close()


def first_view(chromium: Browser, viewport: ViewportSize, address: str) -> tuple[float, float]:
    """Until the list is there, and until it and the map are: ms, of a browser that is running and has never been here."""
    page = chromium.new_context(viewport=viewport).new_page()
    page.goto("about:blank")
    page.wait_for_timeout(500)
    begun = time.perf_counter()
    page.goto(address, wait_until="commit")
    wait(page, LISTED)
    listed_ms = (time.perf_counter() - begun) * 1e3
    wait(page, USEFUL)
    first_ms = (time.perf_counter() - begun) * 1e3
    page.context.close()
    return listed_ms, first_ms


def look(page: Page, address: str) -> dict[str, float]:
    """Figures of one visit: ms, and bytes of script that is not MapLibre's."""
    scripts: list[int] = []
    page.on("requestfinished", lambda request: scripts.append(_own_bytes(request)))
    page.goto(address, wait_until="commit")
    wait(page, USEFUL)
    wait(page, "cahotMap.cahotReady && cahotMap.loaded() && !cahotMap.isMoving()")
    wait(page, "/More|updated/.test(document.querySelector('#status').textContent)")
    page.wait_for_timeout(6000)  # what is fetched after the first view, too
    page.evaluate("document.querySelector('#legend').open = true")
    listed = page.evaluate(FILTER)
    page.evaluate("document.querySelector('#legend').open = false")
    return {
        "listed at most": float(page.evaluate("Number(document.querySelector('.list-rows').getAttribute('aria-rowcount'))")),
        "filter listed ms": listed["listed"],
        "filter drawn ms": listed["drawn"],
        "longest frame while panning ms": panned(page),
        "of an empty map ms": panned(page, empty=True),
        "own script bytes on the wire": float(sum(scripts)),
    }


def panned(page: Page, *, empty: bool = False) -> float:
    """The longest pause between two frames while the map is dragged to and fro, ms."""
    if empty:
        page.evaluate("cahotMap.getStyle().layers.forEach(({id}) => cahotMap.setLayoutProperty(id, 'visibility', 'none'))")
    page.wait_for_timeout(1500)
    box = page.viewport_size or VIEWS["desk"]
    x, y = box["width"] * 0.6, box["height"] * 0.4
    page.mouse.move(x, y)
    page.mouse.down()
    page.evaluate(FRAMES)
    for step in range(60):
        page.mouse.move(x + 120 * np.sin(step / 8), y + 60 * np.sin(step / 5))
        page.wait_for_timeout(16)
    longest = page.evaluate("Math.max(...frames_ms.slice(2))")
    page.mouse.up()
    return float(longest)


def wait(page: Page, expression: str) -> None:
    """The page's own policy forbids Playwright's waiting inside the page."""
    end = time.perf_counter() + 60
    while not page.evaluate(expression):
        if time.perf_counter() > end:
            raise TimeoutError(f"{expression}; the page says {page.locator('#status').text_content()!r}")
        time.sleep(0.02)


@contextmanager
def city(folder: Path, count: int) -> Iterator[str]:
    """Address of a real server that knows so many defects."""
    settings = Settings(folder)
    store = open_store(settings)
    made = invented(count)
    with store.database.write() as session:
        defects.replace(session, made, [])
    server = uvicorn.Server(uvicorn.Config(create_app(settings, store), port=0, lifespan="off", log_level="error"))
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        time.sleep(0.02)
    yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}/"
    server.should_exit = True
    thread.join()
    store.database.close()


def invented(count: int, seed: int = 7) -> Defects:
    """Defects on a grid of streets 100 m apart, severities and confidences as a city's."""
    draw = np.random.default_rng(seed)
    along, street = draw.uniform(-0.5, 0.5, count) * EXTENT_M, np.round(draw.uniform(-0.5, 0.5, count) * EXTENT_M / 100) * 100
    turned = draw.random(count) < 0.5
    east, north = np.where(turned, along, street), np.where(turned, street, along)
    passes = draw.integers(4, 60, count)
    hits = draw.binomial(passes, 0.7)
    columns: dict[str, Any] = {
        "id": np.array([f"c{number:06d}" for number in range(count)], object),
        "latitude": MIDDLE[0] + north / 111_320,
        "longitude": MIDDLE[1] + east / (111_320 * np.cos(np.radians(MIDDLE[0]))),
        "kind": draw.choice(5, count, p=[0.1, 0.5, 0.1, 0.2, 0.1]),
        "severity": draw.lognormal(0.8, 0.5, count),
        "confidence": 1 - draw.beta(1, 6, count),
        "hits": hits,
        "passes": passes,
        "devices": np.minimum(passes, draw.integers(3, 12, count)),
        "hit_rate": hits / passes,
        "heading": np.where(turned, 90.0, 0.0),
        "radius": draw.uniform(0.8, 4, count),
        "first_seen": np.full(count, FIRST_DAY_S),
        "last_seen": np.full(count, FIRST_DAY_S + 9 * DAY_S),
        "status": np.zeros(count, int),
        "priority": draw.uniform(0, 5, count),
    }
    return Defects.from_columns({name: columns[name] for name in Defects.empty().columns()})


def _own_bytes(request: Any) -> int:
    own = request.url.endswith((".js", ".mjs")) and "maplibre" not in request.url
    return int(request.sizes()["responseBodySize"]) if own else 0


if __name__ == "__main__":
    main()
