"""A recorded trace goes the phone's own way: sample by sample into the chunk writer and so into the outbox.

Used to import recordings of other apps and by the demo, so that both meet the very code that runs on a phone.
"""

from __future__ import annotations

import hashlib
import math
import uuid
from collections.abc import Callable, Iterable, Iterator
from heapq import merge

import numpy as np

from detection import CahotError, Fixes, Samples, Trace
from mobile_app.outbox import Outbox
from mobile_app.privacy import Ends
from mobile_app.recorder import ChunkWriter

Row = tuple[float, ...]
Add = Callable[..., object]

_NAMESPACE = uuid.UUID("6f1b1ad4-6a3c-4b0e-9d0a-7c61b6f0c9a1")  # random, once: trips that were not named by a phone


class Unimportable(CahotError):
    """A trace holds what a chunk cannot carry."""

    def __init__(self, source: str, why: str, remedy: str) -> None:
        super().__init__(f"{source}: {why}; {remedy}")


def replay(trace: Trace, outbox: Outbox, trip_id: str, ends: Ends | None) -> int:
    """Records the trace into the outbox as a phone would have; returns the number of chunks, 0 where all was withheld.

    ends: how its ends are withheld, None: it goes whole. Raises Unimportable.
    """
    _check(trace)
    origin_s = min(0.0, float(trace.accelerometer.t_s[0]))  # Sensor Logger's first stamps lie before its own zero
    started_at_us = round((trace.started_at_s + origin_s) * 1e6)
    # save_s: nothing is lost by a kill, the recording is still there
    writer = ChunkWriter(outbox, trip_id, started_at_us, save_s=60.0, ends=ends)
    for add, row in merge(  # in order of time, as they come from the sensors
        _calls(writer.accelerometer, _rows(trace.accelerometer, origin_s)),
        _calls(writer.gyroscope, _rows(trace.gyroscope or Samples.empty(), origin_s)),
        _calls(writer.location, _fix_rows(trace.fixes, origin_s)),
        key=_time_of,
    ):
        add(*row)
    return writer.finish()


def trip_id_of(trace: Trace) -> str:
    """The trace's own id where it is a UUID, else one that follows from its samples: the same recording is the same trip."""
    try:
        return str(uuid.UUID(trace.trip_id))
    except ValueError:
        content = hashlib.sha256(repr(trace.started_at_s).encode())
        for sensor in (trace.accelerometer, trace.gyroscope or Samples.empty()):
            content.update(sensor.t_s.tobytes() + sensor.xyz.tobytes())
        for name in ("t_s", "latitude_deg", "longitude_deg"):
            content.update(getattr(trace.fixes, name).tobytes())
        return str(uuid.uuid5(_NAMESPACE, content.hexdigest()))


def _check(trace: Trace) -> None:
    source = trace.provenance.source or trace.trip_id
    if not len(trace.accelerometer):
        raise Unimportable(source, "has no accelerometer samples", "there is nothing to find jolts in")
    if not trace.gravity_included:
        raise Unimportable(source, "gravity is missing from its accelerometer", "export it with gravity (TotalAcceleration)")
    if math.isnan(trace.started_at_s):
        raise Unimportable(source, "has no date and time", "say when it began with --started-at 2026-05-04T07:12:00Z")


def _calls(add: Add, rows: Iterable[Row]) -> Iterator[tuple[Add, Row]]:
    return ((add, row) for row in rows)


def _time_of(call: tuple[Add, Row]) -> float:
    return call[1][0]


def _rows(sensor: Samples, origin_s: float) -> Iterator[Row]:
    return zip((sensor.t_s - origin_s).tolist(), *sensor.xyz.T.tolist(), strict=True)


def _fix_rows(fixes: Fixes, origin_s: float) -> Iterator[Row]:
    """Fixes from before the first sample are of no use and have no place in a trip."""
    kept = fixes[fixes.t_s >= origin_s]
    columns = (kept.latitude_deg, kept.longitude_deg, kept.speed_mps, kept.bearing_deg, kept.accuracy_m)
    return zip((kept.t_s - origin_s).tolist(), *(np.asarray(column).tolist() for column in columns), strict=True)
