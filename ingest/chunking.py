"""A trace as the chunks that a phone would have sent of it."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from detection import CahotError, Fixes, Samples, Trace
from mobile_app import wire

CHUNK_S = 60.0  # as the phone cuts them (mobile_app.recorder), so that each is scaled to the same peak
MOST_SAMPLES = 65_536  # of all streams in one chunk, likewise


class Unusable(CahotError):
    """A trace of which no jolts could be found; the reason is for the driver."""


def chunks_of(trace: Trace, trip_id: str, withheld: wire.Withheld | None = None) -> list[bytes]:
    """Binary chunks numbered from 0, which declare what was withheld. Raises Unusable, ChunkError for what none can carry."""
    check(trace)
    origin_s = min(0.0, float(trace.accelerometer.t_s[0]))
    started_at_us = round((trace.started_at_s + origin_s) * 1e6)
    sensors = {"accelerometer": trace.accelerometer, "gyroscope": trace.gyroscope or Samples.empty()}
    held = {name: _within_limit(name, samples) for name, samples in sensors.items()}
    fixes = trace.fixes[trace.fixes.t_s >= origin_s]
    times = np.sort(np.concatenate([*(samples.t_s for samples in held.values()), fixes.t_s]))
    chunks = []
    for number, (begin, end) in enumerate(_spans(times)):
        columns = {name: _sensor(samples, begin, end, origin_s) for name, samples in held.items()}
        place = _location(fixes[(fixes.t_s >= begin) & (fixes.t_s < end)], origin_s)
        gyro = columns["gyroscope"] if columns["gyroscope"]["t"] else None
        fixed = place if place["t"] else None
        chunks.append(wire.encode(trip_id, number, started_at_us, columns["accelerometer"], gyro, fixed, withheld=withheld))
    return chunks


def check(trace: Trace) -> None:
    """Raises Unusable for a trace in which no jolts could be found."""
    if not len(trace.accelerometer):
        raise Unusable("no acceleration was sent: switch on Accelerometer and Gravity, or Total Acceleration")
    if not trace.gravity_included:
        raise Unusable("gravity is missing from the acceleration: switch on Gravity beside Accelerometer, or Total Acceleration")
    if math.isnan(trace.started_at_s):
        raise Unusable("the readings have no date and time")


def _within_limit(name: str, samples: Samples) -> Samples:
    sound = (np.abs(samples.xyz) <= wire.LIMIT[name]).all(axis=1)
    return samples if sound.all() else Samples(samples.t_s[sound].copy(), samples.xyz[sound].copy())


def _spans(times: np.ndarray) -> Iterator[tuple[float, float]]:
    """Half-open spans of time, each beginning with the first sample after the last: a gap makes no empty chunks."""
    at = 0
    while at < len(times):
        end = min(int(np.searchsorted(times, times[at] + CHUNK_S)), at + MOST_SAMPLES)
        while 0 < end < len(times) and times[end] == times[end - 1]:
            end += 1  # samples of one instant stay together
        yield float(times[at]), float(times[end]) if end < len(times) else math.inf
        at = end


def _sensor(samples: Samples, begin: float, end: float, origin_s: float) -> dict[str, list[float]]:
    mine = (samples.t_s >= begin) & (samples.t_s < end)
    axes = {axis: samples.xyz[mine, i].tolist() for i, axis in enumerate("xyz")}
    return {"t": (samples.t_s[mine] - origin_s).tolist(), **axes}


def _location(fixes: Fixes, origin_s: float) -> dict[str, list[float]]:
    columns = (fixes.latitude_deg, fixes.longitude_deg, fixes.speed_mps, fixes.bearing_deg, fixes.accuracy_m)
    names = ("latitude", "longitude", "speed", "bearing", "accuracy")
    return {"t": (fixes.t_s - origin_s).tolist()} | {n: column.tolist() for n, column in zip(names, columns, strict=True)}
