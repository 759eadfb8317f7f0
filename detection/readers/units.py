"""Units of recording apps to SI: by name where one is written, by gravity's magnitude where none is.

An accelerometer at rest shows 9.8 m/s² or 1 g. On a bad road |a| itself is no guide (a phone without gravity in its
samples can show a median of 1 or of 4 m/s²), so the mean over some seconds is judged, in which shaking cancels out.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np

from detection.trace import STANDARD_GRAVITY_MPS2, Floats

_MPH, _KNOT = 0.44704, 1852 / 3600  # exact: international mile and nautical mile
_SPEED = {"m/s": 1.0, "mps": 1.0, "km/h": 1 / 3.6, "kmh": 1 / 3.6, "kph": 1 / 3.6, "mph": _MPH, "kn": _KNOT, "knots": _KNOT}
_ACCELERATION = {"m/s2": 1.0, "mps2": 1.0, "ms2": 1.0, "g": STANDARD_GRAVITY_MPS2, "mg": STANDARD_GRAVITY_MPS2 / 1000}
_TURNING = {"rad/s": 1.0, "rads": 1.0, "deg/s": np.pi / 180, "dps": np.pi / 180, "°/s": np.pi / 180}
_TIME = {"s": 1.0, "ms": 1e-3, "us": 1e-6, "µs": 1e-6, "ns": 1e-9}
_ANGLE = {"deg": 1.0, "°": 1.0, "rad": 180 / np.pi}
_LENGTH = {"m": 1.0, "ft": 0.3048, "km": 1000.0}

FACTORS = {  # our column names → unit as written → factor to SI (angles of the map stay in degrees)
    "t": _TIME,
    **dict.fromkeys(("x", "y", "z"), _ACCELERATION),
    **dict.fromkeys(("gx", "gy", "gz"), _TURNING),
    **dict.fromkeys(("latitude", "longitude", "bearing"), _ANGLE),
    "speed": _SPEED,
    "accuracy": _LENGTH,
}
_UNIT_IN_HEADER = re.compile(r"[(\[]\s*([^)\]]+?)\s*[)\]]\s*$|_([a-z0-9]+)$", re.IGNORECASE)
_HARD_DRIVING_MPS2 = 3.0  # nobody brakes and turns harder than that on average
_BLOCK = 256  # samples averaged: 2.5 s at 100 Hz; a phone in a holder turns less than shaking lasts


@dataclass(frozen=True)
class Gravity:
    """What the samples say of themselves: factor to m/s² (None: makes no sense), whether gravity is in them."""

    magnitude: float
    factor: float | None
    included: bool


def gravity_of(xyz: Floats, known_factor: float | None = None) -> Gravity:
    """Judges samples (n, 3) of an accelerometer by the magnitude of their mean over blocks of some seconds.

    known_factor: to m/s², where the unit is written; then only many samples of an impossible magnitude are disbelieved.
    Without it 0.8–1.25 is g and 7.8–12.3 m/s²; below 0.65 gravity was removed, and m/s² is taken for granted, as all known apps
    write it. Anything between is not believed.
    """
    magnitude = _steady_magnitude(xyz)
    if known_factor is None:
        factor = STANDARD_GRAVITY_MPS2 if 0.8 <= magnitude <= 1.25 else 1.0
        believed = magnitude < 0.65 or _is_gravity(magnitude * factor)
        return Gravity(magnitude, factor if believed else None, _is_gravity(magnitude * factor))
    mps2 = magnitude * known_factor
    believed = mps2 < _HARD_DRIVING_MPS2 or _is_gravity(mps2) or len(xyz) < _BLOCK
    return Gravity(magnitude, known_factor if believed else None, mps2 > STANDARD_GRAVITY_MPS2 / 2)


def _is_gravity(mps2: float) -> bool:
    return 0.8 * STANDARD_GRAVITY_MPS2 <= mps2 <= 1.25 * STANDARD_GRAVITY_MPS2


def _steady_magnitude(xyz: Floats) -> float:
    finite = xyz[np.isfinite(xyz).all(axis=1)]
    if not len(finite):
        return 0.0
    blocks = max(1, len(finite) // _BLOCK)
    size = len(finite) // blocks
    with np.errstate(over="ignore", invalid="ignore"):
        means = finite[: blocks * size].reshape(blocks, size, 3).mean(axis=1)
        return float(np.median(np.linalg.norm(means, axis=1)))


def factor_of(column: str, unit: str) -> float | None:
    """Factor from a written unit to ours for one of our columns; None for a unit that does not fit it."""
    return FACTORS[column].get(unit.strip().lower().replace("^", "").replace("²", "2").replace("μ", "µ"))


def written_factor(column: str, header: str) -> float | None:
    """Factor by the unit inside a header such as `Speed (km/h)`, `acc_x [g]` or `time_ms`; None where none is written."""
    match = _UNIT_IN_HEADER.search(header)
    return factor_of(column, match.group(1) or match.group(2)) if match else None
