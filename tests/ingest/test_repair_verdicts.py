"""What crews say must outlive estimates, and passes judge whether repairs hold: through the real store and estimate."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import city
import numpy as np
import pytest
from fastapi.testclient import TestClient

from detection import Survey
from ingest import estimating, worker
from ingest.settings import Settings, Work
from ingest.store import Store, audit, defects, jobs, marks, surveys
from ingest.store.schema import Device, Trip
from tests.detection.street_drives import drive

AT_ONCE = Work(retry_s=0.0, settle_s=0.0, settle_s_per_survey=0.0, renew_share=100.0)
DAY_S = 86_400.0


@pytest.fixture
def installation(tmp_path: Path) -> Settings:
    return Settings(tmp_path / "data", k=2, work=AT_ONCE)


def arrive(store: Store, installation: Settings, *trips: Survey) -> None:
    """As the worker stores and estimates them."""
    with store.database.write() as session:
        for one in trips:
            if session.get(Device, one.device) is None:
                session.add(Device(id=one.device, token_sha256=str(one.device), created_at=0.0))
                session.flush()
            session.add(Trip(id=one.trip_id, device_id=one.device, state="queued", created_at=0.0))
            session.flush()
            worker._store_survey(session, one)
        jobs.request_estimate(session, 0.0)
    while worker.work_once(store, installation):
        pass


def passing(numbers: range, hits: list[float], day: float) -> list[Survey]:
    """One trip a number, each by a device of its own, `day` days from now."""
    now = time.time()
    return [drive(f"t{n:03d}", hits=hits, device=f"d{n:03d}", started_at_s=now + day * DAY_S + n * 60) for n in numbers]


@pytest.fixture
def hole(http: TestClient, store: Store, installation: Settings) -> tuple[str, str]:
    """The id of a defect that ten devices hit yesterday and before, and the token of a crew."""
    arrive(store, installation, *passing(range(10), [300.0], -2.0))
    with store.database.read() as session:
        held = defects.load(session)
    return str(held.id[np.argmax(held.confidence)]), city.user(store, "anna", "crew")


def test_a_status_set_while_an_estimate_is_made_is_not_lost(
    http: TestClient, store: Store, installation: Settings, hole: tuple[str, str]
):
    name, anna = hole
    with store.database.write() as session:
        surveys.save(session, *passing(range(1), [300.0], -2.0), time.time())
    swap = estimating.estimate(store, installation, time.time())
    assert city.patch(http, anna, {"status": "scheduled"}, name).status_code == 200
    with store.database.write() as session:
        swap(session)
    told = city.defect(http, anna, name)
    assert (told["properties"]["status"], told["version"]) == ("scheduled", 1)


def test_a_repair_holds_after_enough_silent_passes_and_says_how_many(
    http: TestClient, store: Store, installation: Settings, hole: tuple[str, str]
):
    name, anna = hole
    city.patch(http, anna, {"status": "repaired"}, name)
    assert city.defect(http, anna, name)["repair"] is None
    arrive(store, installation, *passing(range(20, 21), [], 1.0))
    told = city.defect(http, anna, name)["repair"]
    assert (told["verdict"], told["silent_passes"], told["hits"]) == ("marked", 1, 0)
    arrive(store, installation, *passing(range(21, 30), [], 2.0))
    told = city.defect(http, anna, name)
    assert told["properties"]["status"] == "repaired"
    assert told["version"] == 1
    assert told["repair"]["verdict"] == "holds"
    assert (told["repair"]["silent_passes"], told["repair"]["silent_devices"], told["repair"]["hits"]) == (10, 10, 0)
    day = datetime.now(UTC).strftime("%-d %B")
    assert told["repair"]["words"] == f"10 silent passes by 10 cars since {day}: holds"
    assert len(told["repaired"]) == 1
    assert sum(week["passes"] for week in told["weeks"]) == sum(day["passes"] for day in told["history"])


def test_jolts_that_return_reopen_a_repair_by_the_system(
    http: TestClient, store: Store, installation: Settings, hole: tuple[str, str]
):
    name, anna = hole
    city.patch(http, anna, {"status": "repaired"}, name)
    arrive(store, installation, *passing(range(20, 30), [300.0], 1.0))
    told = city.defect(http, anna, name)
    assert told["properties"]["status"] == "reopened"
    assert [(change["by"], change["before"], change["status"]) for change in told["changes"]] == [
        ("anna", "new", "repaired"),
        ("system", "repaired", "reopened"),
    ]
    assert told["repair"]["words"].startswith("jolts again (10 jolts since ")
    assert "jolts returned: 10 hits" in told["changes"][-1]["note"]
    with store.database.read() as session:
        last = list(audit.entries(session))[-1]
    assert (last.who, last.what, last.before) == ("system", "defect.status", "repaired")
    arrive(store, installation, *passing(range(30, 32), [300.0], 2.0))
    assert len(city.defect(http, anna, name)["changes"]) == 2  # said once


def test_what_a_crew_says_while_the_passes_are_judged_outweighs_the_verdict(
    http: TestClient, store: Store, installation: Settings, hole: tuple[str, str]
):
    name, anna = hole
    city.patch(http, anna, {"status": "repaired"}, name)
    with store.database.write() as session:
        for one in passing(range(20, 30), [300.0], 1.0):
            session.add(Device(id=one.device, token_sha256=str(one.device), created_at=0.0))
            session.add(Trip(id=one.trip_id, device_id=one.device, state="queued", created_at=0.0))
            session.flush()
            worker._store_survey(session, one)
    swap = estimating.estimate(store, installation, time.time())
    city.patch(http, anna, {"note": "patched once more just now"}, name)
    with store.database.write() as session:
        swap(session)
    assert city.defect(http, anna, name)["properties"]["status"] == "repaired"
    with store.database.read() as session:
        assert marks.of(session, name).verdict is None


def test_a_defect_that_fell_silent_is_proposed_as_repaired_until_somebody_says_so_or_it_jolts_again(
    http: TestClient, store: Store, installation: Settings, hole: tuple[str, str]
):
    name, anna = hole
    arrive(store, installation, *passing(range(20, 22), [], 1.0))
    assert city.defect(http, anna, name)["repair"] is None  # two passes may have missed it
    arrive(store, installation, *passing(range(22, 40), [], 2.0))
    told = city.defect(http, anna, name)
    assert told["properties"]["status"] == "new"  # a proposal: what it is, the crew says
    silent = (datetime.now(UTC) + timedelta(days=1)).strftime("%-d %B")
    assert told["repair"]["verdict"] == "seems_repaired"
    assert told["repair"]["words"] == f"seems repaired: 20 silent passes by 20 cars since {silent}"
    assert "repair" not in http.get(f"/v1/defects/{name}").json()
    city.patch(http, anna, {"status": "repaired"}, name)
    assert city.defect(http, anna, name)["repair"] is None
    city.patch(http, anna, {"status": "confirmed"}, name)
    assert city.defect(http, anna, name)["repair"]["verdict"] == "seems_repaired"
    arrive(store, installation, *passing(range(40, 60), [300.0], 3.0))
    assert city.defect(http, anna, name)["repair"] is None
