"""A city for tests of other systems' clients: defects that all may see, some that few passed, streets, crossings, jolts."""

from __future__ import annotations

import json
import time
import uuid
from typing import Any

import numpy as np

from detection import KINDS, Defects
from ingest.store import Store, common_tracks, crossings, defects
from ingest.store.schema import Device, Jolt, Trip

SEEN, RARE = 250, 7  # defects passed by five devices, and by two
TRIP = "7d1d9fd0-5d0e-4f51-9d53-6a3d27c4a001"
WEST, SOUTH = 11.5, 48.1


def defects_of(seen: int = SEEN, rare: int = RARE) -> Defects:
    """On a grid 100 m wide, every other one a pothole, in order of id; the rare ones last, 1 km to the north of the others."""
    count, number = seen + rare, np.arange(seen + rare)
    few = number >= seen
    columns: dict[str, Any] = {name: np.zeros(count) for name in Defects.empty().columns()}
    columns |= {"id": np.array([f"d{n:06d}" for n in number], object), "devices": np.where(few, 2, 5)}
    columns |= {"latitude": SOUTH + 0.001 * (number // 25) + 0.01 * few, "longitude": WEST + 0.001 * (number % 25)}
    columns |= {"passes": np.full(count, 10), "hits": np.full(count, 5), "hit_rate": np.full(count, 0.5)}
    columns |= {"confidence": np.linspace(0.5, 0.99, count), "severity": np.full(count, 2.0), "radius": np.full(count, 1.5)}
    columns |= {"kind": np.where(number % 2, KINDS.index("joint"), KINDS.index("pothole")), "priority": np.linspace(1, 0, count)}
    columns |= {"heading": np.where(number % 3, 90.0, np.nan), "first_seen": np.full(count, 1.75e9)}
    return Defects.from_columns(columns | {"last_seen": 1.76e9 + 86_400.0 * number})


def street(number: int, devices: int = 4) -> dict[str, Any]:
    """A row of `common_tracks`: 200 m to the east."""
    south, west = SOUTH + 0.001 * number, WEST
    line = [[west + 0.001 * step, south] for step in range(4)]
    edges = {"south": south, "north": south, "west": west, "east": west + 0.003}
    return {"id": number, **edges, "passes": 9, "devices": devices, "roughness": 0.7, "line": json.dumps(line)}


def crossing(number: int) -> dict[str, Any]:
    place = {"latitude": SOUTH + 0.001 * number, "longitude": WEST + 0.001}
    shares = {"braking": 0.25, "low": 0.1, "high": 0.4}
    return {"id": number, **place, "arms": 4, "devices": 4, "approaches": 12, **shares, "told": "[]"}


def put_city(store: Store, held: Defects | None = None) -> None:
    """All of it, in the place of what was there."""
    now = time.time()
    with store.database.write() as session:
        defects.replace(session, defects_of() if held is None else held, [])
        common_tracks.replace(session, [street(number) for number in range(12)])
        crossings.replace(session, [crossing(number) for number in range(3)])
        if session.get(Trip, TRIP) is None:
            device = Device(id=str(uuid.uuid4()), token_sha256="0" * 64, created_at=now)
            session.add(device)
            session.flush()
            session.add(Trip(id=TRIP, device_id=device.id, state="processed", created_at=now))
            session.flush()
            session.add_all(jolt(number) for number in range(20))


def jolt(number: int) -> Jolt:
    """The last one has no place."""
    place: dict[str, Any] = {"latitude": SOUTH + 0.0001 * number, "longitude": WEST, "heading": 0.0, "speed": 10.0}
    told = {"t_s": number * 1.5, "severity": 1.5, "peak": 4.0, "kind": "pothole", "confidence": 0.8}
    return Jolt(trip_id=TRIP, number=number, **(place if number < 19 else {}), **told)
