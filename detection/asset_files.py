"""A city's file of known assets: GeoJSON or CSV in, `Assets` out. What cannot be used is told and left out.

docs/assets.md says what a file may hold.
"""

from __future__ import annotations

import csv
import io
import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from detection.assets import COMPASS, DEFAULT, SORTS, Assets, name_of
from detection.errors import CahotError
from detection.geo import steps_m
from detection.settings import AssetSettings

LARGEST_BYTES = 256 << 20  # a million features; more is not a list of castings
_WORDS = {
    "casting": ("casting", "manhole", "manhole_cover", "cover", "grate", "drain", "gully", "inlet", "valve"),
    "hump": ("hump", "speed_hump", "speed_bump", "bump", "table", "speed_table", "cushion", "speed_cushion"),
    "crossing": ("crossing", "rail_crossing", "railway_crossing", "level_crossing", "tram_crossing", "tram_level_crossing"),
    "joint": ("joint", "expansion_joint", "bridge_joint"),
}
SORT_OF = {word: SORTS.index(sort) for sort, words in _WORDS.items() for word in words}
OSM_TAGS = ("traffic_calming", "railway", "man_made")  # their values are among the words
_BOTH = ("", "both", "forward", "backward")  # OSM's words are relative to a way that is not in the file
_ROSE = {way: 45.0 * i for i, way in enumerate(COMPASS)}
_LATITUDE, _LONGITUDE, _HEADING = ("latitude", "lat"), ("longitude", "lon", "lng"), ("heading", "direction")
_GIVE = "give it a kind: " + ", ".join(SORTS)


class UnreadableAssets(CahotError):
    """A file of assets, or one thing in it, cannot be used: which feature and field, what is wrong, what to do."""

    def __init__(self, path: object, why: str, remedy: str, *, feature: str = "", field: str = "", value: object = None) -> None:
        self.path, self.why, self.remedy, self.feature, self.field, self.value = str(path), why, remedy, feature, field, value
        where = ", ".join(part for part in (self.path, feature) if part)
        what = f" {field}={_short(value)}:" if field else ""
        super().__init__(f"{where}:{what} {why}; {remedy}")


@dataclass(frozen=True, eq=False)
class AssetFile:
    """assets: what could be used. left_out: why each of the others could not."""

    assets: Assets
    left_out: tuple[UnreadableAssets, ...] = ()


@dataclass(frozen=True)
class _Thing:
    """One feature: its words and its places (latitude, longitude), several along a line."""

    told: Mapping[str, Any]
    places: list[tuple[float, float]]


class _Unusable(Exception):
    """One feature is unusable: field, value, why, remedy."""


def read_assets(path: str | Path, settings: AssetSettings = DEFAULT) -> AssetFile:
    """The assets of a .csv, else of a GeoJSON file. Raises UnreadableAssets when nothing in it can be used, and OSError."""
    path = Path(path)
    if path.stat().st_size > LARGEST_BYTES:
        raise UnreadableAssets(path, f"has more than {LARGEST_BYTES >> 20} MB", "give a file of the things on your roads alone")
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UnreadableAssets(path, f"is not UTF-8 text (byte {error.start})", "save it as UTF-8") from None
    if not text.strip():
        raise UnreadableAssets(path, "is empty", "export it again as a GeoJSON FeatureCollection, or as CSV")
    number_of = "row" if path.suffix.lower() == ".csv" else "feature"
    things = _rows(path, text) if number_of == "row" else _features(path, text)
    return _collected(path, number_of, things, settings)


