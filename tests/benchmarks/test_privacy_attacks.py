"""The attacks on what is withheld, in small: they find homes behind fixed radii, and not behind cells. Seeded."""

from __future__ import annotations

import warnings
from pathlib import Path

import numpy as np
import pytest

from benchmarks.privacy.measure import DIRECTION, Errors, best, cases, drive, measure
from benchmarks.privacy.schemes import cells
from benchmarks.privacy.world import to_degrees, to_metres
from ingest.api import create_app
from ingest.settings import Settings
from ingest.store import open_store
from mobile_app import wire
from mobile_app.outbox import Outbox
from mobile_app.privacy import Ends
from mobile_app.recorder import ChunkWriter
from mobile_app.uploader import MEDIA_TYPE

LEAST_M = 150.0  # what the best guess must be off by, in the middle of all homes
HOMES = 14


def errors(way: str, rules: Ends, scheme: int = 4, homes: int = HOMES) -> list[Errors]:
    case = list(cases(rules).values())[scheme]
    return list(measure(case, drive(way, homes, np.random.default_rng(7)), np.random.default_rng(7)))


@pytest.fixture(scope="module")
def ours() -> list[Errors]:
    return errors("habits", Ends())


@pytest.mark.parametrize("trips", [5, 20, 100])
def test_no_attack_finds_homes_behind_cells_however_many_trips_there_are(ours, trips):
    assert best(ours, trips).median_m >= LEAST_M, best(ours, trips).attack


def test_where_people_drive_everywhere_the_shape_of_what_is_withheld_still_tells_no_more_than_the_cell():
    found = errors("everywhere", Ends(), homes=10)
    shape = [one.attack for one in found if one.attack not in DIRECTION]
    assert best(found, 100, shape).median_m >= LEAST_M
    assert best(found, 100, list(DIRECTION)).median_m >= 50, "docs/privacy.md says what directions give away"


def test_the_same_attacks_find_homes_behind_fixed_and_random_radii():
    """Else they could not find anything, and prove nothing."""
    for scheme, most_m in ((0, 10), (1, 30), (2, 30)):
        assert best(errors("everywhere", Ends(), scheme), 100).median_m < most_m


@pytest.mark.parametrize("rules", [Ends(cell_m=150.0), Ends.of_cell(200.0)])
def test_smaller_cells_would_fail_here(rules):
    assert best(errors("habits", rules, homes=8), 100).median_m < LEAST_M


def test_what_the_server_stores_of_a_phones_trips_is_what_the_attacks_were_given(tmp_path: Path):
    """The recorder, the upload and the store of real trips: the first place seen is that of the scheme, to a centimetre."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from fastapi.testclient import TestClient
    settings = Settings(tmp_path / "data")
    store = open_store(settings)
    http = TestClient(create_app(settings, store))
    headers = {"Authorization": f"Bearer {http.post('/v1/devices').json()['token']}"}
    (_, trips), *_ = drive("habits", 1, np.random.default_rng(7))
    for number, trip in enumerate(trips[:4]):
        name = f"00000000-0000-4000-8000-00000000000{number}"
        outbox = Outbox(tmp_path / f"outbox{number}")
        writer = ChunkWriter(outbox, name, 1_777_878_720_000_000, ends=Ends())
        for t, xy in enumerate(trip.xy_m):
            writer.location(float(t), *to_degrees(xy), 11.0, None, 5.0)
            for tenth in range(10):
                writer.accelerometer(t + tenth / 10, 0.0, 0.0, 9.8)
        writer.finish()
        for sent, n in list(outbox.pending()):
            path = f"/v1/trips/{sent}/chunks/{n}"
            assert http.put(path, content=outbox.read(sent, n), headers=headers | {"Content-Type": MEDIA_TYPE}).status_code == 201
    for number, trip in enumerate(trips[:4]):
        name = f"00000000-0000-4000-8000-00000000000{number}"
        files = [path.read_bytes() for path in (settings.traces / name[:2] / name).iterdir()]
        held = wire.join(wire.decode(data) for data in files)["location"]
        seen = cells(Ends())(trip, 0, np.random.default_rng(0))
        stored = np.array([to_metres(*place) for place in zip(held["latitude"], held["longitude"], strict=True)])
        np.testing.assert_allclose(stored, seen, atol=0.02)
    store.database.close()
