"""Each format gives back the drive that was written in it."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import numpy as np
import pytest
import synthetic_exports as exports
from synthetic_exports import FIX_T, FIXES, GRAVITY, GYRO, MOVING, STARTED_AT, TOTAL, G, T

from detection.errors import UnreadableRecording
from detection.readers import read
from detection.trace import Trace
from mobile_app import wire

SENSOR_LOGGER = {
    "TotalAcceleration.csv": exports.sensor_logger(TOTAL),
    "Accelerometer.csv": exports.sensor_logger(MOVING),
    "Gyroscope.csv": exports.sensor_logger(GYRO),
    "Location.csv": exports.sensor_logger_location(),
    "Metadata.csv": exports.sensor_logger_metadata(),
}


def only(path: Path, **options: object) -> Trace:
    (trace,) = read(path, **options)
    return trace


def assert_is_the_drive(trace: Trace, accelerometer: np.ndarray = TOTAL, fixes: bool = True, tolerance: float = 1e-4) -> None:
    np.testing.assert_allclose(trace.accelerometer.t_s, T, atol=2e-6)
    np.testing.assert_allclose(trace.accelerometer.xyz, accelerometer, atol=tolerance)
    if fixes:
        np.testing.assert_allclose(trace.fixes.t_s, FIX_T, atol=2e-6)
        np.testing.assert_allclose(trace.fixes.latitude_deg, FIXES["latitude"], atol=1e-8)
        np.testing.assert_allclose(trace.fixes.longitude_deg, FIXES["longitude"], atol=1e-8)


def test_sensor_logger_folder_is_one_recording_with_gravity_from_total_acceleration(tmp_path: Path) -> None:
    trace = only(exports.write(tmp_path / "2026-05-04_09-12-00", dict(SENSOR_LOGGER)))
    assert_is_the_drive(trace)
    np.testing.assert_allclose(trace.gyroscope.xyz, GYRO)
    np.testing.assert_allclose(trace.fixes.speed_mps, FIXES["speed"])
    np.testing.assert_allclose(trace.fixes.bearing_deg, FIXES["bearing"])
    np.testing.assert_allclose(trace.fixes.accuracy_m, FIXES["accuracy"])
    assert (trace.trip_id, trace.started_at, trace.gravity_included) == ("2026-05-04_09-12-00", STARTED_AT, True)


def test_sensor_logger_zip_gives_the_same_as_its_folder(tmp_path: Path) -> None:
    folder = only(exports.write(tmp_path / "drive", dict(SENSOR_LOGGER)))
    packed = only(exports.zipped(tmp_path / "drive.zip", dict(SENSOR_LOGGER)))
    np.testing.assert_array_equal(packed.accelerometer.xyz, folder.accelerometer.xyz)
    assert packed.trip_id == folder.trip_id


def test_sensor_logger_device_is_told_apart_but_not_named(tmp_path: Path) -> None:
    trace = only(exports.write(tmp_path / "drive", dict(SENSOR_LOGGER)))
    assert trace.device
    assert "6f1c" not in trace.device
    assert any("appVersion 1.64" in note for note in trace.provenance.notes)
    assert not any("Somebody" in note for note in trace.provenance.notes)


def test_sensor_logger_adds_gravity_recorded_at_another_rate(tmp_path: Path) -> None:
    slow = slice(None, None, 5)
    members = {
        "Accelerometer.csv": exports.sensor_logger(MOVING),
        "Gravity.csv": exports.sensor_logger(GRAVITY[slow], t=T[slow]),
    }
    trace = only(exports.write(tmp_path / "drive", members))
    assert_is_the_drive(trace, fixes=False)
    assert trace.gravity_included


def test_sensor_logger_on_ios_has_its_signs_reversed_unless_standardised(tmp_path: Path) -> None:
    members = {"Accelerometer.csv": exports.sensor_logger(-MOVING), "Gravity.csv": exports.sensor_logger(-GRAVITY)}
    ios = exports.write(tmp_path / "ios", members | {"Metadata.csv": exports.sensor_logger_metadata("ios")})
    standard = exports.write(tmp_path / "standard", members | {"Metadata.csv": exports.sensor_logger_metadata("ios", "true")})
    assert_is_the_drive(only(ios), fixes=False)
    assert_is_the_drive(only(standard), accelerometer=-TOTAL, fixes=False)


@pytest.mark.parametrize("factor", [1.0, 1 / G], ids=["m/s²", "g"])
def test_sensor_logger_uncalibrated_unit_is_told_by_gravity(tmp_path: Path, factor: float) -> None:
    members = {"AccelerometerUncalibrated.csv": exports.sensor_logger(TOTAL * factor)}
    assert_is_the_drive(only(exports.write(tmp_path / "drive", members)), fixes=False)


def test_sensor_logger_without_gravity_says_so(tmp_path: Path) -> None:
    members = {
        "Accelerometer.csv": exports.sensor_logger(MOVING, delay_s=0.34),
        "GyroscopeUncalibrated.csv": exports.sensor_logger(GYRO),
    }
    trace = only(exports.write(tmp_path / "drive", members))
    assert not trace.gravity_included
    assert any("gravity was already removed" in note for note in trace.provenance.notes)
    np.testing.assert_allclose(trace.gyroscope.xyz, GYRO)
    assert_is_the_drive(trace, accelerometer=MOVING, fixes=False)


def test_sensor_logger_json_gives_the_same_as_its_csv(tmp_path: Path) -> None:
    path = tmp_path / "drive.json"
    path.write_text(exports.sensor_logger_json())
    trace = only(path)
    assert_is_the_drive(trace)
    np.testing.assert_allclose(trace.gyroscope.xyz, GYRO)
    assert (trace.started_at, trace.provenance.reader) == (STARTED_AT, "Sensor Logger")


def test_a_cached_fix_of_an_hour_ago_does_not_move_the_start(tmp_path: Path) -> None:
    members = {"TotalAcceleration.csv": exports.sensor_logger(TOTAL), "Location.csv": exports.sensor_logger_location()}
    header, first, rest = members["Location.csv"].split("\n", 2)
    cached = first.replace(str(round(exports.START_S * 1e9)), str(round((exports.START_S - 3600) * 1e9)))
    members["Location.csv"] = "\n".join([header, cached, first, rest])
    trace = only(exports.write(tmp_path / "drive", members))
    assert_is_the_drive(trace)
    assert trace.started_at == STARTED_AT


@pytest.mark.parametrize(("separator", "comma"), [(",", False), (";", False), (";", True), ("\t", True), ("\t", False)])
def test_phyphox_in_every_separator_and_decimal_sign(tmp_path: Path, separator: str, comma: bool) -> None:
    trace = only(exports.zipped(tmp_path / "drive.zip", exports.phyphox_members(separator, comma)))
    assert_is_the_drive(trace)
    np.testing.assert_allclose(trace.gyroscope.xyz, GYRO, atol=1e-8)
    assert trace.started_at == STARTED_AT
    assert np.isnan(trace.fixes.speed_mps[0])
    np.testing.assert_allclose(trace.fixes.speed_mps[1:], FIXES["speed"][1:])


def test_phyphox_folder_and_single_raw_data_file(tmp_path: Path) -> None:
    assert_is_the_drive(only(exports.write(tmp_path / "folder", exports.phyphox_members())))
    names = [f"Acceleration {axis} (m/s^2)" for axis in "xyz"] + ["Absolute acceleration (m/s^2)"]
    values = np.column_stack([TOTAL, np.linalg.norm(TOTAL, axis=1)])
    raw = exports.write(tmp_path / "commute", {"Raw Data.csv": exports.phyphox(names, values)})
    trace = only(raw / "Raw Data.csv")
    assert_is_the_drive(trace, fixes=False)
    assert trace.trip_id == "commute"


def test_phyphox_prefers_acceleration_with_gravity_to_linear(tmp_path: Path) -> None:
    linear = {"Linear Accelerometer.csv": exports.phyphox(exports.AXES, MOVING)}
    both = only(exports.zipped(tmp_path / "both.zip", exports.phyphox_members() | linear))
    assert_is_the_drive(both)
    alone = only(exports.zipped(tmp_path / "alone.zip", linear))
    assert_is_the_drive(alone, accelerometer=MOVING, fixes=False)
    assert (both.gravity_included, alone.gravity_included) == (True, False)


def test_phyphox_pauses_are_put_back_into_the_times(tmp_path: Path) -> None:
    again = f'"START",6.000000000E0,{exports.START_S + 106:.3f},""\n'
    members = exports.phyphox_members() | {"meta/time.csv": exports.PHYPHOX_TIME + again}
    trace = only(exports.zipped(tmp_path / "drive.zip", members))
    np.testing.assert_allclose(trace.accelerometer.t_s, np.where(T < 6, T, T + 100), atol=1e-6)


@pytest.mark.parametrize(
    ("separator", "comma", "quote"), [(",", True, True), (",", False, False), (";", True, False), (";", False, True)]
)
def test_physics_toolbox_in_every_dialect(tmp_path: Path, separator: str, comma: bool, quote: bool) -> None:
    path = tmp_path / "2026-05-0409.12.00.csv"
    path.write_text(exports.physics_toolbox(separator, comma, quote))
    trace = only(path)
    assert_is_the_drive(trace, fixes=False)
    np.testing.assert_allclose(trace.fixes.t_s, FIX_T[3:], atol=1e-6)
    np.testing.assert_allclose(trace.fixes.latitude_deg, FIXES["latitude"][3:])
    assert trace.started_at.isoformat() == "2026-05-04T09:12:00+00:00"
    assert any("taken as UTC" in note for note in trace.provenance.notes)


def test_physics_toolbox_goes_on_past_midnight(tmp_path: Path) -> None:
    path = tmp_path / "2026-05-0423.59.55.csv"
    path.write_text(exports.physics_toolbox(seconds_of_day=86_395.0))
    trace = only(path)
    assert_is_the_drive(trace, fixes=False)
    assert trace.started_at.isoformat() == "2026-05-04T23:59:55+00:00"


def test_physics_toolbox_backward_stamps_are_sorted_and_counted(tmp_path: Path) -> None:
    lines = exports.physics_toolbox().splitlines()
    lines[10], lines[11] = lines[11], lines[10]
    path = tmp_path / "drive.csv"
    path.write_text("\n".join(lines))
    trace = only(path)
    assert_is_the_drive(trace, fixes=False)
    assert trace.provenance.dropped["accelerometer out of order, sorted"] == 1
    assert trace.started_at is None


def test_physics_toolbox_of_an_older_build_with_a_blank_first_line_and_unicode_minus(tmp_path: Path) -> None:
    rows = "".join(f"{t:.2f};{-a[0]:.5f};{a[1]:.5f};{a[2]:.5f};−∞\n" for t, a in zip(T, TOTAL / G, strict=True))
    path = tmp_path / "drive.csv"
    path.write_text("\ntime;gFx;gFy;gFz;Gain\n" + rows.replace(".", ",").replace(";-", ";−"), encoding="utf-8")
    assert_is_the_drive(only(path), accelerometer=TOTAL * [-1, 1, 1], fixes=False, tolerance=1e-3)


@pytest.mark.parametrize("axes", [("ax", "ay", "az", "aT")])
def test_physics_toolbox_linear_acceleration_is_without_gravity(tmp_path: Path, axes: tuple[str, ...]) -> None:
    values = np.column_stack([T, MOVING, np.linalg.norm(MOVING, axis=1)])
    path = tmp_path / "drive.csv"
    path.write_text(exports.table(["time", *axes], values.tolist(), ";", comma=True))
    trace = only(path)
    assert_is_the_drive(trace, accelerometer=MOVING, fixes=False)
    assert (trace.gravity_included, trace.provenance.reader) == (False, "Physics Toolbox")


@pytest.mark.parametrize("factor", [1.0, 1 / G], ids=["m/s²", "g"])
@pytest.mark.parametrize("time_factor", [1.0, 1e3, 1e6, 1e9], ids=["s", "ms", "µs", "ns"])
def test_merged_csv_knows_its_units_by_gravity_and_size_of_time(tmp_path: Path, factor: float, time_factor: float) -> None:
    path = tmp_path / "trip.csv"
    path.write_text(exports.merged(factor, time_factor))
    trace = only(path)
    assert_is_the_drive(trace)
    np.testing.assert_allclose(trace.gyroscope.xyz, GYRO)
    assert abs(trace.started_at_s - exports.START_S) < 1e-3


def test_ticks_since_boot_in_nanoseconds_are_no_date(tmp_path: Path) -> None:
    ticks = np.round(1_800e9 + T * 1e9)  # half an hour after booting: as ms it would be the year 2027
    rows = [["14/05/2026 11:17:09", f"{at:.0f}", *a] for at, a in zip(ticks, TOTAL, strict=True)]
    path = tmp_path / "drive.csv.gz"
    path.write_bytes(gzip.compress(exports.table(["timestamp", "uptimeNanos", "x", "y", "z"], rows).encode()))
    trace = only(path)
    assert_is_the_drive(trace, fixes=False)
    assert (trace.trip_id, trace.started_at) == ("drive", None)


def test_bare_axes_without_gravity_are_not_taken_for_acceleration(tmp_path: Path) -> None:
    path = tmp_path / "drive.csv"
    path.write_text(exports.table(["t", "x", "y", "z"], np.column_stack([T, GYRO]).tolist()))
    with pytest.raises(UnreadableRecording, match="another sensor"):
        list(read(path))


def test_iso_times_are_read(tmp_path: Path) -> None:
    stamps = [f"2026-05-04T07:12:{t:09.6f}Z" for t in T]
    path = tmp_path / "drive.csv"
    path.write_text(exports.table(["time", "acc_x", "acc_y", "acc_z"], [[s, *a] for s, a in zip(stamps, TOTAL, strict=True)]))
    trace = only(path)
    assert_is_the_drive(trace, fixes=False)
    assert trace.started_at == STARTED_AT


def test_named_columns_with_units(tmp_path: Path) -> None:
    header = ["when", "side", "fore", "up", "v", "phi", "lambda"]
    place = [FIXES[name][T.astype(int)] for name in ("speed", "latitude", "longitude")]
    values = np.column_stack([(exports.START_S + T) * 1000, TOTAL / G, place[0] * 3.6, *place[1:]])
    path = tmp_path / "drive.csv"
    path.write_text(exports.table(header, ([repr(float(v)) for v in row] for row in values), ";"))
    named = {
        "t": "when:ms",
        "x": "side:g",
        "y": "fore:g",
        "z": "up:g",
        "speed": "v:km/h",
        "latitude": "phi",
        "longitude": "lambda",
    }
    trace = only(path, columns=named)
    assert_is_the_drive(trace)
    np.testing.assert_allclose(trace.fixes.speed_mps, FIXES["speed"], rtol=1e-6)


def test_gpx_gives_fixes_with_recorded_speed(tmp_path: Path) -> None:
    path = tmp_path / "ride.gpx"
    path.write_text(exports.gpx())
    trace = only(path)
    assert (len(trace.accelerometer), len(trace.fixes), trace.started_at) == (0, len(FIX_T), STARTED_AT)
    np.testing.assert_allclose(trace.fixes.speed_mps, FIXES["speed"])


def test_gpx_without_speed_derives_it_and_says_so(tmp_path: Path) -> None:
    path = tmp_path / "ride.gpx"
    path.write_text(exports.gpx(speed=False))
    trace = only(path)
    assert np.isnan(trace.fixes.speed_mps[0])
    np.testing.assert_allclose(trace.fixes.speed_mps[1:], 11.74, atol=0.05)  # 1e-4° of latitude and 5e-5° of longitude a second
    assert any("derived" in note for note in trace.provenance.notes)


@pytest.mark.parametrize("ending", [".json", ".json.gz"])
def test_our_json_object(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"monday{ending}"
    text = json.dumps(exports.json_chunk(device="phone-7")).encode()
    path.write_bytes(gzip.compress(text) if ending.endswith("gz") else text)
    trace = only(path)
    assert_is_the_drive(trace)
    assert (trace.trip_id, trace.device, trace.started_at) == ("monday", "phone-7", STARTED_AT)


def test_our_json_list_joins_chunks_of_one_trip_and_names_the_nameless(tmp_path: Path) -> None:
    half = len(T) // 2
    chunks = [
        exports.json_chunk(slice(half, None), fixes=False, trip_id="trip-1"),
        exports.json_chunk(),
        exports.json_chunk(slice(None, half), trip_id="trip-1"),
        exports.json_chunk(),
    ]
    path = tmp_path / "fleet.json"
    path.write_text(json.dumps(chunks))
    traces = {trace.trip_id: trace for trace in read(path)}
    assert sorted(traces) == ["fleet-1", "fleet-2", "trip-1"]
    for trace in traces.values():
        assert_is_the_drive(trace)


def test_our_json_keeps_its_own_zero_of_time(tmp_path: Path) -> None:
    chunk = exports.json_chunk(slice(100, None), fixes=False)
    path = tmp_path / "late.json"
    path.write_text(json.dumps(chunk))
    assert only(path).accelerometer.t_s[0] == T[100]


def test_binary_chunks_of_a_folder_are_one_trip(tmp_path: Path) -> None:
    trip = "0192aaaa-bbbb-7ccc-8ddd-0123456789ab"
    for number, part in enumerate((slice(0, 300), slice(300, None))):
        columns = {"t": T[part], **{axis: TOTAL[part, i] for i, axis in enumerate("xyz")}}
        location = {"t": FIX_T, **FIXES} if number == 0 else None
        data = wire.encode(trip, number, round(exports.START_S * 1e6), columns, None, location)
        exports.write(tmp_path / trip, {f"{number}.chunk": data})
    trace = only(tmp_path / trip)
    assert (trace.trip_id, trace.started_at, len(trace.accelerometer)) == (trip, STARTED_AT, len(T))
    assert_is_the_drive(trace, fixes=False, tolerance=2e-3)
    np.testing.assert_allclose(trace.fixes.latitude_deg, FIXES["latitude"], atol=1e-7)
