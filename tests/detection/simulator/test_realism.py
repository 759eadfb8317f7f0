"""The simulator beside real recordings: same order of size, where both can be measured the same way."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.signal import butter, sosfiltfilt

from detection.readers import read
from detection.simulator import Drive, simulate_city, simulate_drives
from detection.simulator import streets as simulated_streets
from detection.simulator.roads import draw_roughness
from detection.trace import Trace

BAND = butter(4, [0.7, 24.0], "band", fs=100, output="sos")


def vertical(trace: Trace) -> tuple[np.ndarray, np.ndarray]:
    """(t, vertical m/s² in 0.7 to 24 Hz) on an even 100 Hz grid."""
    a = trace.accelerometer
    t = np.arange(a.t_s[0], a.t_s[-1], 0.01)
    xyz = np.stack([np.interp(t, a.t_s, c) for c in a.xyz.T], axis=1)
    up = sosfiltfilt(butter(2, 0.25, fs=100, output="sos"), xyz, axis=0)
    return t, sosfiltfilt(BAND, (xyz * up).sum(axis=1) / np.linalg.norm(up, axis=1))


def rms_at(trace: Trace, low_mps: float, high_mps: float) -> float:
    t, v = vertical(trace)
    known = np.isfinite(trace.fixes.speed_mps)
    speed = np.interp(t, trace.fixes.t_s[known], trace.fixes.speed_mps[known])
    there = (speed > low_mps) & (speed < high_mps)
    return float(np.sqrt(np.mean(v[there] ** 2))) if there.sum() > 500 else float("nan")


def drives_on(class_name: str, monkeypatch: pytest.MonkeyPatch) -> list[Drive]:
    monkeypatch.setattr(simulated_streets, "draw_roughness", lambda _, rng: draw_roughness(class_name, rng))
    city = simulate_city(5, street_km=3.0, per_km={})
    some = simulate_drives(city, 14, 3, devices=14, rate_hz=(100.0, 101.0), duration_s=(80.0, 100.0))
    return [drive for drive in some if not len(drive.handled_s)]


@pytest.mark.parametrize(
    ("recording", "classes", "speeds"), [("q1-smooth.zip", "AB", (12.0, 16.0)), ("q3-recording.zip", "CD", (10.0, 15.0))]
)
def test_streets_shake_a_phone_as_much_as_real_ones(
    shared_data: Path, monkeypatch: pytest.MonkeyPatch, recording: str, classes: str, speeds: tuple[float, float]
) -> None:
    (trace,) = read(shared_data / "phyphox" / recording)
    real = rms_at(trace, *speeds)
    smooth, rough = (np.array([rms_at(d.trace, *speeds) for d in drives_on(name, monkeypatch)]) for name in classes)
    assert np.nanquantile(smooth, 0.1) < real < np.nanquantile(rough, 0.95)


@pytest.fixture(scope="module")
def swings() -> dict[int, list[float]]:
    """Half the span of the vertical swing at each felt thing, m/s², by kind; 50 Hz as the real ones."""
    city = simulate_city(1, street_km=4.0, per_km={"pothole": 6.0, "speed_bump": 3.0})
    found: dict[int, list[float]] = {1: [], 2: []}
    for drive in simulate_drives(city, 8, 5, devices=8, rate_hz=(50.0, 51.0), duration_s=(150.0, 200.0)):
        t, v = vertical(drive.trace)
        felt = drive.truth[drive.truth.felt == 1]
        for at, kind in zip(felt.t_s, felt.kind, strict=True):
            if not (np.abs(drive.handled_s - at) < 25).any():
                found[int(kind)].append(float(np.ptp(v[np.abs(t - at - 0.2) < 0.8])) / 2)
    return found


@pytest.mark.parametrize(("folder", "kind"), [("potholes", 1), ("asphalt_bumps", 2)])
def test_holes_and_humps_hit_as_hard_as_real_ones(
    shared_data: Path, swings: dict[int, list[float]], folder: str, kind: int
) -> None:
    files = sorted((shared_data / "shocks50hz" / folder).glob("*.csv"))
    real = np.median([np.ptp(pd.read_csv(f).iloc[:, 0].to_numpy()) / 2 for f in files])
    assert len(swings[kind]) > 12
    assert real / 1.6 < np.median(swings[kind]) < real * 1.6
