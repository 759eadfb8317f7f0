"""The city's defects: read from the offline copy, put on the map, told on a card."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from mobile_app.ui.map.content import Marks, marks
from mobile_app.ui.map.sprites import LIKELY, SURE, number_of
from mobile_app.ui.words import N_, _, n_, number

KINDS = {
    "pothole": N_("Pothole"),
    "speed_bump": N_("Speed bump"),
    "joint": N_("Joint"),
    "rough": N_("Rough stretch"),
    "unknown": N_("Unclear"),
}
STATUSES = {
    "new": N_("Found, not yet looked at by the city"),
    "confirmed": N_("Confirmed by the city"),
    "scheduled": N_("Repair is scheduled"),
    "repaired": N_("Repaired"),
    "dismissed": N_("Set aside by the city"),
    "reopened": N_("Was repaired, is felt again"),
}
GONE = ("repaired", "dismissed")  # not on the map: there is nothing to steer around
HARD = ((1.5, N_("Just felt")), (3.0, N_("Clearly felt")), (5.0, N_("Hard")), (math.inf, N_("Very hard")))
SMALLEST_DP, LARGEST_DP, MOST_SEVERE = 24.0, 36.0, 6.0
DIRECTIONS = (
    N_("northbound"),
    N_("north-eastbound"),
    N_("eastbound"),
    N_("south-eastbound"),
    N_("southbound"),
    N_("south-westbound"),
    N_("westbound"),
    N_("north-westbound"),
)


@dataclass(frozen=True)
class Defect:
    """One of them. confidence: 0 to 1. heading: degrees clockwise from north, None: both ways or not known."""

    id: str
    latitude: float
    longitude: float
    kind: str = "unknown"
    severity: float = 1.0
    confidence: float = 1.0
    hits: int = 0
    passes: int = 0
    devices: int = 0
    heading: float | None = None
    status: str = "new"


@dataclass(frozen=True)
class Card:
    """title, and lines below it, the first of which is the most important. sort, kind: of its picture."""

    title: str
    lines: tuple[str, ...]
    sort: str
    kind: str


def read(collection: Mapping[str, Any] | None) -> tuple[Defect, ...]:
    """Those of a GeoJSON FeatureCollection that are to be seen. One that cannot be read never loses the rest."""
    features = (collection or {}).get("features")
    found = map(_read, features if isinstance(features, list) else ())
    return tuple(defect for defect in found if defect is not None and defect.status not in GONE)


def on_map(defects: Iterable[Defect]) -> Marks:
    """The harder the larger and the further in front; hollow while it is doubtful. Keys are the defects' ids."""
    every = tuple(defects)
    return marks(
        [(one.latitude, one.longitude) for one in every],
        [one.severity * one.confidence for one in every],
        [number_of("doubtful" if one.confidence < LIKELY else "defect", one.kind) for one in every],
        [size_dp(one.severity) for one in every],
        [one.id for one in every],
    )


def size_dp(severity: float) -> float:
    """Of its picture."""
    return SMALLEST_DP + (LARGEST_DP - SMALLEST_DP) * min(max(severity, 0.0) / MOST_SEVERE, 1.0)


def card(defect: Defect) -> Card:
    """What is told of one that was tapped."""
    hard = _(next(words for limit, words in HARD if defect.severity < limit))
    lines = [hard if defect.heading is None else _("{hard}, {direction}").format(hard=hard, direction=_direction(defect.heading))]
    if defect.passes:
        passes = n_("{hits} of {passes} pass felt it", "{hits} of {passes} passes felt it", defect.passes)
        lines.append(passes.format(hits=number(defect.hits), passes=number(defect.passes)))
    lines += [_(STATUSES.get(defect.status, STATUSES["new"])), _sure(defect.confidence)]
    kind = defect.kind if defect.kind in KINDS else "unknown"
    return Card(_(KINDS[kind]), tuple(lines), "doubtful" if defect.confidence < LIKELY else "defect", kind)


def _sure(confidence: float) -> str:
    if confidence >= SURE:
        return _("Sure to be there")
    return _("Likely there") if confidence >= LIKELY else _("Not yet sure that it is there")


def _direction(heading: float) -> str:
    return _(DIRECTIONS[round(heading / 45.0) % 8])


def _read(feature: Any) -> Defect | None:
    try:
        longitude, latitude = feature["geometry"]["coordinates"][:2]
        told = feature["properties"]
        heading = told.get("heading")
        defect = Defect(
            str(feature.get("id") or told["id"]),
            float(latitude),
            float(longitude),
            str(told.get("kind", "unknown")),
            float(told.get("severity", 1.0)),
            float(told.get("confidence", 1.0)),
            int(told.get("hits", 0)),
            int(told.get("passes", 0)),
            int(told.get("devices", 0)),
            None if heading is None else float(heading),
            str(told.get("status", "new")),
        )
    except (TypeError, ValueError, KeyError, AttributeError, OverflowError):
        return None
    figures = (defect.latitude, defect.longitude, defect.severity, defect.confidence, defect.heading or 0.0)
    in_place = abs(defect.latitude) <= 90 and abs(defect.longitude) <= 180
    return defect if in_place and all(map(math.isfinite, figures)) else None
