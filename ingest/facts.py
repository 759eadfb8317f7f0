"""What else the page of a defect tells: terms of its priority, probability of each kind, its size, whether it seems mended.

Pure: arrays in, JSON out.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from detection import KINDS, Defects
from detection.estimate import Nature
from detection.priority import Terms, class_of

_DIGITS = 4


def fact_rows(defects: Defects, terms: Terms, nature: Nature, seems: Mapping[str, dict[str, Any]]) -> list[dict[str, Any]]:
    """Rows of `DefectFacts`, one a defect; seems: see `repairs.judge`."""
    kinds = np.stack([getattr(nature, name) for name in KINDS[1:]], axis=1).tolist()
    sizes = np.stack([nature.size_m, nature.low_m, nature.high_m], axis=1).tolist()
    named = [(name, column.tolist()) for name, column in terms.columns().items()]
    return [
        {
            "defect_id": name,
            "told": json.dumps(
                {
                    "priority_terms": _terms({column: values[row] for column, values in named}),
                    "kinds": _kinds(kinds[row]),
                    "size": _size(*sizes[row]),
                }
                | ({"seems_repaired": seems[name]} if name in seems else {})
            ),
        }
        for row, name in enumerate(defects.id.tolist())
    ]


def _terms(of: dict[str, Any]) -> dict[str, Any]:
    """Factors first, then the figures that they come from."""
    told = {name: _rounded(value) for name, value in of.items()}
    return told | {"road": class_of(of["speed"])}


def _kinds(probabilities: list[float]) -> dict[str, float] | None:
    return dict(zip(KINDS[1:], (round(p, _DIGITS) for p in probabilities), strict=True)) if any(probabilities) else None


def _size(metres: float, low: float, high: float) -> dict[str, float] | None:
    return None if math.isnan(metres) else {name: round(v, 3) for name, v in (("m", metres), ("low", low), ("high", high))}


def _rounded(value: Any) -> Any:
    if isinstance(value, float):
        return None if math.isnan(value) else round(value, _DIGITS)
    return value