def _collected(path: Path, number_of: str, things: Iterator[Any], settings: AssetSettings) -> AssetFile:
    parts, left_out, known = list[Assets](), list[UnreadableAssets](), dict[str, int]()
    for number, thing in enumerate(things, 1):
        try:
            made = _made(thing, settings)
            if (first := known.setdefault(str(made.id[0]), number)) != number:
                raise _Unusable("id", made.id[0], f"{number_of} {first} has it already", "give each its own, or leave it out")
            parts.append(made)
        except _Unusable as error:
            field, value, why, remedy = error.args
            left_out.append(UnreadableAssets(path, why, remedy, feature=f"{number_of} {number}", field=field, value=value))
    if left_out and not parts:
        raise left_out[0]
    return AssetFile(Assets.concatenate(parts), tuple(left_out))


def _features(path: Path, text: str) -> Iterator[Any]:
    try:
        held = json.loads(text)
    except RecursionError:
        raise UnreadableAssets(path, "is nested too deeply", "export it again as a GeoJSON FeatureCollection") from None
    except ValueError as error:
        raise UnreadableAssets(path, f"is no JSON ({error})", "export it again as a GeoJSON FeatureCollection") from None
    told = held.get("type") if isinstance(held, dict) else None
    features = held.get("features") if told == "FeatureCollection" else [held]
    if told not in ("FeatureCollection", "Feature") or not isinstance(features, list):
        raise UnreadableAssets(path, "is no GeoJSON FeatureCollection", "write one with a Point feature for each thing")
    yield from features


def _rows(path: Path, text: str) -> Iterator[Any]:
    reader = csv.DictReader(io.StringIO(text), restkey="", restval="")
    try:
        header = [str(name).strip().lower() for name in reader.fieldnames or ()]
        missing = [names[0] for names in (_LATITUDE, _LONGITUDE, ("kind", *OSM_TAGS)) if not set(names) & set(header)]
        if missing:
            remedy = "the first line must name kind, latitude and longitude; id, heading and radius may follow"
            raise UnreadableAssets(path, f"has no column {' nor '.join(missing)}", remedy)
        reader.fieldnames = header
        for row in reader:
            told = {name: value.strip() for name, value in row.items() if isinstance(value, str)}
            yield {"type": "Feature", "properties": told, "geometry": {"type": "Point", "coordinates": _place_of(told)}}
    except csv.Error as error:
        raise UnreadableAssets(path, f"is no CSV ({error})", "save it as comma-separated UTF-8 text") from None


def _place_of(told: Mapping[str, str]) -> list[Any]:
    return [_number(next((told[name] for name in names if name in told), "")) for names in (_LONGITUDE, _LATITUDE)]


