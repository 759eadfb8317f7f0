"""A parked car around a recorded drive: what the phone feels and sees before the driver starts and after the engine stops.

Recordings mostly begin and end in motion. Whether a drive begins is only to be noticed by who has seen the car stand.
"""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator
from dataclasses import dataclass

from mobile_app.sensors.moments import Moment
from mobile_app.wire import Chunk

NOISE_MPS2 = 0.02  # a phone's accelerometer at rest, 1 σ over 50 Hz
NOISE_RADPS = 0.002
WANDER_DEG = 5e-6  # half a metre: fixes of a standing phone wander; one that stays exactly is taken for a stuck receiver
ACCURACY_M = 5.0
FALLBACK_HZ = 100.0


@dataclass(frozen=True)
class Stance:
    """How the phone lies in the parked car, and where that is."""

    gravity: tuple[float, float, float]
    rate_hz: float
    turning: bool  # whether it has a gyroscope
    place: tuple[float, float] | None = None  # latitude, longitude


def stance_in(chunk: Chunk, before: Stance | None = None) -> Stance | None:
    """At the chunk's first fix, or at its last where a stance before it is known. None: it says nothing of how the phone lies."""
    import numpy as np

    felt = chunk.accelerometer
    if not len(felt):
        return before
    x, y, z = np.median(felt.xyz, axis=0).tolist()
    rate_hz = 1 / float(np.median(np.diff(felt.t_s))) if len(felt) > 1 else FALLBACK_HZ
    place = before.place if before else None
    if chunk.location is not None and len(chunk.location):
        at = -1 if before else 0
        place = tuple(float(chunk.location.columns[name][at]) for name in ("latitude", "longitude"))  # type: ignore[assignment]
    return Stance((x, y, z), rate_hz, chunk.gyroscope is not None, place)


def standing(stance: Stance, begin_s: float, seconds: float) -> Iterator[Moment]:
    """The samples and fixes of a car that stands, in order of time; for ever where seconds is infinite."""
    chance = random.Random(f"{begin_s}")
    step_s, next_fix_s = 1 / stance.rate_hz, begin_s
    for count in itertools.count():
        t = begin_s + count * step_s
        if t >= begin_s + seconds:
            return
        if stance.place is not None and t >= next_fix_s:
            next_fix_s += 1.0
            latitude, longitude = (degrees + chance.gauss(0, WANDER_DEG) for degrees in stance.place)
            yield Moment(t, "location", (latitude, longitude, 0.0, None, ACCURACY_M))
        yield Moment(t, "accelerometer", tuple(axis + chance.gauss(0, NOISE_MPS2) for axis in stance.gravity))
        if stance.turning:
            yield Moment(t, "gyroscope", tuple(chance.gauss(0, NOISE_RADPS) for _ in "xyz"))
