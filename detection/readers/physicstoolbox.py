"""Physics Toolbox Sensor Suite (Vieyra Software): its CSV with `;` or `,`, decimal commas, quotes, a trailing empty column.

`gFx, gFy, gFz` are g with gravity, `ax, ay, az` m/s² (with or without gravity, by the tool chosen), `wx, wy, wz` rad/s. Times are
HH:MM:SS:mmm on the phone's own clock, or seconds from the start; the day is in the file's name only, the time zone nowhere.
"""

from __future__ import annotations

from collections.abc import Iterator

from detection.readers import times
from detection.readers.assemble import Columns, assemble
from detection.readers.fixes import changed_fixes
from detection.readers.source import Recording
from detection.readers.table import Header, Table, header_of, stacked
from detection.readers.units import written_factor
from detection.trace import STANDARD_GRAVITY_MPS2, Floats, Trace

NAME = "Physics Toolbox"
_FORCE, _ACCELERATION, _TURNING = ("gFx", "gFy", "gFz"), ("ax", "ay", "az"), ("wx", "wy", "wz")


def recognises(recording: Recording) -> bool:
    header = header_of(recording.only) if len(recording.members) == 1 else None
    return header is not None and header.index("time") is not None and _acceleration(header) is not None


def read(recording: Recording) -> Iterator[Trace]:
    """One trace; raises UnreadableRecording for times it cannot make out."""
    table = Table.of(recording.only)
    header, found = table.header, Columns(notes=table.notes)
    axes = _acceleration(header)
    assert axes is not None  # recognised by them
    t = _times(table, recording, found)
    found.accelerometer = t, _triple(table, axes)
    found.factor = STANDARD_GRAVITY_MPS2 if axes == _FORCE else None
    if all(header.index(name) is not None for name in _TURNING):
        found.gyroscope = t, _triple(table, _TURNING)
    found.location = _location(table, t)
    yield assemble(recording, NAME, found)


def _acceleration(header: Header) -> tuple[str, ...] | None:
    return next((axes for axes in (_FORCE, _ACCELERATION) if all(header.index(axis) is not None for axis in axes)), None)


def _triple(table: Table, axes: tuple[str, ...]) -> Floats:
    return stacked(table.numbers([at for axis in axes if (at := table.header.index(axis)) is not None]))


def _times(table: Table, recording: Recording, found: Columns) -> Floats:
    """Seconds on the phone's clock, since 1970 where the file's name tells the day."""
    at = table.header.index("time")
    assert at is not None
    if not any(":" in value for value in table.first_row[at : at + 1]):
        return times.seconds(table.numbers([at])[0])[0]
    t_s = times.times_of_day(table.texts(at))
    if t_s is None:
        raise recording.only.error("its times are not all HH:MM:SS:mmm", "delete the lines with other times")
    day = times.date_in(recording.path.name) or times.date_in(recording.only.name)
    if day is None:
        found.notes.append("no date in the file's name: no clock")
        return t_s
    found.notes.append("the phone's local time was taken as UTC: the app writes no time zone")
    return t_s + times.midnight_s(day)


def _location(table: Table, t: Floats) -> dict[str, Floats] | None:
    latitude, longitude = table.header.index("latitude"), table.header.index("longitude")
    if latitude is None or longitude is None:
        return None
    speed = next((at for at, name in enumerate(table.header.names) if name.lower().startswith("speed")), None)
    columns = table.numbers([latitude, longitude] + ([speed] if speed is not None else []))
    found = dict(zip(("latitude", "longitude", "speed"), columns, strict=False))
    if speed is not None:
        found["speed"] = found["speed"] * (written_factor("speed", table.header.names[speed]) or 1.0)
    return changed_fixes({"t": t, **found})
