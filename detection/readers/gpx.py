"""GPX: fixes without samples, one trace a track. Speed is as recorded, else derived from successive fixes and said so."""

from __future__ import annotations

import math
from collections.abc import Iterator
from datetime import UTC, datetime

import gpxpy
import gpxpy.gpx
import numpy as np

from detection.readers.assemble import Columns, assemble
from detection.readers.source import Recording
from detection.trace import Floats, Trace

NAME = "GPX"
_EARTH_M = 6_371_008.8  # mean radius, IUGG 1980
_LONGEST_STEP_S = 10.0  # over a longer step the straight line says little of the speed


def recognises(recording: Recording) -> bool:
    if len(recording.members) != 1:
        return False
    head = recording.only.head.removeprefix(b"\xef\xbb\xbf").lstrip()
    return head.startswith(b"<") and b"<gpx" in head[:4096]


def read(recording: Recording) -> Iterator[Trace]:
    """One trace for each track that has times; raises UnreadableRecording where none has."""
    tracks = [(track.name, [point for part in track.segments for point in part.points]) for track in _parse(recording).tracks]
    timed = [(name, [point for point in points if point.time is not None]) for name, points in tracks]
    timed = [(name, points) for name, points in timed if points]
    if not timed:
        raise recording.error("holds no track point with a time", "export the recorded track, not a planned route")
    for number, (_, points) in enumerate(timed, 1):
        found = Columns()
        found.location = _location(points, found)
        yield assemble(recording, NAME, found, None if len(timed) == 1 else f"{recording.name}-{number}")


def _parse(recording: Recording) -> gpxpy.gpx.GPX:
    data = recording.only.data
    if b"<!DOCTYPE" in data or b"<!ENTITY" in data:  # GPX knows none; entities are how XML bombs are built
        raise recording.error("declares XML entities, which GPX has none of", "export it again")
    try:
        return gpxpy.parse(data.decode("utf-8-sig"))
    except (gpxpy.gpx.GPXException, ValueError, LookupError, AttributeError, TypeError, KeyError, AssertionError) as error:
        why = (str(error) or type(error).__name__).splitlines()[0]
        raise recording.error(f"is broken GPX ({why})", "export it again") from error


def _location(points: list[gpxpy.gpx.GPXTrackPoint], found: Columns) -> dict[str, Floats]:
    stamps = [_utc(point.time).timestamp() for point in points if point.time is not None]
    location = {
        "t": np.array(stamps, np.float64),
        "latitude": np.array([point.latitude for point in points], np.float64),
        "longitude": np.array([point.longitude for point in points], np.float64),
        "speed": np.array([_told(point, "speed") for point in points], np.float64),
        "bearing": np.array([_told(point, "course") for point in points], np.float64),
    }
    if not np.isfinite(location["speed"]).any():
        location["speed"] = _derived_speed(location)
        found.notes.append("speed derived from successive fixes: none was recorded")
    return location


def _utc(stamp: datetime) -> datetime:
    return stamp.replace(tzinfo=stamp.tzinfo or UTC)


def _told(point: gpxpy.gpx.GPXTrackPoint, name: str) -> float:
    """Speed (m/s) or course (deg) of a point: a field in GPX 1.0, an extension in 1.1; NaN where there is none."""
    texts = [getattr(point, name, None)]
    texts += [element.text for extension in point.extensions for element in extension.iter() if _local(element.tag) == name]
    for text in filter(None, texts):
        try:
            return float(text)
        except ValueError:
            continue
    return math.nan


def _local(tag: object) -> str:
    return str(tag).rpartition("}")[2].lower()


def _derived_speed(location: dict[str, Floats]) -> Floats:
    """Distance over time from the fix before (m/s, (n,)); NaN for the first and over long steps."""
    latitude, longitude = np.radians(location["latitude"]), np.radians(location["longitude"])
    half = np.sin(np.diff(latitude) / 2) ** 2 + np.cos(latitude[1:]) * np.cos(latitude[:-1]) * np.sin(np.diff(longitude) / 2) ** 2
    metres = 2 * _EARTH_M * np.arcsin(np.sqrt(np.clip(half, 0, 1)))
    steps = np.diff(location["t"])
    usable = (steps > 0) & (steps <= _LONGEST_STEP_S)
    speed = np.divide(metres, steps, out=np.full(len(steps), np.nan), where=usable)
    return np.concatenate([[np.nan], speed])
