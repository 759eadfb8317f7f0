"""Real recordings: other people's phones in other people's cars. Skipped where they are not at hand."""

from __future__ import annotations

import csv
import gzip
from pathlib import Path

import numpy as np
import pytest
from scipy.stats import spearmanr

from detection import Survey, Trace, find_defects, survey
from detection.readers import read
from detection.scoring import Figures, match_jolts


def surveys_in(folder: Path, pattern: str) -> list[tuple[Path, Trace, Survey]]:
    found = [(path, trace, survey(trace)) for path in sorted(folder.glob(pattern)) for trace in read(path)]
    if not found:
        pytest.skip(f"no {pattern} in {folder}")
    return found


def test_marked_potholes_of_a_slow_phone_are_found_better_than_by_the_classical_detectors(shared_data: Path) -> None:
    """5 Hz, three trips, ±1 s. A guard: the settings have seen these trips (benchmarks/evaluate.py leaves one out)."""
    total = Figures()
    for path, trace, found in surveys_in(shared_data / "pittsburgh", "trip*_sensors.csv"):
        with path.with_name(path.name.replace("sensors", "potholes")).open() as file:
            marks = np.array([float(row["timestamp"]) for row in csv.DictReader(file)]) - trace.started_at_s
        total += match_jolts(found.jolts.t_s, marks)[0]
    assert total.true == 56
    assert total.f1 >= 0.47  # Z-THRESH of Mednis 2011 on the same trips


def test_three_laps_of_one_loop_agree_on_defects(shared_data: Path) -> None:
    surveys = [found for *_, found in surveys_in(shared_data / "pittsburgh", "trip*_sensors.csv")]
    defects = find_defects(surveys)
    agreed = defects[(defects.hits >= 2) & (defects.confidence >= 0.5)]
    assert len(agreed) > 5
    assert (agreed.passes >= agreed.hits).all()


def test_bad_road_is_rougher_than_good_road(shared_data: Path) -> None:
    rough = {
        kind: np.median(
            np.concatenate([found.track.roughness_mps2 for *_, found in surveys_in(shared_data / "pittsburgh", kind)])
        )
        for kind in ("good*_sensors.csv", "bad*_sensors.csv")
    }
    assert rough["bad*_sensors.csv"] > rough["good*_sensors.csv"]


def test_a_smooth_road_jolts_seldom_and_a_bad_one_often(shared_data: Path) -> None:
    rates = {}
    for path, _, found in surveys_in(shared_data / "phyphox", "*.zip"):
        rates[path.stem] = len(found.jolts) / (found.notes["driven_m"] / 1e3)
        assert found.notes["driven_m"] > 3000.0
    assert rates["q1-smooth"] < 2.5
    assert rates["q3-recording"] > 3 * rates["q1-smooth"]


def test_a_hundred_hertz_phone_set_to_ten_does_not_cry_wolf(shared_data: Path) -> None:
    (trace,) = read(shared_data / "phyphox" / "q1-smooth.zip")
    kept = trace.accelerometer
    lazy = Trace.build("lazy", accelerometer=(kept.t_s[::10], kept.xyz[::10]), location=_location(trace))
    found = survey(lazy)
    assert found.notes["rate_hz"] == pytest.approx(10.0, abs=0.1)
    assert len(found.jolts) / (found.notes["driven_m"] / 1e3) < 2.5


def _location(trace: Trace) -> dict[str, np.ndarray]:
    fixes = trace.fixes
    names = {"t": "t_s", "latitude": "latitude_deg", "longitude": "longitude_deg", "speed": "speed_mps", "accuracy": "accuracy_m"}
    return {name: getattr(fixes, column) for name, column in names.items()}


def test_passes_of_the_same_street_feel_alike(shared_data: Path) -> None:
    """Eight runs through one neighbourhood, 5 to 8 Hz, gaps and stale speeds: the roughness of the same 20 m correlates."""
    cells: dict[tuple[int, int], list[float]] = {}
    trips = 0
    for path in sorted((shared_data / "physicstoolbox").glob("*.csv")):
        for trace in read(path):
            track = survey(trace).track
            track = track[track.weight > 0]
            trips += len(track) > 0
            metres = np.c_[track.latitude_deg, track.longitude_deg * np.cos(np.radians(track.latitude_deg))] * 111_195.0
            cell, which = np.unique((metres // 20).astype(int), axis=0, return_inverse=True)
            mean = np.bincount(which.ravel(), track.roughness_mps2) / np.bincount(which.ravel())
            for place, value in zip(map(tuple, cell.tolist()), mean, strict=True):
                cells.setdefault(place, []).append(float(value))
    pairs = np.array([values[:2] for values in cells.values() if len(values) >= 2])
    assert trips >= 5
    assert len(pairs) > 50
    assert spearmanr(pairs[:, 0], pairs[:, 1]).statistic > 0.2


def test_hard_braking_acceleration_and_lane_changes_are_no_jolts(shared_data: Path) -> None:
    """Fourteen of them, labelled from video. Not the bends of the second trip: those corners are rough as well."""
    within, labelled_s = 0, 0.0
    for path in sorted((shared_data / "manoeuvres").glob("*_acelerometro_terra.csv.gz")):
        with gzip.open(path, "rt") as file:
            table = np.array([[float(row[name]) for name in ("uptimeNanos", "x", "y", "z")] for row in csv.DictReader(file)])
        found = survey(Trace.build(path.stem, accelerometer=((table[:, 0] - table[0, 0]) / 1e9, table[:, 1:])))
        with gzip.open(str(path).replace("acelerometro_terra", "groundTruth"), "rt") as file:
            for row in csv.DictReader(file, skipinitialspace=True):
                if row["evento"].startswith(("freada", "aceleracao", "troca_faixa")):
                    start, end = float(row["inicio"]), float(row["fim"])
                    within += int(((found.jolts.t_s >= start) & (found.jolts.t_s <= end)).sum())
                    labelled_s += end - start
    assert labelled_s > 35.0
    assert within <= 2