def _made(feature: Any, settings: AssetSettings) -> Assets:
    """One feature as rows, one for a point, several along a line. Raises _Unusable."""
    if not isinstance(feature, dict) or feature.get("type") != "Feature":
        raise _Unusable("type", feature, "this is no GeoJSON Feature", "give each thing as a Feature with a Point")
    told = feature.get("properties")
    told = told if isinstance(told, dict) else {}
    sort, heading, radius_m = _sort(told), _heading(told), told.get("radius")
    places = _places(feature.get("geometry"), settings)
    radius = settings.radius_m[sort] if radius_m in (None, "") else _number(radius_m)
    if not 0.0 < radius <= settings.largest_radius_m:
        why = f"a thing's radius lies between 0 and {settings.largest_radius_m:g} m"
        raise _Unusable("radius", radius_m, why, "correct it, or leave it out")
    name = _id(told, feature) or name_of(sort, *places[len(places) // 2])
    latitude, longitude = np.array(places).T
    count = len(places)
    return Assets(
        np.full(count, name, object),
        latitude.copy(),
        longitude.copy(),
        np.full(count, sort, np.int8),
        np.full(count, heading),
        np.full(count, radius),
    )


def _sort(told: Mapping[str, Any]) -> int:
    field = next((name for name in ("kind", *OSM_TAGS) if told.get(name) not in (None, "")), "kind")
    word = told.get(field)
    if word in (None, ""):
        raise _Unusable(field, word, "nothing says what it is", _GIVE)
    sort = SORT_OF.get(str(word).strip().lower().replace(" ", "_").replace("-", "_"))
    if sort is None:
        raise _Unusable(field, word, "this is no known sort of asset", _GIVE)
    return sort


def _heading(told: Mapping[str, Any]) -> float:
    field = next((name for name in _HEADING if told.get(name) not in (None, "")), "heading")
    value = told.get(field)
    if value is None or (isinstance(value, str) and value.strip().lower() in _BOTH):
        return math.nan
    heading = _ROSE[value.strip().upper()] if isinstance(value, str) and value.strip().upper() in _ROSE else _number(value)
    if not 0.0 <= heading <= 360.0:
        why = "a heading is degrees clockwise from north, 0 to 360, or N, NE, … NW"
        raise _Unusable(field, value, why, "correct it, or leave it out where both directions meet the thing")
    return heading % 360.0


def _id(told: Mapping[str, Any], feature: Mapping[str, Any]) -> str:
    """The first of `id` in the properties, of the feature and OSM's `@id` that is there."""
    for value in (told.get("id"), feature.get("id"), told.get("@id")):
        if isinstance(value, str | int) and not isinstance(value, bool) and str(value).strip():
            name = "_".join(str(value).split())
            if len(name) > 56 or not name.isprintable() or not name.isascii():
                raise _Unusable("id", value, "an id is at most 56 plain letters, digits and signs", "shorten it, or leave it out")
            return name
    return ""


def _places(geometry: Any, settings: AssetSettings) -> list[tuple[float, float]]:
    """Latitude and longitude of a point, or of steps along a line. Raises _Unusable."""
    sort = geometry.get("type") if isinstance(geometry, dict) else None
    if sort not in ("Point", "LineString"):
        raise _Unusable("geometry", sort, "only points and lines are things on the road", "give the middle as a Point")
    held = geometry.get("coordinates")
    ends = [_place(held)] if sort == "Point" else [_place(one) for one in held] if isinstance(held, list) else []
    if not ends:
        raise _Unusable("coordinates", held, "there is none", "give longitude and latitude in degrees")
    if len(ends) == 1:
        return ends
    latitude, longitude = np.array(ends).T
    longitude = np.degrees(np.unwrap(np.radians(longitude)))  # a line may cross the date line
    along = np.r_[0.0, np.cumsum(steps_m(latitude, longitude))]
    if along[-1] > settings.longest_line_m:
        why = f"a line of {along[-1]:.0f} m is a street, not a thing on it (at most {settings.longest_line_m:g} m)"
        raise _Unusable("geometry", sort, why, "give a Point where the road meets it")
    at = np.linspace(0.0, along[-1], int(np.ceil(along[-1] / settings.line_step_m)) + 1)
    there = (np.interp(at, along, longitude) + 180.0) % 360.0 - 180.0
    return list(zip(np.interp(at, along, latitude).tolist(), there.tolist(), strict=True))


def _place(held: Any) -> tuple[float, float]:
    if not isinstance(held, list) or len(held) < 2:
        raise _Unusable("coordinates", held, "a place is a longitude and a latitude", "give both in degrees (WGS 84)")
    longitude, latitude = (_number(value) for value in held[:2])
    if not abs(latitude) <= 90.0:
        swapped = " (are they swapped?)" if abs(longitude) <= 90.0 and abs(latitude) <= 180.0 else ""
        why = f"a latitude lies within ±90°{swapped}"
        raise _Unusable("latitude", held[1], why, "give longitude first, then latitude, in degrees (WGS 84)")
    if not abs(longitude) <= 180.0:
        raise _Unusable("longitude", held[0], "a longitude lies within ±180°", "give degrees (WGS 84), not metres of a map")
    return latitude, longitude


def _number(value: Any) -> float:
    """NaN for what is none."""
    try:
        return math.nan if isinstance(value, bool) else float(value)
    except (TypeError, ValueError, OverflowError):
        return math.nan


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "…"
