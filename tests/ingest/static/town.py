"""A small invented town as the server would tell of it: streets with passes, defects with histories. Seeded."""

from __future__ import annotations

import datetime as dt
import math
from typing import Any

import numpy as np

LATITUDE, LONGITUDE = 47.05, 8.31
KINDS = ("pothole", "pothole", "pothole", "speed_bump", "joint", "rough", "unknown")
FIRST_DAY = dt.date(2026, 4, 14)


def tracks(seed: int = 3) -> dict[str, Any]:
    """`GET /v1/tracks` of the whole town."""
    return {
        "type": "FeatureCollection",
        "features": [_street(line, passes) for line, passes in _streets(seed)],
        "next": None,
        "k": 3,
    }


def defects(count: int = 38, seed: int = 3) -> dict[str, Any]:
    """`GET /v1/defects` of the whole town, `count` features on its streets."""
    draw = np.random.default_rng(seed + 1)
    streets = _streets(seed)
    features = [_defect(number, draw, *streets[draw.integers(len(streets))]) for number in range(count)]
    return {"type": "FeatureCollection", "features": features, "next": None, "k": 3}


def with_history(feature: dict[str, Any]) -> dict[str, Any]:
    """`GET /v1/defects/{id}`: the feature and its passes by day, adding up to its counts."""
    properties = feature["properties"]
    draw = np.random.default_rng(properties["passes"])
    days = min(18, properties["passes"])
    passes = np.bincount(draw.integers(0, days, properties["passes"]), minlength=days)
    hits = draw.multivariate_hypergeometric(passes, properties["hits"])
    history = [
        {
            "time": (FIRST_DAY + dt.timedelta(days=int(day))).isoformat(),
            "passes": int(p),
            "hits": int(h),
            "devices": int(min(p, 3)),
        }
        for day, (p, h) in enumerate(zip(passes, hits, strict=True))
        if p
    ]
    return {**feature, "history": history}


def _streets(seed: int) -> list[tuple[np.ndarray, int]]:
    """(points (n, 2) in metres, passes) of a bent grid of 9 by 7 streets with a ring road."""
    draw = np.random.default_rng(seed)
    along = np.linspace(-900, 900, 37)
    streets = []
    for east in np.linspace(-800, 800, 9) + draw.normal(0, 25, 9):
        line = np.column_stack([east + 40 * np.sin(along / 420 + east), along * 0.75])
        streets.append((line, int(draw.integers(2, 30))))
    for north in np.linspace(-600, 600, 7) + draw.normal(0, 20, 7):
        line = np.column_stack([along, north + 30 * np.sin(along / 500 + north)])
        streets.append((line, int(draw.integers(2, 45))))
    turn = np.linspace(0, 2 * np.pi, 73)
    streets.append((np.column_stack([560 * np.cos(turn), 400 * np.sin(turn)]), 90))
    return streets


def _street(line: np.ndarray, passes: int) -> dict[str, Any]:
    geometry = {"type": "LineString", "coordinates": [_position(point) for point in line]}
    return {"type": "Feature", "geometry": geometry, "properties": {"passes": passes, "roughness": 0.6}}


def _defect(number: int, draw: np.random.Generator, line: np.ndarray, busy: int) -> dict[str, Any]:
    at = int(draw.integers(2, len(line) - 3))
    east, north = line[at + 1] - line[at]
    passes = int(draw.integers(4, busy + 8))
    hits = int(draw.integers(max(2, passes // 2), passes + 1))
    kind = KINDS[number % len(KINDS)]
    first = FIRST_DAY + dt.timedelta(days=int(draw.integers(0, 6)))
    properties = {
        "id": f"d{number:04d}",
        "kind": kind,
        "severity": round(float(draw.lognormal(0.8, 0.5)), 2),
        "confidence": round(float(1 - draw.beta(1, 6) if number % 4 else draw.uniform(0.35, 0.9)), 3),
        "hits": hits,
        "passes": passes,
        "devices": int(min(passes, draw.integers(3, 12))),
        "hit_rate": hits / passes,
        "heading": None if kind == "speed_bump" else round(math.degrees(math.atan2(east, north)) % 360, 1),
        "radius": round(float(draw.uniform(0.8, 4)), 2),
        "first_seen": f"{first}T07:12:00Z",
        "last_seen": f"{FIRST_DAY + dt.timedelta(days=17)}T16:40:00Z",
        "status": "new",
        "priority": round(float(draw.uniform(0, 5)), 2),
    }
    return {
        "type": "Feature",
        "id": properties["id"],
        "geometry": {"type": "Point", "coordinates": _position(line[at])},
        "properties": properties,
    }


def _position(metres: np.ndarray) -> list[float]:
    """[longitude, latitude] of metres east and north of the town's middle."""
    east, north = (float(value) for value in metres)
    return [round(LONGITUDE + east / (111_320 * math.cos(math.radians(LATITUDE))), 6), round(LATITUDE + north / 111_320, 6)]
