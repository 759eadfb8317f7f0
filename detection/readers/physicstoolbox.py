"""Physics Toolbox Sensor Suite (Vieyra Software): its CSV with `;` or `,`, decimal commas, quotes, a trailing empty column.

`gFx, gFy, gFz` are g with gravity, `ax, ay, az` m/s² (with or without gravity, by the tool chosen), `wx, wy, wz` rad/s. Times are
HH:MM:SS:mmm on the phone's own clock, or seconds from the start; the day is in the file's name only, the time zone nowhere.
"""

from __future__ import annotations

from collections.abc import Iterator

from detection.readers import times
from detection.readers.assemble import Columns, assemble
from detection.readers.mapping import Column
from detection.readers.source import Recording
from detection.readers.table import Header, Table, header_of
from detection.readers.timed_csv import filled
from detection.readers.units import written_factor
from detection.trace import STANDARD_GRAVITY_MPS2, Floats, Trace

NAME = "Physics Toolbox"
_FORCE, _ACCELERATION, _TURNING = ("gFx", "gFy", "gFz"), ("ax", "ay", "az"), ("wx", "wy", "wz")


def recognises(recording: Recording) -> bool:
    header = header_of(recording.only) if len(recording.members) == 1 else None
    return header is not None and header.index("time") is not None and bool(_axes(header, _FORCE) or _axes(header, _ACCELERATION))


def read(recording: Recording) -> Iterator[Trace]:
    """One trace; raises UnreadableRecording for times it cannot make out."""
    table = Table.of(recording.only)
    found = filled(table, _columns(table.header), lambda table, column, found: _times(table, recording, column, found))
    yield assemble(recording, NAME, found)


def _columns(header: Header) -> dict[str, Column]:
    """Our names to the app's columns; g force is preferred, since gravity is in it for certain."""
    force = _axes(header, _FORCE)
    axes, factor = (force, STANDARD_GRAVITY_MPS2) if force else (_axes(header, _ACCELERATION), None)
    names = {"t": "time", "latitude": "latitude", "longitude": "longitude"}
    found = {ours: Column(at, None) for ours, theirs in names.items() if (at := header.index(theirs)) is not None}
    found |= {axis: Column(at, factor) for axis, at in zip("xyz", axes, strict=True)}
    found |= {axis: Column(at, None) for axis, at in zip(("gx", "gy", "gz"), _axes(header, _TURNING), strict=False)}
    speed = next((at for at, name in enumerate(header.names) if name.lower().startswith("speed")), None)
    if speed is not None:
        found["speed"] = Column(speed, written_factor("speed", header.names[speed]))
    return found


def _axes(header: Header, names: tuple[str, ...]) -> list[int]:
    """The indices of three columns, none where one is missing."""
    found = [at for name in names if (at := header.index(name)) is not None]
    return found if len(found) == len(names) else []


def _times(table: Table, recording: Recording, column: Column, found: Columns) -> Floats:
    """Seconds on the phone's clock, since 1970 where the file's name tells the day."""
    t_s = times.times_of_day(table.texts(column.index))
    if t_s is None:
        raise recording.only.error("its times are not all HH:MM:SS:mmm", "delete the lines with other times")
    day = times.date_in(recording.path.name) or times.date_in(recording.only.name)
    if day is None:
        found.notes.append("no date in the file's name: no clock")
        return t_s
    found.notes.append("the phone's local time was taken as UTC: the app writes no time zone")
    return t_s + times.midnight_s(day)
