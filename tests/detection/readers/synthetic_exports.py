"""One short drive, written the way each recording app would: what the readers must give back is known."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from detection.trace import STANDARD_GRAVITY_MPS2

RATE_HZ, SECONDS = 50, 12
START_S = 1_777_878_720.0  # 2026-05-04T07:12:00Z
STARTED_AT = datetime.fromtimestamp(START_S, UTC)
G = STANDARD_GRAVITY_MPS2

_rng = np.random.default_rng(4)
T = np.arange(RATE_HZ * SECONDS) / RATE_HZ
GRAVITY = np.tile([0.6, 5.5, 8.1], (len(T), 1))  # a leaning phone, |g| = 9.81
MOVING = np.round(_rng.normal(0, 0.8, (len(T), 3)), 5)
TOTAL = GRAVITY + MOVING
GYRO = np.round(_rng.normal(0, 0.05, (len(T), 3)), 6)
FIX_T = np.arange(SECONDS, dtype=float)
FIXES = {
    "latitude": np.round(47.47 + FIX_T * 1e-4, 7),
    "longitude": np.round(19.05 + FIX_T * 5e-5, 7),
    "speed": np.round(11 + FIX_T * 0.1, 2),
    "bearing": np.round(20 + FIX_T, 1),
    "accuracy": np.full(SECONDS, 4.0),
}

PHYPHOX_TIME = (
    '"event","experiment time","system time","system time text"\n'
    f'"START",0.000000000E0,{START_S:.3f},"2026-05-04 09:12:00.000 UTC+02:00"\n'
    f'"PAUSE",1.200000000E1,{START_S + 12:.3f},"2026-05-04 09:12:12.000 UTC+02:00"\n'
)


def table(
    header: Sequence[str], rows: Iterable[Sequence[object]], separator: str = ",", comma: bool = False, quote: bool = False
) -> str:
    """CSV text; comma: decimal commas. quote: every field in quotes."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=separator, lineterminator="\n", quoting=csv.QUOTE_ALL if quote else csv.QUOTE_MINIMAL)
    writer.writerow(header)
    writer.writerows([str(value).replace(".", ",") if comma else value for value in row] for row in rows)
    return out.getvalue()


def sensor_logger(values: np.ndarray, delay_s: float = 0.0, t: np.ndarray = T) -> str:
    ns = [str(round((START_S + at) * 1e9)) for at in t]
    return table(
        ["time", "seconds_elapsed", "z", "y", "x"],
        ([stamp, at - delay_s, *row[::-1]] for stamp, at, row in zip(ns, t, values, strict=True)),
    )


def sensor_logger_location() -> str:
    """Columns in an order of their own, accuracy under its long name, invalid values negative."""
    header = [
        "time",
        "seconds_elapsed",
        "speedAccuracy",
        "horizontalAccuracy",
        "speed",
        "altitude",
        "bearing",
        "longitude",
        "latitude",
    ]
    rows = (
        [str(round((START_S + t) * 1e9)), t, 1.5, accuracy, speed, 130.2, bearing, longitude, latitude]
        for t, latitude, longitude, speed, bearing, accuracy in zip(FIX_T, *FIXES.values(), strict=True)
    )
    return table(header, rows)


def sensor_logger_metadata(platform: str = "android", standardised: str = "false") -> str:
    header = [
        "version",
        "device name",
        "recording epoch time",
        "platform",
        "appVersion",
        "device id",
        "sensors",
        "standardisation",
    ]
    return table(
        header, [[3, "Somebody's phone", 1777878720000, platform, "1.64", "6f1c-install", "Accelerometer|Location", standardised]]
    )


def sensor_logger_json() -> str:
    """Every value a text, sensors interleaved, as the app writes it."""
    records: list[dict[str, str]] = [
        {"sensor": "Metadata", "platform": "android", "appVersion": "1.64", "device id": "6f1c-install"}
    ]
    for name, values in (("TotalAcceleration", TOTAL), ("Gyroscope", GYRO)):
        records += [
            {"sensor": name, "time": str(round((START_S + t) * 1e9)), "seconds_elapsed": str(t)}
            | {axis: str(value) for axis, value in zip("xyz", row, strict=True)}
            for t, row in zip(T, values, strict=True)
        ]
    names = ("latitude", "longitude", "speed", "bearing", "horizontalAccuracy")
    records += [
        {"sensor": "Location", "time": str(round((START_S + t) * 1e9))} | dict(zip(names, map(str, row), strict=True))
        for t, *row in zip(FIX_T, *FIXES.values(), strict=True)
    ]
    return json.dumps(records)


