"""Trips whose phones did not withhold their ends: the server does where it is asked to, and keeps nothing else."""

from __future__ import annotations

import uuid
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from callers import Phone, chunks_of, make_chunk
from fastapi.testclient import TestClient
from sqlalchemy import select

from detection import Trace, survey
from detection.simulator import simulate_city, simulate_drive
from ingest import ends, worker
from ingest.api import create_app
from ingest.settings import Settings, Work
from ingest.store import Store, jobs, open_store, trips
from ingest.store.schema import Chunk, DeviceCell, Trip
from mobile_app import wire
from mobile_app.privacy import Cell, Ends, Fix, cell_of, holds, kept_spans, outside_m

RULES = Ends.of_cell(100.0)  # the test's town is 1 km wide


@pytest.fixture(scope="module")
def drive() -> Trace:
    return simulate_drive(simulate_city(5, street_km=6.0), 3, 6, devices=2, duration_s=(300.0, 310.0)).trace


@pytest.fixture
def installation(tmp_path: Path) -> Settings:
    work = Work(retry_s=0.0, settle_s=0.0, settle_s_per_survey=0.0)
    return Settings(tmp_path / "data", work=work, ends=RULES, enforce_cut=True)


def work_off(store: Store, installation: Settings) -> None:
    while worker.work_once(store, installation):
        pass


def fixes_of(trace: Trace) -> list[Fix]:
    columns = (trace.fixes.t_s, trace.fixes.latitude_deg, trace.fixes.longitude_deg, trace.fixes.accuracy_m)
    return [Fix(*row) for row in zip(*(column.tolist() for column in columns), strict=True)]


def stored(store: Store, trip: str) -> list[bytes]:
    folder = store.objects._folder / trip[:2] / trip
    return [path.read_bytes() for path in sorted(folder.glob("*"), key=lambda p: int(p.name.partition("-")[0]))]


def test_what_is_kept_of_a_trip_that_came_whole_has_no_ends(http, store, installation, phone, drive):
    trip = phone.send(drive)
    assert len(stored(store, trip)) == 6, "raw until its first processing: what is acknowledged must outlast a kill"
    work_off(store, installation)
    chunks = [wire.decode(data) for data in stored(store, trip)]
    spans, cells = kept_spans(fixes_of(drive), RULES)
    assert len(cells) == 2
    assert spans
    for chunk in chunks:
        assert chunk.withheld == (100, 40)
        at_s = (chunk.started_at_us - round(drive.started_at_s * 1e6)) / 1e6 + chunk.accelerometer.t_s
        assert all(holds(spans, round(t, 6)) for t in at_s.tolist())
        for latitude, longitude in zip(*(chunk.location.columns[n] for n in ("latitude", "longitude")), strict=True):
            assert all(outside_m(cell, latitude, longitude) > RULES.margin_m for cell in cells)
    assert phone.trip(trip).json()["state"] == "processed"
    with store.database.read() as session:
        assert {Cell(*row) for row in session.execute(ends._CELLS)} == cells


def test_jolts_outside_the_ends_are_found_as_in_the_whole_trip_and_none_at_a_seam(http, store, installation, phone, drive):
    trip = phone.send(drive)
    whole = survey(drive).jolts
    work_off(store, installation)
    with store.database.read() as session:
        from ingest.store import surveys

        (kept,) = surveys.load_all(session)
    spans, _ = kept_spans(fixes_of(drive), RULES)
    at_s = kept.jolts.t_s + kept.started_at_s - drive.started_at_s
    expected = [t for t in whole.t_s.tolist() if holds(spans, t - 1) and holds(spans, t + 1)]
    assert len(expected) >= 3
    assert sum(np.abs(at_s - t).min() < 0.3 for t in expected) >= 0.8 * len(expected)
    invented = [t for t in at_s.tolist() if np.abs(whole.t_s - t).min() > 0.3]
    assert len(invented) <= 1, "the trip's own background is another when a part of it is missing"
    assert trip == kept.trip_id


def test_a_cut_that_was_made_here_is_a_cut_as_the_phone_makes_it(http, store, installation, phone, drive, tmp_path):
    """The same samples on both ways, to the precision of the format that the server read them from."""
    from ingest.commands.replaying import replay
    from mobile_app.outbox import Outbox

    trip = phone.send(drive)
    work_off(store, installation)
    outbox = Outbox(tmp_path / "outbox")
    replay(drive, outbox, trip, RULES)
    here = wire.join(wire.decode(data) for data in stored(store, trip))
    there = wire.join(wire.decode(outbox.read(*chunk) or b"") for chunk in outbox.pending())
    np.testing.assert_allclose(here["started_at"], there["started_at"], atol=1e-5)
    np.testing.assert_allclose(here["accelerometer"][0], there["accelerometer"][0], atol=2e-6)
    np.testing.assert_allclose(here["accelerometer"][1], there["accelerometer"][1], atol=2e-3)


