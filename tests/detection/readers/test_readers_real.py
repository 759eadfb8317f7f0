"""Real exports of real phones, beside the repository; what they hold is known from reading them by hand."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from detection.readers import columns_from_text, read, read_all
from detection.trace import STANDARD_GRAVITY_MPS2, Trace


def only(path: Path) -> Trace:
    (trace,) = read(path)
    return trace


def test_pittsburgh_is_in_g_at_5_hz_with_a_fix_a_second(shared_data: Path) -> None:
    path = shared_data / "pittsburgh" / "trip1_sensors.csv"
    trace, raw = only(path), pd.read_csv(path)
    assert trace.accelerometer.rate_hz == pytest.approx(5, abs=0.1)
    np.testing.assert_allclose(trace.accelerometer.xyz[:, 1], raw.accelerometerY * STANDARD_GRAVITY_MPS2)
    np.testing.assert_allclose(trace.gyroscope.xyz[:, 2], raw.gyroZ)
    assert len(trace.fixes) == pytest.approx(trace.duration_s, rel=0.15)
    assert trace.started_at_s == raw.timestamp[0]


def test_pittsburgh_of_a_phone_that_writes_mps2_gives_the_same(shared_data: Path, tmp_path: Path) -> None:
    path = shared_data / "pittsburgh" / "good1_sensors.csv"
    raw = pd.read_csv(path)
    raw[[f"accelerometer{axis}" for axis in "XYZ"]] *= STANDARD_GRAVITY_MPS2
    raw.to_csv(tmp_path / "mps2.csv", index=False)
    np.testing.assert_allclose(only(tmp_path / "mps2.csv").accelerometer.xyz, only(path).accelerometer.xyz)


def test_a_folder_with_files_that_are_no_recordings_gives_all_that_are(shared_data: Path) -> None:
    found = list(read_all([shared_data / "pittsburgh"]))
    refused = [str(error) for error in found if not isinstance(error, Trace)]
    assert sum(isinstance(one, Trace) for one in found) == 11
    assert len(refused) == 3
    assert all("potholes.csv" in error for error in refused)


@pytest.mark.parametrize("name", ["q1-smooth", "q3-recording"])
def test_phyphox_zip_has_gravity_gyroscope_and_fixes(shared_data: Path, name: str) -> None:
    trace = only(shared_data / "phyphox" / f"{name}.zip")
    assert trace.trip_id == name
    assert trace.accelerometer.rate_hz == pytest.approx(99.6, abs=0.5)
    assert np.median(np.linalg.norm(trace.accelerometer.xyz, axis=1)) == pytest.approx(9.85, abs=0.05)
    assert len(trace.gyroscope) > 35_000
    assert np.isnan(trace.fixes.speed_mps[0])  # written as -1
    assert trace.fixes.accuracy_m[0] > 400  # the junk fix is clean's to judge
    assert trace.gravity_included


def test_physics_toolbox_runs_are_read_for_all_their_ugliness(shared_data: Path) -> None:
    traces = list(read_all([shared_data / "physicstoolbox"]))
    assert all(isinstance(trace, Trace) for trace in traces)
    assert len(traces) == 8
    for trace in traces:
        assert np.median(np.linalg.norm(trace.accelerometer.xyz, axis=1)) == pytest.approx(9.55, abs=0.25)
        assert 4 < trace.accelerometer.rate_hz < 8
        assert trace.started_at.strftime("%Y-%m-%d") == trace.trip_id[:10]
        assert not ((trace.fixes.latitude_deg == 0) & (trace.fixes.longitude_deg == 0)).any()
    assert sum(not len(trace.fixes) for trace in traces) == 1  # one phone never found its place


def test_sensor_logger_without_gravity_on_a_very_bad_road(shared_data: Path) -> None:
    """Its median |a| is 3.7 m/s²: only the mean over some seconds tells that there is no gravity in it."""
    trace = only(shared_data / "sensorlogger" / "very-bad-road" / "Accelerometer.csv")
    raw = pd.read_csv(shared_data / "sensorlogger" / "very-bad-road" / "Accelerometer.csv")
    assert (trace.trip_id, trace.gravity_included) == ("very-bad-road", False)
    assert trace.accelerometer.rate_hz == pytest.approx(100, abs=1)
    np.testing.assert_array_equal(trace.accelerometer.xyz[:, 0], raw.x)
    assert trace.started_at_s == pytest.approx(1722585142.866, abs=1e-3)


def test_earth_frame_csv_with_ticks_in_nanoseconds(shared_data: Path) -> None:
    trace = only(shared_data / "manoeuvres" / "trip17_acelerometro_terra.csv.gz")
    assert trace.accelerometer.rate_hz == pytest.approx(51, abs=1)
    assert (trace.started_at, trace.gravity_included) == (None, True)
    assert trace.duration_s == pytest.approx(405.8, abs=0.1)


def test_a_csv_with_columns_named_by_the_user(shared_data: Path) -> None:
    path = shared_data / "manoeuvres" / "trip17_acelerometro_terra.csv.gz"
    (named,) = read(path, columns=columns_from_text("t=uptimeNanos:ns,x=x:m/s2,y=y:m/s2,z=z:m/s2"))
    np.testing.assert_allclose(named.accelerometer.t_s, only(path).accelerometer.t_s)
