"""The page as `cahot serve` delivers it: the real application over a populated store, with its own headers."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import numpy as np
import pytest
import town
import uvicorn
from town_server import TownServer
from visit import Visit, Visitor

from benchmarks import web_map
from detection import Defects
from detection.columns import KINDS
from ingest.api import create_app
from ingest.settings import Settings
from ingest.store import Store, common_tracks, defects, open_store

DAY_S = 86_400.0
HEAP = """(() => { const heaps = cahotMap.queryRenderedFeatures({layers: ['tiled-dots']}).filter((f) => f.properties.count > 1);
  const free = ({x, y}) => x > 450 && x < 850 && y > 100 && y < 500;
  const at = heaps.map((f) => cahotMap.project(f.geometry.coordinates)).find(free);
  return [at.x, at.y]; })()"""
FIRST_DAY_S = 1_776_124_800.0  # 2026-04-14


@pytest.fixture
def real_server(tmp_path: Path) -> Iterator[str]:
    """Address of the application over the town's defects and streets."""
    with serving(Settings(tmp_path)) as address:
        yield address


@contextmanager
def serving(settings: Settings, held: Defects | None = None) -> Iterator[str]:
    store = open_store(settings)
    _populate(store)
    if held is not None:
        with store.database.write() as session:
            defects.replace(session, held, [])
    config = uvicorn.Config(create_app(settings, store), port=0, lifespan="off", log_level="error", timeout_graceful_shutdown=1)
    server = uvicorn.Server(config)  # pages that are still open hold a live stream
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        assert thread.is_alive(), "the server did not start"
        time.sleep(0.02)
    yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}/"
    server.should_exit = True
    thread.join()
    store.database.close()


def test_the_real_server_fills_the_map_and_tells_a_history(real_server: str, visit: Visitor) -> None:
    visitor = visit(real_server).drawn()
    assert len(visitor.shown()) == 38
    assert visitor.status().startswith("38 defects on 27.8 km")
    visitor.page.get_by_role("button", name="Next defect").click()
    visitor.page.locator("#detail .chart").wait_for()
    assert visitor.page.locator("#detail .chart-hits").count() == 3  # the days of _days
    visitor.page.wait_for_timeout(500)


def test_a_city_too_large_to_be_held_is_drawn_from_tiles_from_afar_and_its_defects_from_near(
    tmp_path: Path, visit: Visitor
) -> None:
    with serving(Settings(tmp_path), web_map.invented(30_000)) as address:
        visitor = visit(address).drawn()
        visitor.until("cahotMap.queryRenderedFeatures({layers: ['tiled-dots']}).length > 100")
        visitor.until("cahotMap.queryRenderedFeatures({layers: ['dots', 'defects']}).length === 0", "one or the other")
        visitor.until(lambda: visitor.status().startswith("More than 5,000"))
        kinds = (
            "[...new Set(cahotMap.queryRenderedFeatures({layers: ['tiled-dots']}).map((f) => f.properties.kind))].sort().join()"
        )
        assert visitor.page.evaluate(kinds) == ",".join(sorted(KINDS))
        visitor.page.locator("#legend summary").click()
        visitor.page.locator("[data-kind=joint]").uncheck()
        visitor.until(f"{kinds} === {json.dumps(','.join(sorted(set(KINDS) - {'joint'})))}", "joints are hidden at once")
        visitor.page.locator("#legend summary").click()
        zoom = visitor.page.evaluate("cahotMap.getZoom()")
        heap = visitor.page.evaluate(HEAP)
        visitor.page.mouse.click(*heap)
        visitor.until(f"cahotMap.getZoom() > {zoom + 1.9}", "a point that stands for several is looked into")
        visitor.page.evaluate("cahotMap.jumpTo({center: [8.31, 47.05], zoom: 15.5})")
        visitor.until(lambda: len(visitor.shown()) > 20, "from near each stands for itself")
        assert visitor.page.evaluate("cahotMap.queryRenderedFeatures({layers: ['tiled-dots', 'tiled-defects']}).length") == 0
        visitor.page.close()  # before the server: its stream would be cut


