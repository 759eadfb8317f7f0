"""The shocks of a defect's passes, read from the stored traces when somebody looks at it. Kept nowhere."""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from sqlalchemy import select

from detection.stacking import METRES, over_metres
from ingest.store import Store
from ingest.store.object_store import ObjectStore
from ingest.store.objects import DamagedObject
from ingest.store.places import box_around
from ingest.store.schema import Chunk, Jolt, Trip
from mobile_app import wire

REACH_M, TURN_DEG = 14.0, 60.0  # as a hit's (`detection.settings.DefectSettings`)
MOST, MOST_OF_A_DEVICE = 12, 2  # curves: more hide each other; one commuter's car is not the fleet
TRIES = 4  # chunks read in search of the one that holds an instant: phones cut by the minute, others as they like
CHUNK_S = 60.0


@dataclass(frozen=True)
class Found:
    """A jolt of a trip: which device's, when (s from the trip's start), how fast (m/s)."""

    trip_id: str
    device_id: str
    t_s: float
    speed_mps: float


def stacked(store: Store, row: Mapping[str, Any], k: int) -> list[list[float]]:
    """Curves at `METRES`, hardest first, of a defect's row; none where they would be of fewer than k devices.

    Neither when nor whose is told. Raises StoreAway.
    """
    curves = [(one.device_id, curve) for one in _jolts(store, row) if (curve := _curve(store, one)) is not None]
    if len({device for device, _ in curves}) < k:
        return []
    curves.sort(key=lambda held: -float(np.ptp(held[1])))
    return [np.round(curve, 2).tolist() for _, curve in curves]


def _jolts(store: Store, row: Mapping[str, Any]) -> list[Found]:
    """Its surest jolts, at most so many, at most a few of a device."""
    box = box_around(row["latitude"], row["longitude"], REACH_M)
    columns = (Jolt.trip_id, Trip.device_id, Jolt.t_s, Jolt.speed, Jolt.heading)
    query = select(*columns).join(Trip, Trip.id == Jolt.trip_id).where(Trip.traces_deleted_at.is_(None), Jolt.speed.is_not(None))
    placed = query.where(Jolt.latitude.is_not(None), box.holds(Jolt.latitude, Jolt.longitude))
    with store.database.read() as session:
        near = session.execute(placed.order_by(Jolt.confidence.desc(), Jolt.trip_id, Jolt.number)).all()
    held: list[Found] = []
    of_device: Counter[str] = Counter()
    for trip, device, t_s, speed, heading in near:
        if len(held) < MOST and of_device[device] < MOST_OF_A_DEVICE and _agrees(row["heading"], heading):
            of_device[device] += 1
            held.append(Found(trip, device, t_s, float(speed or 0.0)))
    return held


def _agrees(one: float | None, other: float | None) -> bool:
    return one is None or other is None or abs((other - one + 180.0) % 360.0 - 180.0) <= TURN_DEG


def _curve(store: Store, found: Found) -> Any:
    """None where the traces are damaged or do not hold the instant."""
    with store.database.read() as session:
        rows = session.execute(select(Chunk.number, Chunk.sha256).where(Chunk.trip_id == found.trip_id)).all()
    digests = {row.number: row.sha256 for row in rows}
    with contextlib.suppress(DamagedObject, wire.ChunkError):
        number = int(found.t_s // CHUNK_S)
        for _ in range(TRIES):
            number = min(max(number, min(digests, default=0)), max(digests, default=0))
            if number not in digests:
                return None
            chunk = _read(store.objects, found.trip_id, number, digests[number])
            t_s = chunk.accelerometer.t_s
            if not len(t_s) or t_s[0] <= found.t_s <= t_s[-1]:
                xyz = np.stack([chunk.accelerometer.columns[axis] for axis in "xyz"], axis=1)
                return over_metres(t_s, xyz, found.t_s, found.speed_mps)
            number += 1 if found.t_s > t_s[-1] else -1
    return None


def _read(objects: ObjectStore, trip_id: str, number: int, sha256: str) -> wire.Chunk:
    data = objects.get(trip_id, number, sha256)
    return wire.decode(data) if data.startswith(wire.MAGIC) else wire.decode_json(data, trip_id, number)


def metres() -> Sequence[float]:
    """Where on the road each value of a curve is, from where the front axle meets the thing."""
    return [float(metre) for metre in METRES]