def test_what_was_sent_before_is_known_again_after_the_cut_and_other_bytes_are_a_conflict(
    http, store, installation, phone, drive
):
    trip = phone.send(drive)
    work_off(store, installation)
    sent = chunks_of(drive, trip)
    assert [phone.put(trip, n, data).status_code for n, data in enumerate(sent)] == [200] * len(sent)
    assert phone.finish(trip, len(sent)).status_code == 202
    assert phone.put(trip, 0, make_chunk(trip, 0)).status_code == 409
    assert all(wire.decode(data).withheld for data in stored(store, trip)), "a repeat brings nothing back"


def test_working_again_does_not_cut_again(http, store, installation, phone, drive):
    trip = phone.send(drive)
    work_off(store, installation)
    before = stored(store, trip)
    with store.database.write() as session:
        jobs.request_survey(session, trip, 0.0)
    work_off(store, installation)
    assert stored(store, trip) == before


@pytest.mark.parametrize("step", ["put", "rows", "raw objects"])
def test_a_worker_that_dies_while_cutting_is_followed_by_one_that_ends_it(
    http, store, installation, phone, drive, monkeypatch, step
):
    trip = phone.send(drive)
    patched = {
        "put": (type(store.objects), "put"),
        "rows": (ends, "_swap_rows"),
        "raw objects": (type(store.objects), "keep_only"),
    }

    def dies(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(*patched[step], dies)
    with pytest.raises(KeyboardInterrupt):
        worker.work_once(store, installation)
    monkeypatch.undo()
    with store.database.write() as session:
        for job in session.scalars(select(jobs.Job)):
            job.lease_until = 0.0
    work_off(store, installation)
    assert phone.trip(trip).json()["state"] == "processed"
    assert all(wire.decode(data).withheld for data in stored(store, trip))


def test_a_trip_wholly_inside_is_processed_and_nothing_of_it_is_kept(http, store, installation, phone, trip_id):
    phone.put(trip_id, 0, make_chunk(trip_id, 0))
    phone.finish(trip_id, 1)
    work_off(store, installation)
    told = phone.trip(trip_id).json()
    assert (told["state"], told["jolts"]) == ("processed", 0)
    assert "nothing of it is kept" in told["reason"]
    assert stored(store, trip_id) == []


def test_a_home_at_the_edge_of_its_cell_is_one_cell_in_all_trips(http, store, installation, phone, drive):
    """Both ends move by a few metres from trip to trip; the server remembers the cells of the first."""
    for shift_m in (0.0, 9.0, -9.0):
        fixes = replace(drive.fixes, latitude_deg=drive.fixes.latitude_deg + shift_m / 111_195)
        phone.send(replace(drive, trip_id=f"shifted by {shift_m}", fixes=fixes))
        work_off(store, installation)
    with store.database.read() as session:
        assert len(session.execute(select(DeviceCell)).all()) <= 3


def test_by_default_the_server_leaves_whole_trips_as_they_came(tmp_path, drive):
    settings = Settings(tmp_path / "default", work=Work(retry_s=0.0, settle_s=0.0, settle_s_per_survey=0.0))
    store = open_store(settings)
    phone = Phone.enrol(TestClient(create_app(settings, store)))
    trip = phone.send(drive)
    before = stored(store, trip)
    work_off(store, settings)
    assert stored(store, trip) == before
    wanted = phone.send(replace(drive, trip_id="by an app that cannot cut"))
    with store.database.write() as session:
        trips.want_cut(session, wanted)
    work_off(store, settings)
    assert all(wire.decode(data).withheld == (500, 200) for data in stored(store, wanted))
    assert len(stored(store, wanted)) < len(before)
    store.database.close()


def test_a_cut_that_the_chunks_declare_is_not_made_again(http, store, installation, phone, drive):
    trip = str(uuid.uuid4())
    data = wire.decode(chunks_of(drive, trip)[0])
    as_lists = {"t": data.accelerometer.t_s.tolist(), **{a: data.accelerometer.columns[a].tolist() for a in "xyz"}}
    told = wire.encode(trip, 0, data.started_at_us, as_lists, withheld=wire.Withheld(100, 40))
    phone.put(trip, 0, told)
    phone.finish(trip, 1)
    work_off(store, installation)
    assert stored(store, trip) == [told]
    assert ends.must_cut([replace(wire.decode(told), withheld=wire.Withheld(90, 40))], RULES), "by smaller cells is not enough"


def test_the_columns_of_a_trip_without_fixes_have_no_part_that_may_be_kept():
    parts = {"accelerometer": (np.arange(9.0), np.zeros((9, 3))), "gyroscope": None, "location": None, "started_at": 0.0}
    assert ends.cut(parts, RULES) == ends.Cut(None, set())


def test_rows_and_objects_agree_after_a_cut(http, store, installation, phone, drive):
    trip = phone.send(drive)
    work_off(store, installation)
    with store.database.read() as session:
        for number, sha256, size in session.execute(select(Chunk.number, Chunk.sha256, Chunk.size)):
            assert len(store.objects.get(trip, number, sha256)) == size
        assert session.get(Trip, trip).cut == "done"
    assert cell_of(0.0, 0.0, 100.0) == Cell(100.0, 0, 0)