def test_in_a_large_city_a_street_or_an_area_is_asked_for_by_itself_and_told_wholly(tmp_path: Path, visit: Visitor) -> None:
    town_of = web_map.invented(30_000)
    with serving(Settings(tmp_path), town_of) as address:
        visitor = visit(address).drawn()
        visitor.until(lambda: visitor.status().startswith("More than 5,000"))
        metres = 111_195.0 * np.abs(town_of.latitude - 47.05)
        on_it = (metres <= 15.0) & (np.abs(town_of.longitude - 8.31) <= 0.02)
        assert 10 < on_it.sum() < 1000
        visitor.page.evaluate("location.hash = 'street=8.29,47.05;8.31,47.05;8.33,47.05'")
        visitor.until(lambda: _shown(visitor) == int(on_it.sum()), "all that lies on it, not only the most urgent of the view")
        visitor.until(lambda: len(visitor.shown()) == int(on_it.sum()), "drawn each for itself")
        within = (np.abs(town_of.latitude - 47.05) < 0.002) & (np.abs(town_of.longitude - 8.31) < 0.004)
        assert 10 < within.sum() < 5000
        visitor.page.evaluate("location.hash = 'area=8.306,47.048;8.314,47.048;8.314,47.052;8.306,47.052'")
        visitor.until(lambda: _shown(visitor) == int(within.sum()), "all that lies in it")
        visitor.page.evaluate("location.hash = ''")
        visitor.until(lambda: visitor.status().startswith("More than 5,000"))
        visitor.until("cahotMap.queryRenderedFeatures({layers: ['tiled-dots']}).length > 100")
        visitor.page.close()  # before the server: its stream would be cut


def _shown(visitor: Visit) -> int:
    return int(visitor.page.locator("#shown").inner_text().split()[0].replace(",", ""))


def test_the_real_policy_lets_in_no_script_worker_or_frame_from_elsewhere(real_server: str) -> None:
    policy = httpx.get(real_server).headers["content-security-policy"]
    rules = {name: words for name, *words in (rule.split() for rule in policy.split(";"))}
    assert rules["default-src"] == ["'none'"]
    for name in ("script-src", "style-src", "worker-src", "connect-src"):
        assert rules[name] == ["'self'"], name
    assert rules["img-src"] == ["'self'", "data:"]
    assert rules["frame-ancestors"] == rules["base-uri"] == ["'none'"]


def test_tiles_of_another_server_are_let_in_where_they_are_configured(
    tmp_path: Path, town_server: TownServer, visit: Visitor
) -> None:
    with serving(
        Settings(tmp_path, tile_url=f"{town_server.url}tile/{{z}}/{{x}}/{{y}}.png", attribution="Survey office")
    ) as address:
        visitor = visit(address, forgive=True).drawn()
        assert any(path.startswith("/tile/") for path in town_server.asked)
        assert [complaint for complaint in visitor.complaints if not complaint.startswith("request to")] == []


def test_the_page_is_small_over_the_wire(real_server: str) -> None:
    """Own files within 110 kB gzipped (both languages; a visitor loads one), MapLibre within 460 kB: what a phone has to load."""
    static = Path(create_app.__code__.co_filename).parents[1] / "static"
    files = [
        path.relative_to(static).as_posix() for path in static.rglob("*.*") if path.suffix in (".html", ".css", ".js", ".mjs")
    ]
    sizes = {name: _bytes_on_the_wire(real_server + name) for name in files}
    assert sum(size for name, size in sizes.items() if "vendor" not in name) < 110_000
    assert sum(size for name, size in sizes.items() if "vendor" in name) < 460_000


def _bytes_on_the_wire(url: str) -> int:
    with httpx.stream("GET", url, headers={"Accept-Encoding": "gzip"}) as response:
        assert response.status_code == 200, url
        return sum(len(part) for part in response.iter_raw())


def _populate(store: Store) -> None:
    features = town.defects()["features"]
    columns = {name: [feature["properties"].get(name) for feature in features] for name in Defects.empty().columns()}
    columns |= {
        "longitude": [feature["geometry"]["coordinates"][0] for feature in features],
        "latitude": [feature["geometry"]["coordinates"][1] for feature in features],
        "kind": [KINDS.index(kind) for kind in columns["kind"]],
        "heading": [np.nan if heading is None else heading for heading in columns["heading"]],
        "first_seen": [FIRST_DAY_S] * len(features),
        "last_seen": [FIRST_DAY_S + 9 * DAY_S] * len(features),
        "status": [0] * len(features),
    }
    with store.database.write() as session:
        defects.replace(session, Defects.from_columns(columns), [day for feature in features for day in _days(feature)])
        common_tracks.replace(session, [_row(number, street) for number, street in enumerate(town.tracks()["features"])])


def _days(feature: dict) -> list[dict]:
    days = (FIRST_DAY_S, FIRST_DAY_S + 2 * DAY_S, FIRST_DAY_S + 9 * DAY_S)
    return [{"defect_id": feature["properties"]["id"], "day": day, "passes": 4, "hits": 3, "devices": 3} for day in days]


def _row(number: int, street: dict) -> dict:
    line = np.array(street["geometry"]["coordinates"])
    (west, south), (east, north) = line.min(0).tolist(), line.max(0).tolist()
    box = {"west": west, "south": south, "east": east, "north": north}
    return {"id": number, **box, "devices": 3, **street["properties"], "line": json.dumps(line.tolist())}
