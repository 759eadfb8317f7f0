"""What cannot be, and what is there already, is rejected with its reason and counts nothing."""

from __future__ import annotations

import time
from dataclasses import replace

import numpy as np
import pytest
from callers import Phone
from fastapi.testclient import TestClient
from sqlalchemy import select

from detection import Fixes, Samples, Trace
from detection.simulator import simulate_city, simulate_drives
from ingest import worker
from ingest.settings import Settings
from ingest.store import Store, jobs
from ingest.store.fingerprints import COPY
from ingest.store.schema import Fingerprint, SurveyRow


@pytest.fixture(scope="module")
def drives() -> list[Trace]:
    city = simulate_city(5, street_km=1.5)
    return [drive.trace for drive in simulate_drives(city, 2, 6, devices=2, duration_s=(150.0, 160.0))]


def work_off(store: Store, installation: Settings) -> None:
    while worker.work_once(store, installation):
        pass


def copied(trace: Trace, name: str) -> Trace:
    """With noise of its own, an hour later, under another name."""
    noise = np.random.default_rng(1).normal(0.0, 0.05, trace.accelerometer.xyz.shape)
    samples = Samples(trace.accelerometer.t_s.copy(), trace.accelerometer.xyz + noise)
    return replace(trace, trip_id=name, accelerometer=samples)


def test_a_copy_of_a_trace_counts_once_whoever_sends_it(
    http: TestClient, phone: Phone, store: Store, installation: Settings, drives: list[Trace]
):
    first = phone.send(drives[0])
    work_off(store, installation)
    other = Phone.enrol(http)
    second, honest = other.send(copied(drives[0], "copy")), other.send(drives[1])
    work_off(store, installation)
    assert phone.trip(first).json()["state"] == "processed"
    assert (other.trip(second).json()["state"], other.trip(second).json()["reason"]) == ("rejected", COPY)
    assert other.trip(honest).json()["state"] == "processed"
    with store.database.read() as session:
        assert set(session.scalars(select(SurveyRow.trip_id))) == {first, honest}
        assert set(session.scalars(select(Fingerprint.trip_id))) == {first, honest}


def test_a_trip_that_is_surveyed_again_is_no_copy_of_itself(
    phone: Phone, store: Store, installation: Settings, drives: list[Trace]
):
    trip = phone.send(drives[0])
    work_off(store, installation)
    with store.database.write() as session:
        jobs.request_survey(session, trip, time.time())
    work_off(store, installation)
    assert phone.trip(trip).json()["state"] == "processed"


def test_a_device_in_two_places_at_once_is_rejected(phone: Phone, store: Store, installation: Settings, drives: list[Trace]):
    phone.send(drives[0])
    work_off(store, installation)
    fixes = drives[1].fixes
    columns = (fixes.longitude_deg, fixes.speed_mps, fixes.bearing_deg, fixes.accuracy_m)
    moved = Fixes(fixes.t_s.copy(), fixes.latitude_deg + 3.0, *(column.copy() for column in columns))
    elsewhere = phone.send(replace(drives[1], fixes=moved, started_at=drives[0].started_at))
    work_off(store, installation)
    told = phone.trip(elsewhere).json()
    assert told["state"] == "rejected"
    assert "km from another trip of the same device" in told["reason"]


def test_a_trace_that_no_car_gives_is_rejected_with_its_figure(
    phone: Phone, store: Store, installation: Settings, drives: list[Trace]
):
    sensor = drives[0].accelerometer
    trip = phone.send(replace(drives[0], accelerometer=Samples(sensor.t_s.copy(), sensor.xyz * 0.5)))
    work_off(store, installation)
    told = phone.trip(trip).json()
    assert (told["state"], told["reason"][:10]) == ("rejected", "gravity is")
