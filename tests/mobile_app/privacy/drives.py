"""Drives for the tests of what is withheld: fixes along a way given in metres, and their recording by the phone's code."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

from mobile_app import wire
from mobile_app.diary import Diary
from mobile_app.outbox import Outbox
from mobile_app.privacy import Cell, Ends, Fix, cell_of
from mobile_app.privacy.cells import METRES_PER_DEGREE, middle_of
from mobile_app.recorder import ChunkWriter

TRIP = "5f0c7a52-3b1e-4c9d-8a77-0d6b2f1e9c34"
STARTED_AT_US = 1_777_878_720_000_000  # 2026-05-04T07:12:00Z
RULES = Ends()
HOME: Cell = cell_of(48.1, 11.5, RULES.cell_m)
Way = Sequence[tuple[float, float]]


def place(east_m: float, north_m: float) -> tuple[float, float]:
    """Latitude and longitude of a place so far from the middle of HOME."""
    latitude, longitude = middle_of(HOME)
    return (
        latitude + north_m / METRES_PER_DEGREE,
        longitude + east_m / METRES_PER_DEGREE / math.cos(math.radians(latitude)),
    )


def drive(way: Way, speed_mps: float = 12.0, begin_s: float = 0.0) -> list[Fix]:
    """A fix a second along the way at constant speed; a corner named twice is a minute's stop."""
    fixes, t_s = [Fix(begin_s, *place(*way[0]), 5.0)], begin_s
    for (e0, n0), (e1, n1) in pairwise(way):
        steps = max(round(math.hypot(e1 - e0, n1 - n0) / speed_mps), 0) or 60
        for step in range(1, steps + 1):
            t_s += 1.0
            share = step / steps
            fixes.append(Fix(t_s, *place(e0 + share * (e1 - e0), n0 + share * (n1 - n0)), 5.0))
    return fixes


def recorded(
    folder: Path,
    fixes: Sequence[Fix],
    rate_hz: int = 10,
    ends: Ends | None = RULES,
    trip: str = TRIP,
    diary: Diary | None = None,
    jolting: bool = False,
) -> Outbox:
    """An outbox after the drive, as the phone leaves it. Each sample of acceleration says when it was taken; or, jolting, the car
    shakes a little at 100 Hz and every twenty seconds a lot."""
    outbox = Outbox(folder)
    begin_s = fixes[0].t_s
    writer = ChunkWriter(outbox, trip, STARTED_AT_US + round(begin_s * 1e6), ends=ends, diary=diary)
    dice = random.Random(1)
    for fix in fixes:
        at_s = fix.t_s - begin_s
        writer.location(at_s, fix.latitude, fix.longitude, 12.0, None, fix.accuracy_m)
        for i in range(100 if jolting else 0):
            writer.accelerometer(
                at_s + i / 100, 0.25, dice.gauss(0.0, 0.05), 9.75 + dice.gauss(0.0, 0.3) + _shock(at_s + i / 100)
            )
        for i in range(0 if jolting else rate_hz):
            t_s = at_s + i / rate_hz
            writer.accelerometer(t_s, 0.25, round((fix.t_s + i / rate_hz) / 64) / 8, 9.75)
            writer.gyroscope(t_s, 0.0, 0.125, 0.0)
    writer.finish()
    return outbox


def _shock(t_s: float) -> float:
    since_s = t_s % 20.0
    return 8.0 * math.exp(-since_s * 12.0) * math.sin(2 * math.pi * 11.0 * since_s)


def sent(outbox: Outbox) -> list[wire.Chunk]:
    """What waits to be sent."""
    return [wire.decode(outbox.read(trip, number) or b"") for trip, number in outbox.pending()]


def sent_at_s(chunks: Sequence[wire.Chunk], stream: str) -> list[float]:
    """When its samples were taken, on the clock of the fixes."""
    held = []
    for chunk in chunks:
        series = getattr(chunk, stream)
        if series is not None:
            held += [(chunk.started_at_us - STARTED_AT_US) / 1e6 + t for t in series.t_s.tolist()]
    return held
