"""Crossings as rows: what `detection.crossings` finds, rounded to what it is worth, the arms as JSON."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from detection import Survey
from detection.crossings import find_crossings

_DIGITS = {"latitude": 6, "longitude": 6, "braking": 3, "low": 3, "high": 3, "heading": 1, "straight_braking": 3, "speed": 1}


def crossing_rows(surveys: Sequence[Survey], k: int) -> list[dict[str, Any]]:
    """Rows of `Crossing`: crossings whose arms at least k devices drove."""
    found, approaches = find_crossings(surveys, k)
    told: list[list[dict[str, Any]]] = [[] for _ in range(len(found))]
    for arm in _records(approaches.columns()):
        told[arm.pop("crossing")].append(arm)
    rows = zip(_records(found.columns()), told, strict=True)
    return [row | {"id": number, "told": json.dumps(arms)} for number, (row, arms) in enumerate(rows)]


def _records(columns: Mapping[str, np.ndarray]) -> list[dict[str, Any]]:
    """A dict each row; what is unknown is None."""
    lists = {name: [_plain(name, value) for value in column.tolist()] for name, column in columns.items()}
    return [dict(zip(lists, row, strict=True)) for row in zip(*lists.values(), strict=True)]


def _plain(name: str, value: float) -> float | None:
    if math.isnan(value):
        return None
    return round(value, _DIGITS[name]) if name in _DIGITS else value
