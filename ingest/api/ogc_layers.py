"""The collections of OGC API Features: what each is, who sees it, and which pages of the store it shows."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from ingest.api.access import Caller
from ingest.api.permissions import ADMIN, ANALYST, PUBLIC
from ingest.api.tracks import crossing_feature, line
from ingest.store import common_tracks, crossings, defects, jolts
from ingest.store.defects import Wanted
from ingest.store.features import feature

Row = Mapping[str, Any]
Edges = tuple[Any, ...]  # west, south, east, north; of what has a time, its first and last, too


@dataclass(frozen=True)
class Layer:
    """One collection. filters: its parameters besides bbox, datetime and limit.

    key: of a feature's id what the store knows it by, raises ValueError; `page` goes on after such a key, from `start`.
    key_of: the id of a row, as a text. own_k: users see what fewer than k devices passed.
    """

    title: str
    description: str
    count: Callable[[Session, Wanted], int]
    page: Callable[[Session, Wanted, int, Any], Sequence[Row]]
    one: Callable[[Session, Wanted, Any], Row | None]
    extent: Callable[[Session, int], Edges | None]
    properties: Callable[[Row], dict[str, Any]]
    key: Callable[[str], Any]
    key_of: Callable[[Row], str]
    start: Any
    filters: tuple[str, ...] = ()
    roles: frozenset[str] = PUBLIC
    own_k: bool = False

    def feature(self, row: Row) -> dict[str, Any]:
        """GeoJSON of a row, with its id."""
        return {**self.properties(row), "id": self.key_of(row)}


def seen_by(caller: Caller) -> dict[str, Layer]:
    """The collections that the caller may see, by name."""
    return {name: layer for name, layer in LAYERS.items() if caller.role in layer.roles}


def _number(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) < 10):
        raise ValueError(text)
    return int(text)


def _name(text: str) -> str:
    if not (0 < len(text) <= 64 and all("!" <= letter <= "~" for letter in text)):
        raise ValueError(text)
    return text


def _trip_and_number(text: str) -> jolts.Key:
    trip_id, _, number = text.rpartition(".")
    return _name(trip_id), _number(number)


def _street(title: str, description: str, *columns: str) -> Layer:
    def one(session: Session, wanted: Wanted, key: int) -> Row | None:
        found = common_tracks.page(session, wanted.k, None, 1, key - 1)
        return next((row for row in found if row["id"] == key), None)

    return Layer(
        title,
        description,
        count=lambda session, wanted: common_tracks.count(session, wanted.k, wanted.box),
        page=lambda session, wanted, limit, after: common_tracks.page(session, wanted.k, wanted.box, limit, after),
        one=one,
        extent=common_tracks.bounds,
        properties=lambda row: line(row, *columns),
        key=_number,
        key_of=lambda row: str(row["id"]),
        start=-1,
    )


def _crossing(session: Session, wanted: Wanted, key: int) -> Row | None:
    found = crossings.page(session, wanted.k, None, 1, key - 1)
    return next((row for row in found if row["id"] == key), None)


_JOLT_PLACES = {"severity": 3, "peak": 3, "speed": 2, "heading": 1, "confidence": 4}  # decimals, as in exports


def _jolt(row: Row) -> dict[str, Any]:
    properties = {"trip_id": row["trip_id"], "t": round(row["t_s"], 3), "kind": row["kind"]}
    properties |= {name: None if row[name] is None else round(row[name], places) for name, places in _JOLT_PLACES.items()}
    place = {"type": "Point", "coordinates": [round(row["longitude"], 7), round(row["latitude"], 7)]}
    return {"type": "Feature", "geometry": place, "properties": properties}


LAYERS = {
    "defects": Layer(
        "Defects of the road",
        "Places where jolts recur across passes and devices. Times are days.",
        count=defects.count,
        page=defects.page,
        one=lambda session, wanted, key: defects.one(session, key, wanted.k),
        extent=defects.extent,
        properties=feature,
        key=_name,
        key_of=lambda row: str(row["id"]),
        start="",
        filters=("datetime", "kind", "status", "min_confidence"),
        own_k=True,
    ),
    "roughness": _street(
        "Roughness of streets",
        "Stretches of at most 250 m; roughness is the vertical RMS (2 to 25 Hz, m/s²). Ids change when streets are drawn anew.",
        *("roughness", "passes", "devices"),
    ),
    "coverage": _street(
        "Coverage",
        "Where how many passes by how many devices were made. Where nothing is, nothing is known. Ids as of roughness.",
        *("passes", "devices"),
    ),
    "crossings": Layer(
        "Crossings",
        "Crossings with the share of approaches that brake, and its 90 % interval. Ids change when streets are drawn anew.",
        count=lambda session, wanted: crossings.count(session, wanted.k, wanted.box),
        page=lambda session, wanted, limit, after: crossings.page(session, wanted.k, wanted.box, limit, after),
        one=_crossing,
        extent=crossings.bounds,
        properties=crossing_feature,
        key=_number,
        key_of=lambda row: str(row["id"]),
        start=-1,
    ),
    "jolts": Layer(
        "Jolts of single trips",
        "For analysts: every jolt that has a place, whoever passed; t is in seconds from the start of its trip.",
        count=lambda session, wanted: jolts.count(session, wanted.box, wanted.kinds),
        page=lambda session, wanted, limit, after: jolts.page(session, wanted.box, wanted.kinds, limit, after),
        one=lambda session, _wanted, key: jolts.one(session, key),
        extent=lambda session, _k: jolts.bounds(session),
        properties=_jolt,
        key=_trip_and_number,
        key_of=lambda row: f"{row['trip_id']}.{row['number']}",
        start=("", -1),
        filters=("kind",),
        roles=frozenset({ANALYST, ADMIN}),
    ),
}
