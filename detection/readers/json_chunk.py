"""Our own JSON: one object of columns as INTERFACE.md gives it, or a list of them, in a file.

Read as leniently as any recording (order, repeats and nulls are put right and counted by `Trace.build`); the server's strict
check of what phones send is `mobile_app.wire`'s business. Objects of one trip_id are joined.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

import numpy as np

from detection.readers.assemble import Columns, Timed, assemble
from detection.readers.joining import joined
from detection.readers.source import Recording
from detection.readers.table import stacked
from detection.trace import Floats, Trace

NAME = "JSON chunk"
_SENSORS = {"accelerometer": "xyz", "gyroscope": "xyz"}
_PLACE, _MOTION = ("latitude", "longitude"), ("speed", "bearing", "accuracy")


def recognises(recording: Recording) -> bool:
    return len(recording.members) == 1 and any(map(_is_chunk, _objects(recording)[:10]))


def read(recording: Recording) -> Iterator[Trace]:
    """One trace a trip_id, and one for each object without any; raises UnreadableRecording naming object and field."""
    objects = _objects(recording)
    unnamed = [at for at, chunk in enumerate(objects) if isinstance(chunk, dict) and chunk.get("trip_id") is None]
    names = {at: recording.name if len(unnamed) == 1 else f"{recording.name}-{number}" for number, at in enumerate(unnamed, 1)}
    yield from joined(_trace(recording, chunk, _where(at, objects), names.get(at)) for at, chunk in enumerate(objects))


def _trace(recording: Recording, chunk: object, where: str, name: str | None) -> Trace:
    if not isinstance(chunk, dict) or not _is_chunk(chunk):
        raise recording.error(f"{where}has neither accelerometer nor location", "give each object its columns")
    found = Columns(factor=1.0, origin_s=0.0)
    found.accelerometer = _sensor(recording, chunk, "accelerometer", where)
    found.gyroscope = _sensor(recording, chunk, "gyroscope", where)
    found.location = _location(recording, chunk, where)
    found.epoch_offset_s = _started_at(recording, chunk.get("started_at"), where, found)
    found.device = _label(recording, chunk.get("device"), f"{where}device")
    return assemble(recording, NAME, found, name or _label(recording, chunk.get("trip_id"), f"{where}trip_id"))


def _objects(recording: Recording) -> list[Any]:
    value = recording.only.json
    return value if isinstance(value, list) else [value]


def _is_chunk(value: object) -> bool:
    return isinstance(value, dict) and (isinstance(value.get("accelerometer"), dict) or isinstance(value.get("location"), dict))


def _where(at: int, objects: list[Any]) -> str:
    return f"object {at}: " if len(objects) > 1 else ""


def _sensor(recording: Recording, chunk: Mapping[str, Any], sensor: str, where: str) -> Timed | None:
    columns = _columns(recording, chunk.get(sensor), f"{where}{sensor}", ("t", *_SENSORS[sensor]))
    return (columns["t"], stacked([columns[axis] for axis in "xyz"])) if columns else None


def _location(recording: Recording, chunk: Mapping[str, Any], where: str) -> dict[str, Floats] | None:
    given = chunk.get("location")
    there = [name for name in _MOTION if isinstance(given, dict) and given.get(name) is not None]
    return _columns(recording, given, f"{where}location", ("t", *_PLACE, *there))


def _columns(recording: Recording, given: object, what: str, names: tuple[str, ...]) -> dict[str, Floats] | None:
    if given is None:
        return None
    if not isinstance(given, dict):
        raise recording.error(f"{what} is no object of columns", f"give it {', '.join(names)}")
    columns = {name: _numbers(recording, given.get(name), f"{what}.{name}") for name in names}
    for name, column in columns.items():
        if len(column) != len(columns["t"]):
            why = f"{what}.{name} has {len(column)} values for {len(columns['t'])} times"
            raise recording.error(why, "give one value for each time")
    return columns


def _numbers(recording: Recording, values: object, what: str) -> Floats:
    if not isinstance(values, list):
        raise recording.error(f"{what} is no list of numbers", "give one number for each time")
    if not set(map(type, values)) <= {int, float, type(None)}:
        at = next(at for at, value in enumerate(values) if type(value) not in (int, float, type(None)))
        raise recording.error(f"{what}[{at}]={str(values[at])[:40]!r} is not a number", "give numbers, or null for unknown")
    try:
        return np.array(values, np.float64)
    except OverflowError:
        raise recording.error(f"{what} holds a number of more than 308 digits", "give SI units") from None


def _started_at(recording: Recording, given: object, where: str, found: Columns) -> float | None:
    """Seconds since 1970 of t = 0; None where the object does not say."""
    if given is None:
        return None
    try:
        instant = datetime.fromisoformat(str(given))
    except ValueError:
        why = f"{where}started_at={str(given)[:40]!r} is not an instant"
        raise recording.error(why, "write it such as 2026-05-04T07:12:00Z") from None
    if instant.utcoffset() is None:
        found.notes.append("started_at without a zone taken as UTC")
        instant = instant.replace(tzinfo=UTC)
    return (instant - datetime(1970, 1, 1, tzinfo=UTC)).total_seconds()


def _label(recording: Recording, given: object, what: str) -> str | None:
    """A text fit to be shown and stored, None where there is none."""
    if given is None:
        return None
    if not isinstance(given, str) or not 1 <= len(given) <= 200 or not given.isprintable():
        raise recording.error(f"{what} is not a text of 1 to 200 printable characters", "leave it out or mend it")
    return given
