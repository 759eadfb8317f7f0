"""Times of recording apps to seconds: epoch or relative, in s, ms, µs or ns, as ISO 8601 text or as time of day.

Times on the epoch stay there (seconds since 1970 UTC); `assemble` turns them into seconds from the start.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from detection.trace import Floats

EPOCH_FROM_S, EPOCH_TO_S = 9.4e8, 4.1e9  # 1999 to 2099: a number in between is a date, not a duration
DAY_S = 86_400.0
_UNITS = (("s", 1.0), ("ms", 1e-3), ("µs", 1e-6), ("ns", 1e-9))
_DATE_IN_NAME = re.compile(r"(20\d\d)[-_.]?([01]\d)[-_.]?([0-3]\d)(?!\d{9})")


def seconds(values: Floats) -> tuple[Floats, str]:
    """Times (n,) in an unnamed unit → seconds and the unit that was recognised.

    Epoch times are known by their size, provided that their step is one a sensor can have; others by their step alone:
    below 2 it is seconds (0.5 to 1000 Hz), below 1000 ms, below 10⁶ µs, beyond that ns.
    """
    finite = values[np.isfinite(values)]
    if not len(finite):
        return values, "s"
    middle, step = float(np.median(finite)), _typical_step(finite)
    for unit, factor in _UNITS:
        if EPOCH_FROM_S <= middle * factor <= EPOCH_TO_S and step * factor <= 120.0:
            return values * factor, unit
    unit, factor = _UNITS[int(np.searchsorted((2.0, 1e3, 1e6), step, side="right"))]
    return values * factor, unit


def _typical_step(values: Floats) -> float:
    steps = np.diff(values)
    steps = steps[steps > 0]
    return float(np.median(steps)) if len(steps) else 0.0


def is_epoch(t_s: Floats) -> bool:
    """Whether times in seconds (n,) are dates rather than durations."""
    finite = t_s[np.isfinite(t_s)]
    return bool(len(finite)) and EPOCH_FROM_S <= float(np.median(finite)) <= EPOCH_TO_S


def from_text(texts: pa.ChunkedArray) -> Floats | None:
    """ISO 8601 instants (n,) as seconds since 1970, UTC where no zone is written; None where most are no dates."""
    try:
        stamps = pd.to_datetime(pd.Series(texts.to_pandas()), format="ISO8601", utc=True, errors="coerce")
    except (ValueError, OverflowError):
        return None
    if not len(stamps) or stamps.isna().mean() > 0.5:
        return None
    us = stamps.dt.as_unit("us").to_numpy("datetime64[us]")  # ns would end in 2262, and text may say any year
    return np.where(np.isnat(us), np.nan, us.astype(np.int64) / 1e6)


def times_of_day(texts: pa.ChunkedArray) -> Floats | None:
    """`HH:MM:SS:mmm` (or `.mmm`, `,mmm`, none) texts (n,) as seconds that go on beyond midnight; None where they are none."""
    even = pc.replace_substring_regex(pc.utf8_trim_whitespace(texts), r"[.,]", ":")
    parts = pc.split_pattern(even, ":").combine_chunks()
    widths = pc.unique(pc.list_value_length(parts)).to_pylist()
    if len(widths) != 1 or widths[0] not in (3, 4):
        return None
    try:
        fields = np.asarray(pc.list_flatten(parts).cast(pa.float64()).to_numpy(zero_copy_only=False)).reshape(-1, widths[0])
    except pa.ArrowInvalid:
        return None
    t_s = fields @ np.array([3600.0, 60.0, 1.0, 1e-3])[: widths[0]]
    return np.asarray(t_s + DAY_S * _days_passed(t_s), np.float64)


def _days_passed(t_s: Floats) -> Floats:
    """A fall by more than half a day is midnight, a rise by as much takes it back (stamps out of order around it)."""
    steps = np.diff(t_s, prepend=t_s[:1])
    return np.cumsum((steps < -DAY_S / 2).astype(np.float64) - (steps > DAY_S / 2))


def date_in(name: str) -> date | None:
    """The day written in a file's name, such as 2018-10-07 in `2018-10-0716.22.42.csv`; None where there is none."""
    for match in _DATE_IN_NAME.finditer(name):
        try:
            return date(*map(int, match.groups()))
        except ValueError:
            continue
    return None


def midnight_s(day: date) -> float:
    """Seconds since 1970 of the start of `day`, taken as UTC."""
    return datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp()
