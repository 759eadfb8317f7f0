"""A defect as GeoJSON: made once, when it is estimated, up to its status, which crews change meanwhile.

So a list of a thousand is read and joined, not built. The one definition of what a defect's Feature holds.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

DAY_S = 86_400
_NOT_TOLD = ("latitude", "longitude", "status", "sorted_by")
_ROUNDED = {"severity": 2, "confidence": 4, "hit_rate": 4, "heading": 1, "radius": 1, "priority": 4}


def feature(row: Mapping[str, Any]) -> dict[str, Any]:
    """GeoJSON of one row of defects."""
    properties = {name: _rounded(name, value) for name, value in row.items() if name not in _NOT_TOLD}
    properties |= {name: day(row[name]) for name in ("first_seen", "last_seen")} | {"status": row["status"]}
    place = [round(row["longitude"], 6), round(row["latitude"], 6)]
    return {"type": "Feature", "id": row["id"], "geometry": {"type": "Point", "coordinates": place}, "properties": properties}


def beginning(row: Mapping[str, Any]) -> str:
    """The text of `feature` up to its status, which `whole` adds."""
    text = json.dumps(feature({**row, "status": ""}), allow_nan=False, separators=(",", ":"))
    return text.removesuffix('"}}')


def whole(begun: str, status: str) -> str:
    """The whole text of a feature."""
    return f'{begun}{status}"}}}}'


def day(at_s: float | None) -> str | None:
    """RFC 3339 of the day's beginning: when exactly somebody passed is nobody else's business."""
    if at_s is None:
        return None
    return datetime.fromtimestamp(at_s // DAY_S * DAY_S, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _rounded(name: str, value: Any) -> Any:
    return round(value, _ROUNDED[name]) if name in _ROUNDED and value is not None else value
