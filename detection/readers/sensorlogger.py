"""Sensor Logger (Kelvin Choi, Android and iOS): its folder or zip of CSV files, and its JSON.

Formats: github.com/tszheichoi/awesome-sensor-logger, UNITS.md and CROSSPLATFORM.md. Times are nanoseconds since 1970; the
column order varies with the version, so columns are read by name. `Accelerometer` has no gravity in it.
"""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Iterator, Mapping

import numpy as np

from detection.readers.assemble import Columns, Timed, assemble
from detection.readers.json_records import numbers_of
from detection.readers.source import Member, Recording, stem_of
from detection.readers.table import Header, Table, header_of, stacked
from detection.trace import Floats, Trace

NAME = "Sensor Logger"
Sensor = Mapping[str, Floats]  # column by name
LOCATION = {"speed": "speed", "bearing": "bearing", "accuracy": "horizontalAccuracy"}
SENSORS = (
    "TotalAcceleration", "Accelerometer", "Gravity", "AccelerometerUncalibrated", "Gyroscope", "GyroscopeUncalibrated",
    "Location", "LocationGps",
)  # fmt: skip
_WANTED = ("time", "seconds_elapsed", "x", "y", "z", "latitude", "longitude", *LOCATION.values())


def recognises(recording: Recording) -> bool:
    return any(_is_sensor_table(header_of(member)) for member in _tables(recording)) or _is_json(recording)


def whole(recording: Recording) -> bool:
    """A folder or zip is one recording where files are called as the app calls them and look it."""
    return any(_is_sensor_table(header_of(member)) for name in SENSORS if (member := recording.find(name)))


def read(recording: Recording) -> Iterator[Trace]:
    """One trace: TotalAcceleration, or Accelerometer + Gravity, or AccelerometerUncalibrated, or Accelerometer alone."""
    if _is_json(recording):
        sensors, metadata, notes = *_json_sensors(recording.only), list[str]()
    else:
        sensors, notes = _csv_sensors(recording)
        metadata = _metadata(recording.find("Metadata"))
    found = columns_of(sensors, metadata, notes)
    if found.accelerometer is None and found.location is None:
        raise recording.error("holds neither acceleration nor location", "give the whole folder or zip of the export")
    if not _has_epoch(sensors):
        found.notes.append("no epoch times, only seconds since the start")
    _describe(metadata, found)
    yield assemble(recording, NAME, found)


def columns_of(sensors: Mapping[str, Sensor], metadata: Mapping[str, str], notes: list[str]) -> Columns:
    """What the app's sensors (named as in SENSORS) say of acceleration, turning and location."""
    found = Columns(notes=notes, gyroscope=_xyz(sensors.get("Gyroscope")) or _xyz(sensors.get("GyroscopeUncalibrated")))
    found.accelerometer = _accelerometer(sensors, metadata, found)
    found.location = _location(sensors.get("Location") or sensors.get("LocationGps"))
    return found


def _accelerometer(sensors: Mapping[str, Sensor], metadata: Mapping[str, str], found: Columns) -> Timed | None:
    """The best source of acceleration, in m/s² and with Android's signs (iOS has them reversed unless standardised)."""
    total, moving = _xyz(sensors.get("TotalAcceleration")), _xyz(sensors.get("Accelerometer"))
    gravity, raw = _xyz(sensors.get("Gravity")), _xyz(sensors.get("AccelerometerUncalibrated"))
    found.factor = 1.0
    best = total or moving
    if total is None and moving is not None and gravity is not None:
        best = moving[0], moving[1] + _resampled(gravity, moving[0])
        found.notes.append("gravity added to the accelerometer from Gravity")
    elif total is None and raw is not None:
        best, found.factor = raw, None  # g or m/s², by platform and setting
        found.notes.append("AccelerometerUncalibrated used: there is no other acceleration with gravity")
    if (
        best is not None
        and metadata.get("platform", "").lower() == "ios"
        and metadata.get("standardisation", "").lower() != "true"
    ):
        found.notes.append("signs of iOS reversed to those of Android")
        return best[0], -best[1]
    return best


def _resampled(gravity: Timed, t: Floats) -> Floats:
    good = np.isfinite(gravity[0]) & np.isfinite(gravity[1]).all(axis=1)
    if not good.any():
        return np.zeros((len(t), 3))
    order = np.argsort(gravity[0][good], kind="stable")
    times, values = gravity[0][good][order], gravity[1][good][order]
    return stacked([np.interp(t, times, values[:, axis]) for axis in range(3)])


