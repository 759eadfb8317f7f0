"""From the columns a reader found to a Trace: one origin of time, units judged, everything odd noted.

The last step of every reader, so that all of them mend and refuse the same things in the same words.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from detection.errors import InvalidTrace
from detection.readers.source import Recording
from detection.readers.times import DAY_S, EPOCH_FROM_S, EPOCH_TO_S
from detection.readers.units import gravity_of
from detection.trace import STANDARD_GRAVITY_MPS2, Floats, Trace

LONGEST_S = 7 * DAY_S  # as the wire format: a week's drive
EARLY_S = 10.0  # a fix older than this before the first sample is a cached one, of another place
Timed = tuple[Floats, Floats]  # t (n,) s, xyz (n, 3)


@dataclass
class Columns:
    """What a reader found, times on one clock (epoch or relative) in s. location: t, latitude, longitude, ….

    factor: of the accelerometer to m/s² where its unit is written, None to judge by gravity.
    epoch_offset_s: what to add to relative times to get seconds since 1970; None where unknown. origin_s: where on that clock
    the trip begins, None for its first sample (or 0 where the clock starts shortly before it).
    """

    accelerometer: Timed | None = None
    gyroscope: Timed | None = None
    location: Mapping[str, Floats] | None = None
    factor: float | None = None
    epoch_offset_s: float | None = None
    origin_s: float | None = None
    device: str | None = None
    notes: list[str] = field(default_factory=list)


def assemble(recording: Recording, reader: str, found: Columns, trip_id: str | None = None) -> Trace:
    """One trace from what was found; t = 0 is the first sample, or the first fix shortly before it.

    Raises UnreadableRecording where nothing usable is in it or the accelerometer's magnitude makes no sense.
    """
    notes = list(found.notes)
    samples, gravity_included = _in_mps2(recording, found, notes)
    gyroscope, location = _sane(found.gyroscope), found.location
    start_s, started_at_s = _origin(samples[0], found)
    try:
        trace = Trace.build(
            trip_id or recording.name,
            accelerometer=(_since(samples[0], start_s), samples[1]),
            gyroscope=_shifted(gyroscope, start_s, notes),
            location=_located(location, start_s, notes),
            started_at=started_at_s,
            device=found.device,
            gravity_included=gravity_included,
            reader=reader,
            source=str(recording.path),
            notes=tuple(notes),
        )
    except InvalidTrace as error:
        raise recording.error(str(error), "export it again") from error
    if not len(trace.accelerometer) and not len(trace.fixes):
        counted = ", ".join(f"{reason}: {count}" for reason, count in trace.provenance.dropped.items())
        raise recording.error(f"holds no sample and no fix{counted and f' ({counted})'}", "record again, or export it again")
    return trace


def _in_mps2(recording: Recording, found: Columns, notes: list[str]) -> tuple[Timed, bool]:
    samples = _sane(found.accelerometer)
    if samples is None or not len(samples[0]):
        return (np.empty(0), np.empty((0, 3))), True
    gravity = gravity_of(samples[1], found.factor)
    if gravity.factor is None:
        raise recording.error(
            f"the accelerometer's median magnitude is {gravity.magnitude:.3g}, neither 1 (g) nor 9.8 (m/s²)",
            "name its unit, such as --columns x=accX:g,y=accY:g,z=accZ:g, or record with gravity included",
        )
    if gravity.factor != 1.0:
        unit = "g" if gravity.factor == STANDARD_GRAVITY_MPS2 else "another unit"
        notes.append(f"accelerometer in {unit} (median magnitude {gravity.magnitude:.3g}), multiplied by {gravity.factor:.6g}")
    if not gravity.included:
        notes.append(f"gravity was already removed from the accelerometer (median magnitude {gravity.magnitude:.3g})")
    return (samples[0], samples[1] * gravity.factor), gravity.included


def _sane(timed: Timed | None) -> Timed | None:
    return timed and (_near(timed[0]), timed[1])


def _near(t: Floats) -> Floats:
    """Times with NaN for stamps far from the others: one 0 among epoch times would be a trip of fifty years."""
    if not np.isfinite(t).any():
        return t
    with np.errstate(invalid="ignore"):
        return np.where(np.abs(t - np.nanmedian(np.where(np.isfinite(t), t, np.nan))) <= LONGEST_S, t, np.nan)


def _origin(t: Floats, found: Columns) -> tuple[float, float | None]:
    """The time of t = 0 on the recording's clock, and as seconds since 1970 where that is known."""
    start = _start(t, found) if found.origin_s is None else found.origin_s
    if EPOCH_FROM_S <= start <= EPOCH_TO_S:
        return start, start
    if found.epoch_offset_s is not None and EPOCH_FROM_S <= start + found.epoch_offset_s <= EPOCH_TO_S:
        return start, start + found.epoch_offset_s
    return start, None


def _start(t: Floats, found: Columns) -> float:
    fixes = found.location["t"] if found.location else np.empty(0)
    first = _first(t) if np.isfinite(t).any() else _first(fixes)
    others = np.r_[fixes, found.gyroscope[0] if found.gyroscope else np.empty(0)]
    others = others[np.isfinite(others) & (others >= first - EARLY_S)]
    start = min(first, _first(others)) if len(others) else first
    return 0.0 if 0.0 <= start <= EARLY_S else start


def _first(t: Floats) -> float:
    return float(np.nanmin(t)) if np.isfinite(t).any() else 0.0


def _shifted(timed: Timed | None, start_s: float, notes: list[str]) -> Timed | None:
    if timed is None:
        return None
    early = timed[0] < start_s
    if early.any():
        notes.append(f"{int(early.sum())} gyroscope samples from before the trip were left out")
    return _since(timed[0][~early], start_s), timed[1][~early]


def _located(location: Mapping[str, Floats] | None, start_s: float, notes: list[str]) -> dict[str, Floats] | None:
    if location is None:
        return None
    early = location["t"] < start_s
    island = (location["latitude"] == 0) & (location["longitude"] == 0)
    if early.any():
        notes.append(f"{int(early.sum())} fixes from before the trip were left out")
    if island.any():
        notes.append(f"{int(island.sum())} fixes at 0/0 (no position yet) were left out")
    keep = ~(early | island)
    return {name: _since(column[keep], start_s) if name == "t" else column[keep] for name, column in location.items()}


def _since(t: Floats, start_s: float) -> Floats:
    """Seconds from the start, to the µs where float64 seconds since 1970 say no more."""
    return np.round(t - start_s, 6) if start_s > DAY_S else t - start_s
