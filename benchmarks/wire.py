"""Size and speed of the wire format: `python benchmarks/wire.py`. Ratios to a plain copy of the arrays are of the same run."""

from __future__ import annotations

import csv
import io
import json
import time
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np

from mobile_app import wire

TRIP = "5f0c7a52-3b1e-4c9d-8a77-0d6b2f1e9c34"
RECORDINGS = Path(__file__).resolve().parents[2] / "shared" / "data" / "phyphox"
RATE_HZ, CHUNK_S = 100, 60


def main() -> None:
    columns = drive()
    data = wire.encode(TRIP, 0, 0, **columns)
    samples = 2 * RATE_HZ * CHUNK_S
    print(f"one minute at {RATE_HZ} Hz, six axes, 60 fixes: {len(data)} bytes")
    print(f"synthetic driving: {bytes_per_sample(columns['accelerometer']):.2f} bytes a three-axis sample")
    for name, sensor in recordings():
        print(f"{name}: {bytes_per_sample(sensor):.2f} bytes a three-axis sample")

    chunk = wire.decode(data)
    arrays = [array for series in (chunk.accelerometer, chunk.gyroscope) for array in (series.t_s, *series.columns.values())]
    megabytes = sum(array.nbytes for array in arrays) / 1e6
    text = json.dumps(wire.chunk_to_json(chunk)).encode()
    copy_s = fastest(lambda: [np.copy(array) for array in arrays])
    for what, seconds in {
        "encode": fastest(lambda: wire.encode(TRIP, 0, 0, **columns)),
        "decode": fastest(lambda: wire.decode(data)),
        "decode_json": fastest(lambda: wire.decode_json(text)),
        "inflate alone": fastest(lambda: zlib.decompress(data[38:-4], -15)),
        "np.copy of the arrays": copy_s,
    }.items():
        rate = f"{megabytes / seconds:7.0f} MB/s of arrays, {samples / seconds / 1e6:6.2f} M samples/s"
        print(f"{what:22} {1e3 * seconds:7.3f} ms, {rate}, {seconds / copy_s:6.1f} x a copy")


def drive(seed: int = 0) -> dict[str, dict[str, list[float]]]:
    """A minute of a tilted phone in a car: vibration of 0.3 to 1 m/s², noise of 0.02 m/s² and 0.002 rad/s, jitter of 0.3 ms."""
    rng = np.random.default_rng(seed)
    count = RATE_HZ * CHUNK_S
    t_s = np.cumsum(1 / RATE_HZ + rng.normal(0, 3e-4, count)).tolist()
    shaken = [np.convolve(rng.normal(0, spread, count), np.hanning(9) / 2.5, "same") for spread in (0.5, 0.5, 1.0)]
    acceleration = np.array(shaken) + rng.normal(0, 0.02, (3, count)) + np.array([[0.3], [6.9], [6.9]])
    rotation = np.array(shaken) * 0.05 + rng.normal(0, 2e-3, (3, count))
    fixes = np.arange(60.0)
    location = {"t": fixes, "latitude": 48.85 + fixes * 1e-4, "longitude": 2.35 + fixes * 5e-5, "speed": 10 + np.sin(fixes)}
    return {
        "accelerometer": dict(zip("txyz", [t_s, *acceleration.tolist()], strict=True)),
        "gyroscope": dict(zip("txyz", [t_s, *rotation.tolist()], strict=True)),
        "location": {name: values.tolist() for name, values in location.items()},
    }


def recordings() -> list[tuple[str, dict[str, list[float]]]]:
    """One minute from the middle of each phyphox recording; none where the folder is missing."""
    found = []
    for path in sorted(RECORDINGS.glob("*.zip")):
        with zipfile.ZipFile(path) as archive, archive.open("Accelerometer.csv") as file:
            rows = list(csv.reader(io.TextIOWrapper(file, "utf-8")))[1:]
        middle = len(rows) // 2
        minute = np.array(rows[middle : middle + RATE_HZ * CHUNK_S], float)
        minute = minute[np.r_[True, np.diff(np.rint(minute[:, 0] * 1e6)) > 0]]
        found.append((f"phyphox {path.stem}", dict(zip("txyz", minute.T.tolist(), strict=True))))
    if not found:
        print(f"real recordings left out: no {RECORDINGS}")
    return found


def bytes_per_sample(accelerometer: dict[str, list[float]]) -> float:
    return len(wire.encode(TRIP, 0, 0, accelerometer)) / len(accelerometer["t"])


def fastest(call: Callable[[], object], rounds: int = 30) -> float:
    """Seconds of the fastest of several runs: the one least disturbed by others."""
    spent = []
    for _ in range(rounds):
        begun = time.perf_counter()
        call()
        spent.append(time.perf_counter() - begun)
    return min(spent)


if __name__ == "__main__":
    main()
