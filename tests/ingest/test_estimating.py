"""Defects of the tiles that trips touched, through the real store: the same as estimating everything at once."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from callers import Phone
from fastapi.testclient import TestClient
from hypothesis import given
from hypothesis import settings as rounds
from hypothesis import strategies as st
from sqlalchemy import delete, select, update

from detection import KINDS, Defects, Survey, survey
from detection.assets import Assets
from detection.calibration import calibrate
from detection.estimate import Nature, find_defects_in
from detection.priority import prioritised
from detection.simulator import simulate_city, simulate_drives
from ingest import estimating, worker
from ingest.history import count_days
from ingest.settings import Settings, Work
from ingest.store import Store, assets, calibrations, crossings, defects, jobs, open_store, surveys, tiles
from ingest.store.joined import Said
from ingest.store.schema import AssetRow, CalibrationRow, Defect, DefectDay, Device, SurveyTile, Trip
from tests.detection.street_drives import drive

AT_ONCE = Work(retry_s=0.0, settle_s=0.0, settle_s_per_survey=0.0)
NOTHING_TOLD = Nature(*np.zeros((4, 1)), *np.full((3, 1), np.nan))
ONE_EPOCH = replace(AT_ONCE, renew_share=100.0)  # only the first estimate is of everything


@pytest.fixture(scope="module")
def driven() -> list[Survey]:
    """Real surveys of a little city on the corner of tiles, and one of another town."""
    city = simulate_city(5, street_km=5.0)
    made = [survey(d.trace) for d in simulate_drives(city, 12, 6, devices=5, duration_s=(200.0, 220.0))]
    away = simulate_city(5, street_km=1.0, origin=(48.5, 11.9))
    return made + [survey(d.trace) for d in simulate_drives(away, 2, 7, devices=5, duration_s=(60.0, 70.0))]


@pytest.fixture
def installation(tmp_path: Path, database_url: str) -> Settings:
    return Settings(tmp_path / "data", database_url, k=2, work=ONE_EPOCH)


def add(store: Store, *arriving: Survey) -> None:
    """As the worker stores them."""
    with store.database.write() as session:
        for one in arriving:
            if session.get(Device, one.device) is None:
                session.add(Device(id=one.device, token_sha256=str(one.device), created_at=0.0))
                session.flush()
            if session.get(Trip, one.trip_id) is None:
                session.add(Trip(id=one.trip_id, device_id=one.device, state="queued", created_at=0.0))
                session.flush()
            worker._store_survey(session, one)
        jobs.request_estimate(session, 0.0)


def work_off(store: Store, installation: Settings) -> None:
    for _ in range(100):
        if not worker.work_once(store, installation):
            return
    raise AssertionError("the backlog does not end")


def in_order(held: Defects) -> Defects:
    return held[np.lexsort((held.heading, held.longitude, held.latitude))]


def check(store: Store, k: int) -> Defects:
    """What is stored is what everything together gives by the same calibration, histories too."""
    with store.database.read() as session:
        known, epoch, stored = surveys.load_all(session), calibrations.load(session), in_order(defects.load(session))
        days = [
            {c: getattr(d, c) for c in ("defect_id", "day", "passes", "hits", "devices")}
            for d in session.scalars(select(DefectDay))
        ]
        assert tiles.stale(session) == {}
    assert epoch.calibration is not None
    whole = in_order(Defects.concatenate(find_defects_in(None, known, epoch.calibration).values()))
    whole = prioritised(whole, known)
    for name in set(whole.columns()) - {"id", "status"}:
        np.testing.assert_array_equal(getattr(stored, name), getattr(whole, name), err_msg=name)
    expected = count_days(replace(whole, id=stored.id), known, k)
    assert sorted(days, key=repr) == sorted(expected, key=repr)
    return stored


@pytest.fixture(scope="module")
def stores(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    store = open_store(Settings(tmp_path_factory.mktemp("shared") / "data"))
    yield store
    store.database.close()


@given(st.lists(st.lists(st.integers(0, 13), min_size=1, max_size=4), min_size=2, max_size=5), st.booleans())
@rounds(max_examples=8, deadline=None)
def test_trips_in_any_batches_and_order_give_what_everything_together_gives(
    stores: Store, driven: list[Survey], batches: list[list[int]], epochs: bool
) -> None:
    with stores.database.write() as session:
        session.execute(delete(Device))
        session.execute(delete(Defect))
        tiles.unmark(session, tiles.stale(session))
        session.execute(update(CalibrationRow).values(arrays=None, surveys=0, since=0))
    rules = Settings(Path("unused"), k=2, work=AT_ONCE if epochs else ONE_EPOCH)
    for batch in batches:
        add(stores, *(driven[i] for i in batch))
        work_off(stores, rules)
        check(stores, rules.k)


def test_the_city_lies_on_several_tiles_and_has_defects(store: Store, installation: Settings, driven: list[Survey]) -> None:
    add(store, *driven)
    work_off(store, installation)
    assert len(check(store, installation.k)) > 15
    with store.database.read() as session:
        assert crossings.page(session, 1, None), "and crossings between its streets"
        assert len(set(session.scalars(select(Defect.tile)))) > 2
        assert len(session.scalars(select(DefectDay)).all()) > 15


@pytest.mark.both_databases
def test_holes_and_humps_are_told_with_their_size_and_nothing_else_is(
    store: Store, installation: Settings, driven: list[Survey]
) -> None:
    add(store, *driven)
    work_off(store, installation)
    with store.database.read() as session:
        held = defects.load(session)
        sizes = {name: defects.facts(session, name)["size"] for name in held.id.tolist()}
    sized = [size for size in sizes.values() if size]
    assert len(sized) > 3
    assert all(0.005 < size["low"] < size["m"] < size["high"] < 1.0 for size in sized)
    kinds = {name: KINDS[code] for name, code in zip(held.id.tolist(), held.kind.tolist(), strict=True)}
    assert {kinds[name] for name, size in sizes.items() if size} <= {"pothole", "speed_bump"}


def test_only_surveys_of_the_touched_tiles_are_read(
    store: Store, installation: Settings, driven: list[Survey], monkeypatch: pytest.MonkeyPatch
) -> None:
    add(store, *driven[:-1])
    work_off(store, installation)
    with store.database.read() as session:
        before = dict(session.execute(select(Defect.id, Defect.tile)).all())
    read = []
    monkeypatch.setattr(surveys, "unpack", lambda *row, own=surveys.unpack: read.append(row[0]) or own(*row))
    add(store, driven[-1])
    work_off(store, installation)
    assert sorted(read) == sorted(s.trip_id for s in driven[-2:])
    with store.database.read() as session:
        after = dict(session.execute(select(Defect.id, Defect.tile)).all())
        touched = set(session.scalars(select(SurveyTile.tile).where(SurveyTile.trip_id == driven[-1].trip_id)))
    assert {i: t for i, t in after.items() if t not in touched} == {i: t for i, t in before.items() if t not in touched}


def test_a_survey_made_anew_leaves_the_tiles_it_touched(store: Store, installation: Settings, driven: list[Survey]) -> None:
    add(store, *driven)
    work_off(store, installation)
    add(store, replace(driven[-1], trip_id=driven[0].trip_id, device=driven[0].device))
    work_off(store, installation)
    check(store, installation.k)


@pytest.mark.both_databases
def test_an_estimate_that_is_lost_on_its_way_to_the_disk_is_made_again(
    store: Store, installation: Settings, driven: list[Survey], monkeypatch: pytest.MonkeyPatch
) -> None:
    add(store, *driven[:8])
    work_off(store, installation)
    add(store, *driven[8:])

    def cut_off(*_: object) -> None:
        raise RuntimeError("killed")

    with monkeypatch.context() as patched:
        patched.setattr(tiles, "unmark", cut_off)  # the last thing of the transaction
        assert worker.work_once(store, installation)
    with store.database.read() as session:
        assert tiles.stale(session)
    work_off(store, installation)
    check(store, installation.k)


@pytest.mark.both_databases
def test_a_trip_that_arrives_during_an_estimate_is_in_the_next_one(
    store: Store, installation: Settings, driven: list[Survey]
) -> None:
    add(store, *driven[:8])
    work_off(store, installation)
    add(store, *driven[8:10])
    storing = estimating.estimate(store, installation, time.time())
    add(store, *driven[10:])
    with store.database.write() as session:
        storing(session)
        assert tiles.stale(session)
    work_off(store, installation)
    check(store, installation.k)


@pytest.mark.both_databases
def test_a_calibration_that_expires_while_it_is_made_does_not_count(
    store: Store, installation: Settings, driven: list[Survey]
) -> None:
    add(store, *driven)
    storing = estimating.estimate(store, installation, time.time())
    with store.database.write() as session:
        calibrations.expire(session)
    with store.database.write() as session:
        storing(session)
        assert calibrations.load(session).calibration is None
    work_off(store, installation)
    check(store, installation.k)


def test_a_calibration_comes_back_from_the_database_to_the_last_bit(driven: list[Survey]) -> None:
    made = calibrate(driven)
    again = calibrations.unpack(calibrations.pack(made))
    for name, column in made.devices.columns().items():
        np.testing.assert_array_equal(getattr(again.devices, name), column)
    for name in ("exponent", "exponent_se", "sigma"):
        np.testing.assert_array_equal(getattr(again, name), getattr(made, name))


def test_an_epoch_ends_when_a_fifth_more_trips_have_come(store: Store, installation: Settings, driven: list[Survey]) -> None:
    rules = replace(installation, work=AT_ONCE)
    made = []
    for one in driven[:12]:
        add(store, one)
        work_off(store, rules)
        with store.database.read() as session:
            made.append(calibrations.load(session).surveys)
    assert made == [1, 2, 3, 4, 5, 6, 6, 8, 8, 10, 10, 12]
    check(store, installation.k)


def test_what_no_later_trip_brings_about_is_renewed_after_an_hour(
    store: Store, installation: Settings, driven: list[Survey]
) -> None:
    add(store, *driven[:10])
    work_off(store, installation)
    add(store, driven[10])
    work_off(store, installation)
    for age_s, late in ((3500.0, False), (3700.0, True)):
        with store.database.write() as session:
            session.execute(update(CalibrationRow).values(made_at=time.time() - age_s))
        estimating.request_if_late(store, installation.work, time.time())
        assert worker.work_once(store, installation) == late
    with store.database.read() as session:
        epoch = calibrations.load(session)
    assert (epoch.surveys, epoch.since) == (11, 0)
    with store.database.write() as session:
        session.execute(update(CalibrationRow).values(made_at=0.0))
    estimating.request_if_late(store, installation.work, time.time())  # nothing new came
    assert not worker.work_once(store, installation)


def test_surveys_stored_by_a_cahot_without_tiles_are_estimated_when_a_worker_starts(
    store: Store, installation: Settings, driven: list[Survey]
) -> None:
    add(store, *driven)
    with store.database.write() as session:  # as the migration finds an installation
        session.execute(delete(SurveyTile))
        tiles.unmark(session, tiles.stale(session))
        session.execute(delete(worker.jobs.Job))
    answers = iter([False] * 6)
    worker.run(store, installation, lambda _: next(answers, True))
    assert len(check(store, installation.k)) > 15
    add(store, driven[0])
    work_off(store, installation)
    check(store, installation.k)


@pytest.mark.both_databases
def test_an_erased_device_leaves_nothing_behind(http: TestClient, store: Store, installation: Settings, tmp_path: Path) -> None:
    city = simulate_city(5, street_km=1.5)
    drives = [d.trace for d in simulate_drives(city, 6, 6, devices=3, duration_s=(150.0, 160.0))]
    phones = {name: Phone.enrol(http) for name in sorted({str(trace.device) for trace in drives})}
    for trace in drives:
        phones[str(trace.device)].send(trace)
    work_off(store, installation)
    gone = phones.pop(str(drives[0].device))
    assert http.delete("/v1/devices/me", headers=gone.headers).status_code == 204
    assert http.delete("/v1/devices/me", headers=gone.headers).status_code == 401
    with store.database.read() as session:
        assert calibrations.load(session).calibration is None
    work_off(store, installation)
    stored = check(store, installation.k)
    left = [trace for trace in drives if str(trace.device) in phones]
    with store.database.read() as session:
        epoch, trips = calibrations.load(session), session.scalars(select(Trip.id)).all()
        assert gone.device_id not in epoch.calibration.devices.device
        assert len(epoch.calibration.devices) == 2
        assert len(trips) == len(left) < len(drives)
    folders = {path.name for path in (installation.data / "traces").glob("??/*")}
    assert folders == set(trips)
    alone = Settings(tmp_path / "other", k=2, work=ONE_EPOCH)
    from ingest.api import create_app

    other = open_store(alone)
    fresh = TestClient(create_app(alone, other))
    again = {name: Phone.enrol(fresh) for name in phones}
    for trace in left:
        again[str(trace.device)].send(trace)
    work_off(other, alone)
    expected = check(other, alone.k)
    other.database.close()
    for name in set(expected.columns()) - {"id"}:
        np.testing.assert_allclose(getattr(stored, name), getattr(expected, name), rtol=1e-6, err_msg=name)


def test_a_neighbour_in_another_tile_takes_the_jolts_that_are_nearer_to_it() -> None:
    """Two holes 15 m apart: a hit's reach is 14 m, so either would be given some of the other's jolts."""
    trips = [drive(f"t{i}", hits=[300.0], device=f"d{i}", started_at_s=1e9) for i in range(3)]
    (here,) = (found for found in find_defects_in(None, trips, calibrate(trips)).values())
    ahead = replace(here, latitude=here.latitude + 9.0 / 111_200.0, id=np.array(["ahead"], object))
    behind = replace(here, latitude=here.latitude - 6.0 / 111_200.0, id=np.array(["behind"], object))
    alone = estimating._passed(ahead, Defects.empty(), trips, [], 2, Said(), NOTHING_TOLD).days
    beside = estimating._passed(ahead, behind, trips, [], 2, Said(), NOTHING_TOLD).days
    assert [(day["defect_id"], day["passes"], day["hits"]) for day in alone] == [("ahead", 3, 3)]
    assert [(day["defect_id"], day["passes"], day["hits"]) for day in beside] == [("ahead", 3, 0)]


@pytest.mark.both_databases
def test_the_lease_of_an_estimate_lasts_longer_the_more_it_has_to_read(
    store: Store, installation: Settings, driven: list[Survey], monkeypatch: pytest.MonkeyPatch
) -> None:
    add(store, *driven)
    leases = []

    def looked_at(*_: object) -> estimating.Storing:
        with store.database.read() as session:
            leases.append(session.get_one(worker.jobs.Job, jobs.ESTIMATE).lease_until - time.time())
        return lambda session: None

    monkeypatch.setattr(worker, "estimate", looked_at)
    assert worker.work_once(store, installation)
    rules = installation.work
    assert leases[0] == pytest.approx(rules.lease_s + rules.lease_s_per_survey * len(driven), abs=1.0)
    assert rules.lease_s_per_survey * len(driven) > 2.0


def known_things(found: Defects, which: slice) -> Assets:
    held = found[which]
    nowhere, count = np.full(len(held), np.nan), len(held)
    names = np.array([f"rails{i}" for i in range(count)], object)
    return Assets(names, held.latitude, held.longitude, np.full(count, 2, np.int8), nowhere, np.full(count, 3.0))


@pytest.mark.both_databases
def test_known_assets_are_joined_in_every_estimate_and_let_go_when_they_are_taken_away(
    store: Store, installation: Settings, driven: list[Survey]
) -> None:
    add(store, *driven[:10])
    work_off(store, installation)
    with store.database.read() as session:
        before = defects.load(session)
    soft = before[before.severity < 6.0]
    city = known_things(soft, slice(0, 5))

    def give(given: Assets) -> bool:
        with store.database.write() as session:
            return assets.replace(session, given, 0.0)

    assert give(city)
    assert not give(city)
    work_off(store, installation)
    add(store, *driven[10:])  # some tiles only
    work_off(store, installation)
    with store.database.read() as session:
        joined = defects.load(session)
        assert np.array_equal(assets.load(session).latitude, city.latitude)
    on = np.array([str(name).startswith("rails") for name in joined.id])
    assert on.sum() >= 3
    assert set(joined.status[on].tolist()) == {4}
    assert not (joined.status[~on] == 4).any()
    assert np.isin(joined.latitude[on], city.latitude).all()
    assert give(Assets.empty())
    work_off(store, installation)
    with store.database.read() as session:
        assert session.scalars(select(AssetRow.id)).all() == []
        assert set(defects.load(session).status.tolist()) == {0}
    check(store, installation.k)
