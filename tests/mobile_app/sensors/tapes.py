"""Little recordings to play."""

from __future__ import annotations

from pathlib import Path

from chunk_samples import STARTED_AT_US, TRIP

from mobile_app import wire

RATE_HZ = 50.0


def write_chunks(folder: Path, chunks: int = 2, seconds: float = 4.0, trip: str = TRIP, first: int = 0) -> None:
    """Chunks of a drive: sample i of the trip has x = i / 64, as stored; a fix each second, gyroscope at half the rate."""
    folder.mkdir(exist_ok=True)
    per_chunk = round(seconds * RATE_HZ)
    for number in range(chunks):
        rows = range(number * per_chunk, (number + 1) * per_chunk)
        t = [row / RATE_HZ for row in rows]
        sensor = {"t": t, "x": [row / 64 for row in rows], "y": [0.0] * len(t), "z": [9.75] * len(t)}
        gyroscope = {"t": t[::2], "x": [0.5] * len(t[::2]), "y": [0.0] * len(t[::2]), "z": [0.0] * len(t[::2])}
        whole = [one for one in t if one == int(one)]
        location = {"t": whole, "latitude": [48.5 + one / 1000 for one in whole], "longitude": [2.25] * len(whole)}
        location |= {"speed": [10.0] * len(whole)}
        data = wire.encode(trip, number, STARTED_AT_US, sensor, gyroscope, location)
        (folder / f"{first + number}.chunk").write_bytes(data)
