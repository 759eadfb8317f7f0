"""Prints how fast each format is read: one hour at 100 Hz with gyroscope and fixes, written here, on one core.

Run: python benchmarks/readers.py [--minutes M]
"""

from __future__ import annotations

import argparse
import gzip
import json
import tempfile
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd

from detection.readers import read
from mobile_app import wire

START_S = 1_777_878_720


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=60.0)
    minutes = parser.parse_args().minutes
    drive = simulated(int(minutes * 60))
    print(f"one drive of {minutes:g} min, 100 Hz, accelerometer and gyroscope, a fix a second; the better of two readings")
    print(f"{'format':34}{'MB':>8}{'read, s':>10}{'MB/s':>8}")
    with tempfile.TemporaryDirectory() as folder:
        for name, write in FORMATS.items():
            path = write(Path(folder), drive)
            megabytes = (
                sum(file.stat().st_size for file in path.rglob("*") if file.is_file()) if path.is_dir() else path.stat().st_size
            )
            megabytes /= 1e6
            seconds = min(timed(path) for _ in range(2))
            print(f"{name:34}{megabytes:8.1f}{seconds:10.2f}{megabytes / seconds:8.0f}")


def timed(path: Path) -> float:
    began = time.perf_counter()
    traces = list(read(path))
    assert traces
    assert len(traces[0].accelerometer)
    return time.perf_counter() - began


def simulated(seconds: int) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(1)
    t = np.arange(seconds * 100) / 100
    fix = np.arange(seconds)
    return {
        "t": t,
        "xyz": np.array([0.5, 1.0, 9.7]) + rng.normal(0, 0.6, (len(t), 3)),
        "gyroscope": rng.normal(0, 0.03, (len(t), 3)),
        "location": np.column_stack([fix, 47.4 + fix * 1e-5, 19.0 + fix * 1e-5, np.full(seconds, 11.0)]),
    }


def sensor_logger(folder: Path, drive: dict[str, np.ndarray]) -> Path:
    path = folder / "logger"
    path.mkdir()
    for name, values in (("TotalAcceleration", drive["xyz"]), ("Gyroscope", drive["gyroscope"])):
        ns = (START_S * 10**9 + np.round(drive["t"] * 1e9)).astype(np.int64)
        columns = {"time": ns, "seconds_elapsed": drive["t"], "z": values[:, 2], "y": values[:, 1], "x": values[:, 0]}
        pd.DataFrame(columns).to_csv(path / f"{name}.csv", index=False)
    location = pd.DataFrame(drive["location"], columns=["seconds_elapsed", "latitude", "longitude", "speed"])
    location.insert(0, "time", ((START_S + location.seconds_elapsed) * 1e9).astype(np.int64))
    location.to_csv(path / "Location.csv", index=False)
    return path


def sensor_logger_json(folder: Path, drive: dict[str, np.ndarray]) -> Path:
    path = folder / "logger.json"
    records = [
        {"sensor": sensor, "time": str(START_S * 10**9 + round(t * 1e9)), "z": str(z), "y": str(y), "x": str(x)}
        for sensor, values in (("TotalAcceleration", drive["xyz"]), ("Gyroscope", drive["gyroscope"]))
        for t, (x, y, z) in zip(drive["t"].tolist(), values.tolist(), strict=True)
    ]
    path.write_text(json.dumps(records))
    return path


def phyphox(folder: Path, drive: dict[str, np.ndarray]) -> Path:
    path = folder / "phyphox.zip"
    tables = {
        "Accelerometer": (["X (m/s^2)", "Y (m/s^2)", "Z (m/s^2)"], np.column_stack([drive["t"], drive["xyz"]])),
        "Gyroscope": (["X (rad/s)", "Y (rad/s)", "Z (rad/s)"], np.column_stack([drive["t"], drive["gyroscope"]])),
        "Location": (["Latitude (°)", "Longitude (°)", "Velocity (m/s)"], drive["location"]),
    }
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, (names, values) in tables.items():
            frame = pd.DataFrame(values, columns=["Time (s)", *names])
            archive.writestr(f"{name}.csv", frame.to_csv(index=False, float_format="%.9E"))
    return path


