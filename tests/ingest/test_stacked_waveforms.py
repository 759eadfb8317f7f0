"""The shocks of a defect's passes, from real chunks of simulated drives: of k devices or none, and without times."""

from __future__ import annotations

from pathlib import Path

import city
import numpy as np
from fastapi.testclient import TestClient
from test_public_k import Town

from detection.simulator import simulate_city, simulate_drives
from ingest.store import defects


def test_passes_of_k_devices_are_told_as_curves_and_of_fewer_as_none(tmp_path: Path):
    streets = simulate_city(5, street_km=1.0)
    drives = [drive.trace for drive in simulate_drives(streets, 9, 6, devices=4, duration_s=(150.0, 160.0))]
    town = Town(tmp_path / "data", drives)
    anna = city.user(town.store, "anna", "crew")
    told = {name: curves(town.http, anna, name) for name in shown(town)}
    many = [held for held in told.values() if held["waveforms"]]
    assert many, "some defect was hit by three devices"
    for held in many:
        assert 3 <= len(held["waveforms"]) <= 12
        assert all(len(curve) == len(held["metres"]) for curve in held["waveforms"])
        spans = [float(np.ptp(curve)) for curve in held["waveforms"]]
        assert spans == sorted(spans, reverse=True)
        assert spans[0] > 1.0, "a jolt, not a calm road"
        assert set(held) == {"metres", "waveforms", "k"}
    assert town.http.get(f"/v1/defects/{next(iter(told))}/waveforms").status_code == 401


def curves(http: TestClient, token: str, name: str) -> dict:
    answer = http.get(f"/v1/defects/{name}/waveforms", headers=city.bearer(token))
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def shown(town: Town) -> list[str]:
    with town.store.database.read() as session:
        held = defects.load(session)
    return [str(name) for name in held.id[np.argsort(-held.hits)][:8]]
