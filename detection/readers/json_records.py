"""Numbers out of many JSON records, each of which may hold them as text."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping, Sequence

import numpy as np
import pyarrow as pa

from detection.readers.source import Member
from detection.trace import Floats


def numbers_of(member: Member, sensor: str, key: str, rows: Sequence[Mapping[str, object]]) -> Floats:
    """One field of many records, numbers or numbers as text, as float64 (n,); NaN where it is missing or empty."""
    values = [row.get(key) for row in rows]
    with contextlib.suppress(TypeError, ValueError):  # not all texts, or one that is no number: the slower way tells
        return np.asarray(pa.array(values, pa.string()).cast(pa.float64()).to_numpy(zero_copy_only=False), np.float64)
    try:
        return np.array([None if value == "" else value for value in values], np.float64)
    except (TypeError, ValueError, OverflowError):
        at = next(at for at, value in enumerate(values) if not _is_number(value))
        why = f"{sensor} record {at}: {key}={str(values[at])[:40]!r} is not a number"
        raise member.error(why, "delete or mend the record") from None


def _is_number(value: object) -> bool:
    try:
        np.array([None if value == "" else value], np.float64).reshape(1)
    except (TypeError, ValueError, OverflowError):
        return False
    return True