def phyphox(names: Sequence[str], values: np.ndarray, separator: str = ",", comma: bool = False) -> str:
    text = table(["Time (s)", *names], ([f"{v:.9E}" for v in row] for row in np.column_stack([T, values])), separator, comma)
    head, rest = text.split("\n", 1)
    return separator.join(f'"{name.strip(chr(34))}"' for name in head.split(separator)) + "\n" + rest


def phyphox_location(separator: str = ",", comma: bool = False) -> str:
    header = [
        "Time (s)",
        "Latitude (°)",
        "Longitude (°)",
        "Height (m)",
        "Velocity (m/s)",
        "Direction (°)",
        "Horizontal Accuracy (m)",
    ]
    latitude, longitude, speed, bearing, accuracy = FIXES.values()
    columns = np.column_stack([FIX_T, latitude, longitude, np.full(SECONDS, 120), speed, bearing, accuracy])
    columns[0, 4:6] = -1
    return table(header, ([f"{v:.12E}" for v in row] for row in columns), separator, comma)


AXES = ["X (m/s^2)", "Y (m/s^2)", "Z (m/s^2)"]


def phyphox_members(separator: str = ",", comma: bool = False) -> dict[str, str]:
    return {
        "Accelerometer.csv": phyphox(AXES, TOTAL, separator, comma),
        "Gyroscope.csv": phyphox(["X (rad/s)", "Y (rad/s)", "Z (rad/s)"], GYRO, separator, comma),
        "Location.csv": phyphox_location(separator, comma),
        "meta/time.csv": PHYPHOX_TIME,
    }


def physics_toolbox(separator: str = ",", comma: bool = True, quote: bool = True, seconds_of_day: float = 33_120.0) -> str:
    """g with gravity, HH:MM:SS:mmm, 0/0 during the first three seconds, every line ending in an empty field."""
    rows = []
    for t, force in zip(T, TOTAL / G, strict=True):
        at, fix = round((seconds_of_day + t) * 1000), int(t)
        clock = f"{at // 3_600_000 % 24:02}:{at // 60_000 % 60:02}:{at // 1000 % 60:02}:{at % 1000:03}"
        place = [f"{FIXES[name][fix] if t >= 3 else 0:.8f}" for name in ("latitude", "longitude", "speed")]
        values = [f"{value:.6f}" for value in force] + place
        values = [value.replace(".", ",") for value in values] if comma else values
        rows.append(separator.join([clock, *(f'"{value}"' if quote else value for value in values)]) + separator)
    return (
        separator.join(["time", "gFx", "gFy", "gFz", "Latitude", "Longitude", "Speed (m/s)", ""]) + "\n" + "\n".join(rows) + "\n"
    )


def merged(factor: float = 1 / G, time_factor: float = 1.0) -> str:
    header = ["timestamp", "latitude", "longitude", "speed", *(f"accelerometer{a}" for a in "XYZ"), *(f"gyro{a}" for a in "XYZ")]
    rows = (
        [
            repr(float(round((START_S + t) * time_factor, 3))),
            *(FIXES[name][int(t)] for name in ("latitude", "longitude", "speed")),
            *a,
            *g,
        ]
        for t, a, g in zip(T, TOTAL * factor, GYRO, strict=True)
    )
    return table(header, rows)


def gpx(speed: bool = True) -> str:
    points = "".join(
        f'<trkpt lat="{latitude}" lon="{longitude}"><time>{datetime.fromtimestamp(START_S + t, UTC):%Y-%m-%dT%H:%M:%SZ}</time>'
        + (f"<extensions><x:speed>{told}</x:speed></extensions>" if speed else "")
        + "</trkpt>"
        for t, latitude, longitude, told, *_ in zip(FIX_T, *FIXES.values(), strict=True)
    )
    head = '<?xml version="1.0"?><gpx version="1.1" creator="t" xmlns="http://www.topografix.com/GPX/1/1" xmlns:x="http://x">'
    return f"{head}<trk><name>home</name><trkseg>{points}</trkseg></trk></gpx>"


def json_chunk(part: slice = slice(None), fixes: bool = True, **fields: object) -> dict[str, object]:
    """INTERFACE.md's object over a part of the drive."""
    sensors = {
        name: {"t": T[part].tolist(), **{axis: values[part, i].tolist() for i, axis in enumerate("xyz")}}
        for name, values in (("accelerometer", TOTAL), ("gyroscope", GYRO))
    }
    location = {"location": {"t": FIX_T.tolist()} | {name: column.tolist() for name, column in FIXES.items()}} if fixes else {}
    return {"started_at": "2026-05-04T07:12:00Z", **sensors, **location, **fields}


def write(folder: Path, members: dict[str, str | bytes]) -> Path:
    for name, content in members.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
    return folder


def zipped(path: Path, members: dict[str, str | bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path