def physics_toolbox(folder: Path, drive: dict[str, np.ndarray]) -> Path:
    path = folder / "2026-05-0409.12.00.csv"
    frame = repeated(drive, 1 / 9.80665)
    clock = pd.to_datetime((START_S + drive["t"]).round(3), unit="s").strftime("%H:%M:%S:%f").str[:-3]
    table = pd.DataFrame({"time": clock} | {f"gF{axis}": frame[axis] for axis in "xyz"})
    table[["Latitude", "Longitude", "Speed (m/s)"]] = frame[["latitude", "longitude", "speed"]].to_numpy()
    table.to_csv(path, index=False, sep=";", decimal=",", float_format="%.6f")
    return path


def merged(folder: Path, drive: dict[str, np.ndarray]) -> Path:
    path = folder / "merged.csv"
    frame = repeated(drive, 1 / 9.80665).rename(columns={axis: f"accelerometer{axis.upper()}" for axis in "xyz"})
    frame.insert(0, "timestamp", START_S + drive["t"])
    frame[["gyroX", "gyroY", "gyroZ"]] = drive["gyroscope"]
    frame.to_csv(path, index=False)
    return path


def merged_gzipped(folder: Path, drive: dict[str, np.ndarray]) -> Path:
    path = folder / "packed.csv.gz"
    path.write_bytes(gzip.compress((folder / "merged.csv").read_bytes()))
    return path


def our_json(folder: Path, drive: dict[str, np.ndarray]) -> Path:
    path = folder / "ours.json"
    path.write_text(json.dumps(json_form(drive)))
    return path


def our_chunks(folder: Path, drive: dict[str, np.ndarray]) -> Path:
    path = folder / "chunks"
    path.mkdir()
    trip = "0192aaaa-bbbb-7ccc-8ddd-0123456789ab"
    for number, first in enumerate(range(0, len(drive["t"]), 6000)):
        part, fixes = slice(first, first + 6000), slice(first // 100, first // 100 + 60)
        form = json_form({name: values[fixes if name == "location" else part] for name, values in drive.items()})
        chunk = wire.encode(trip, number, START_S * 10**6, form["accelerometer"], form["gyroscope"], form["location"])
        (path / f"{number}.chunk").write_bytes(chunk)
    return path


def json_form(drive: dict[str, np.ndarray]) -> dict:
    names = ("t", "latitude", "longitude", "speed")
    sensors = {"accelerometer": drive["xyz"], "gyroscope": drive["gyroscope"]}
    return {
        "started_at": "2026-05-04T07:12:00Z",
        **{name: dict(zip("txyz", np.column_stack([drive["t"], xyz]).T.tolist(), strict=True)) for name, xyz in sensors.items()},
        "location": dict(zip(names, drive["location"].T.tolist(), strict=True)),
    }


def repeated(drive: dict[str, np.ndarray], factor: float) -> pd.DataFrame:
    """Acceleration with the last fix repeated on every row."""
    frame = pd.DataFrame(drive["xyz"] * factor, columns=list("xyz"))
    frame[["latitude", "longitude", "speed"]] = np.repeat(drive["location"][:, 1:], 100, axis=0)
    return frame


FORMATS: dict[str, Callable[[Path, dict[str, np.ndarray]], Path]] = {
    "Sensor Logger, folder of CSV": sensor_logger,
    "Sensor Logger, JSON": sensor_logger_json,
    "phyphox, zip": phyphox,
    "Physics Toolbox, decimal commas": physics_toolbox,
    "merged CSV": merged,
    "merged CSV, gzipped": merged_gzipped,
    "our JSON": our_json,
    "our chunks, folder": our_chunks,
}

if __name__ == "__main__":
    main()