def _xyz(sensor: Sensor | None) -> Timed | None:
    if sensor is None or not all(axis in sensor for axis in "xyz") or not len(sensor["x"]):
        return None
    return _times(sensor), stacked([sensor[axis] for axis in "xyz"])


def _location(sensor: Sensor | None) -> dict[str, Floats] | None:
    if sensor is None or "latitude" not in sensor or "longitude" not in sensor:
        return None
    known = {ours: sensor[theirs] for ours, theirs in LOCATION.items() if theirs in sensor}
    return {"t": _times(sensor), "latitude": sensor["latitude"], "longitude": sensor["longitude"], **known}


def _times(sensor: Sensor) -> Floats:
    return sensor["time"] * 1e-9 if "time" in sensor else sensor["seconds_elapsed"]


def _has_epoch(sensors: Mapping[str, Sensor]) -> bool:
    return any("time" in sensor for sensor in sensors.values())


def _describe(metadata: Mapping[str, str], found: Columns) -> None:
    told = [f"{key} {metadata[key]}" for key in ("platform", "appVersion", "standardisation") if metadata.get(key)]
    if told:
        found.notes.append(f"{NAME}: {', '.join(told)}")
    if metadata.get("device id"):  # hashed: enough to tell phones apart, of no use to find one
        found.device = hashlib.sha256(metadata["device id"].encode(errors="replace")).hexdigest()[:32]


def _tables(recording: Recording) -> list[Member]:
    """The members that are one of our sensors by name, or the only file whatever its name."""
    if len(recording.members) == 1:
        return [recording.only]
    return [member for name in SENSORS if (member := recording.find(name))]


def _is_sensor_table(header: Header | None) -> bool:
    return header is not None and header.index("seconds_elapsed") is not None and header.index("x", "latitude") is not None


def _csv_sensors(recording: Recording) -> tuple[dict[str, Sensor], list[str]]:
    sensors: dict[str, Sensor] = {}
    notes: list[str] = []
    for member in _tables(recording):
        table = Table.of(member)
        there = {name: at for name in _WANTED if (at := table.header.index(name)) is not None}
        if "time" not in there and "seconds_elapsed" not in there:
            raise member.error("has no time column", "export it again", line=table.header.line)
        sensors[_sensor_name(member, there)] = dict(zip(there, table.numbers(list(there.values())), strict=True))
        notes += table.notes
    return sensors, notes


def _sensor_name(member: Member, columns: Mapping[str, int]) -> str:
    stem = stem_of(member.name).lower()
    guess = "Location" if "latitude" in columns else "Gyroscope" if "gyro" in stem else "Accelerometer"
    return next((name for name in SENSORS if name.lower() == stem), guess)


def _metadata(member: Member | None) -> dict[str, str]:
    if member is None:
        return {}
    rows = list(csv.reader(member.head.decode(errors="replace").splitlines()[:2]))
    return dict(zip(rows[0], rows[1], strict=False)) if len(rows) == 2 else {}


def _is_json(recording: Recording) -> bool:
    if len(recording.members) != 1 or not isinstance(records := recording.only.json, list):
        return False
    return bool(records) and all(isinstance(record, dict) and "sensor" in record for record in records[:10])


def _json_sensors(member: Member) -> tuple[dict[str, Sensor], dict[str, str]]:
    grouped: dict[str, list[dict[str, object]]] = {}
    for at, record in enumerate(member.json):
        if not isinstance(record, dict) or not isinstance(record.get("sensor"), str):
            raise member.error(f"record {at} names no sensor", "export it again")
        grouped.setdefault(record["sensor"], []).append(record)
    by_name = {name: grouped[name] for name in SENSORS if name in grouped}
    sensors: dict[str, Sensor] = {
        name: {key: numbers_of(member, name, key, rows) for key in _WANTED if any(key in row for row in rows[:10])}
        for name, rows in by_name.items()
    }
    for name, sensor in sensors.items():
        if "time" not in sensor and "seconds_elapsed" not in sensor:
            raise member.error(f"the records of {name} have no time", "export it again")
    metadata = {key: str(value) for key, value in grouped.get("Metadata", [{}])[0].items()}
    return sensors, metadata
