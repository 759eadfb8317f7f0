"""The fleet's calibration that all stored defects are told by, and how old it is.

Severities of different tiles compare only under one calibration, so it stays while tiles are estimated one by one, until it
is renewed with all of them at once.
"""

from __future__ import annotations

import hashlib
import io
from dataclasses import dataclass, fields

import numpy as np
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from detection.calibration import Calibration, DeviceGains
from detection.settings import CalibrationSettings, DefectSettings
from detection.trust import TrustSettings
from detection.weight import DeviceTrust
from ingest.store.schema import CalibrationRow

_TABLE = [f.name for f in fields(DeviceGains)]
_TRUST = [f.name for f in fields(DeviceTrust)]
_SORTS = ("exponent", "exponent_se", "sigma")
# one made by other rules, or for defects found by other rules, is void
_RULES = (_TABLE, _SORTS, _TRUST, CalibrationSettings(), DefectSettings(), TrustSettings())
SHAPE = hashlib.sha256(repr(_RULES).encode()).hexdigest()


@dataclass(frozen=True)
class Epoch:
    """calibration: None where none counts. surveys: it was made from, since: stored after that; expiries: as in the row."""

    calibration: Calibration | None
    surveys: int
    since: int
    made_at: float
    expiries: int


def load(session: Session) -> Epoch:
    row = session.scalars(select(CalibrationRow)).one()
    held = unpack(row.arrays) if row.arrays is not None and row.shape == SHAPE else None
    return Epoch(held, row.surveys, row.since, row.made_at, row.expiries)


def save(session: Session, made: Calibration, surveys: int, seen: Epoch, now: float) -> None:
    """Begin an epoch with this calibration, made of what was there when `seen` was; void if that expired meanwhile."""
    values = {"surveys": surveys, "since": CalibrationRow.since - seen.since, "made_at": now}
    values |= {"shape": SHAPE, "arrays": pack(made)}
    session.execute(update(CalibrationRow).where(CalibrationRow.expiries == seen.expiries).values(values))


def count_survey(session: Session) -> None:
    """One more survey that the calibration does not know."""
    session.execute(update(CalibrationRow).values(since=CalibrationRow.since + 1))


def expire(session: Session) -> None:
    """It counts no more, and nothing of it is kept: the next estimate makes one, and all defects, anew."""
    session.execute(update(CalibrationRow).values(arrays=None, expiries=CalibrationRow.expiries + 1))


def pack(made: Calibration) -> bytes:
    held = io.BytesIO()
    devices = {f"devices.{name}": getattr(made.devices, name) for name in _TABLE}
    devices |= {f"trust.{name}": getattr(made.trust, name) for name in _TRUST}
    devices |= {name: devices[name].astype(str) for name in ("devices.device", "trust.device")}
    np.savez_compressed(held, **(devices | {name: getattr(made, name) for name in _SORTS}), allow_pickle=False)
    return held.getvalue()


def unpack(arrays: bytes) -> Calibration:
    with np.load(io.BytesIO(arrays), allow_pickle=False) as held:
        devices = {name: held[f"devices.{name}"] for name in _TABLE}
        trust = {name: held[f"trust.{name}"] for name in _TRUST}
        exponent, exponent_se, sigma = (held[name] for name in _SORTS)
    gains = DeviceGains.from_columns(devices)
    return Calibration(gains, exponent, exponent_se, sigma, trust=DeviceTrust.from_columns(trust))
