"""A severe, confirmed defect ahead on the current heading: told once a pass, some seconds before. Pure; off unless chosen."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from mobile_app.privacy.cells import METRES_PER_DEGREE


@dataclass(frozen=True)
class AlertRules:
    """When a defect is worth a sound."""

    severity: float = 4.0  # 1 is just felt, humps as built reach 14: four times that is a hole to steer around
    confidence: float = 0.9  # from which the map draws a defect as confirmed
    ahead_s: float = 6.0  # time to look, and to brake gently …
    least_m: float = 15.0  # … but what is nearer is passed before the sound is heard
    slowest_mps: float = 5.0  # slower drivers see it
    beside_m: float = 8.0  # a street's half width and the error of both places …
    widening: float = 0.1  # … and so much more a metre: heading errs by 6°
    turn_deg: float = 45.0  # a defect of another direction of travel
    again_m: float = 150.0  # so far away from it the next pass begins


CONFIRMED = ("confirmed", "scheduled", "reopened")
OVER = ("repaired", "dismissed")


@dataclass(frozen=True)
class Ahead:
    """A defect, and how far ahead it lies."""

    defect_id: str
    metres: float
    severity: float


class Alerts:
    """features: the defects, as GeoJSON. Remembers which were told on this pass."""

    def __init__(self, features: Iterable[Mapping[str, Any]], rules: AlertRules | None = None) -> None:
        self._rules = rules or AlertRules()
        self._severe = [feature for feature in features if is_severe(feature, self._rules)]
        self._told: dict[str, tuple[float, float]] = {}

    def look(self, latitude: float, longitude: float, heading: float | None, speed_mps: float | None) -> Ahead | None:
        """The nearest new one ahead of a fix; heading: degrees clockwise from north."""
        for name, place in list(self._told.items()):
            if math.hypot(*_offset_m(latitude, longitude, *place)) > self._rules.again_m:
                del self._told[name]
        if heading is None or speed_mps is None or speed_mps < self._rules.slowest_mps:
            return None
        found = ahead(latitude, longitude, heading, speed_mps, self._severe, self._rules)
        new = [one for one in found if one.defect_id not in self._told]
        for one, place in ((one, _place(self._severe, one.defect_id)) for one in new[:1]):
            self._told[one.defect_id] = place
        return new[0] if new else None


def ahead(
    latitude: float, longitude: float, heading: float, speed_mps: float, features: Iterable[Mapping[str, Any]], rules: AlertRules
) -> list[Ahead]:
    """Those that this car will meet within `ahead_s`, nearest first. heading: degrees clockwise from north."""
    reach_m = max(speed_mps * rules.ahead_s, rules.least_m)
    sine, cosine = math.sin(math.radians(heading)), math.cos(math.radians(heading))
    found = []
    for feature in features:
        (its_longitude, its_latitude), told = feature["geometry"]["coordinates"], feature["properties"]
        east, north = _offset_m(latitude, longitude, its_latitude, its_longitude)
        along, beside = east * sine + north * cosine, abs(east * cosine - north * sine)
        if (
            0 < along <= reach_m
            and beside <= rules.beside_m + rules.widening * along
            and _same_way(heading, told.get("heading"), rules)
        ):
            found.append(Ahead(str(told.get("id", feature.get("id"))), along, float(told["severity"])))
    return sorted(found, key=lambda one: one.metres)


def is_severe(feature: Mapping[str, Any], rules: AlertRules) -> bool:
    """Whether it may ever be told: severe, and surely there still."""
    told = feature.get("properties", {})
    severity, confidence, status = told.get("severity"), told.get("confidence"), told.get("status")
    if severity is None or confidence is None or status in OVER:
        return False
    return severity >= rules.severity and (confidence >= rules.confidence or status in CONFIRMED)


def _same_way(heading: float, its_heading: float | None, rules: AlertRules) -> bool:
    """A defect without a heading lies across both directions."""
    return its_heading is None or abs((heading - its_heading + 180.0) % 360.0 - 180.0) <= rules.turn_deg


def _place(features: Iterable[Mapping[str, Any]], name: str) -> tuple[float, float]:
    coordinates = next(f["geometry"]["coordinates"] for f in features if str(f["properties"].get("id", f.get("id"))) == name)
    return coordinates[1], coordinates[0]


def _offset_m(latitude: float, longitude: float, its_latitude: float, its_longitude: float) -> tuple[float, float]:
    """East and north from the first place to the second, metres, on the flat."""
    turn = (its_longitude - longitude + 180.0) % 360.0 - 180.0
    east = turn * METRES_PER_DEGREE * math.cos(math.radians(latitude))
    return east, (its_latitude - latitude) * METRES_PER_DEGREE
