"""phyphox (RWTH Aachen): its CSV export as zip, folder or single file.

Every header names quantity and unit ("Acceleration x (m/s^2)", "X (m/s^2)", "Latitude (°)"), in the separator and decimal sign
that the user chose. Format of meta/time.csv: phyphox.org/wiki, "Saved states"; experiment time leaves pauses out.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from detection.readers.assemble import Columns, Timed, assemble
from detection.readers.source import Member, Recording, stem_of
from detection.readers.table import Header, Table, header_of, stacked
from detection.trace import Floats, Trace

NAME = "phyphox"
MEMBERS = ("accelerometer", "linear accelerometer", "gyroscope", "location", "gps", "raw data", "acceleration")
_COLUMN = re.compile(r"(?P<name>.*?)\s*\((?P<unit>[^()]+)\)$")
_LOCATION = {
    "latitude": "latitude", "longitude": "longitude", "speed": "velocity", "bearing": "direction",
    "accuracy": "horizontal accuracy",
}  # fmt: skip


@dataclass(frozen=True)
class Layout:
    """Columns of one table, by index: t, and three axes or the location where they are in it."""

    t: int
    total: tuple[int, ...] | None
    linear: tuple[int, ...] | None
    gyroscope: tuple[int, ...] | None
    location: dict[str, int] | None


def recognises(recording: Recording) -> bool:
    return any(_layout(member) for member in _tables(recording))


def whole(recording: Recording) -> bool:
    """A folder or zip is one recording where files are called as the app calls them, or its meta/time.csv is there."""
    named = [member for member in _tables(recording) if stem_of(member.name).lower() in MEMBERS]
    return any(map(_layout, _tables(recording) if "meta/time.csv" in recording.members else named))


def read(recording: Recording) -> Iterator[Trace]:
    """One trace; acceleration with gravity is preferred to "Linear Acceleration" where both were exported."""
    found, linear = Columns(factor=1.0), None
    starts = _starts(recording.members.get("meta/time.csv"))
    for member in _tables(recording):
        layout = _layout(member)
        if layout is None:
            continue
        table = Table.of(member)
        found.accelerometer = found.accelerometer or _axes(table, layout, layout.total, starts)
        linear = linear or _axes(table, layout, layout.linear, starts)
        found.gyroscope = found.gyroscope or _axes(table, layout, layout.gyroscope, starts)
        found.location = found.location or _location(table, layout, starts)
        found.notes += table.notes
    found.accelerometer = found.accelerometer or linear
    if found.accelerometer is None and found.location is None:
        raise recording.error("holds neither acceleration nor location", "give the whole folder or zip of the export")
    if len(starts):
        found.epoch_offset_s = float(starts[0, 1] - starts[0, 0])
    if len(starts) > 1:
        found.notes.append(f"{len(starts) - 1} pauses put back into the times")
    yield assemble(recording, NAME, found)


def _tables(recording: Recording) -> list[Member]:
    return sorted(recording.top(), key=lambda member: member.name)


def _layout(member: Member) -> Layout | None:
    """None for a table that is not phyphox's: the first column is a time in s, the others are ours by unit and axis."""
    header = header_of(member)
    columns = [_COLUMN.match(name) for name in header.names if name] if header else []
    if header is None or len(columns) < 3 or columns[0] is None or columns[0]["unit"] != "s":
        return None
    linear_file = "linear" in stem_of(member.name).lower()
    total, linear = _triple(header, "m/s^2", linear=False), _triple(header, "m/s^2", linear=True)
    if linear_file and total:
        total, linear = None, total
    gyroscope = _triple(header, "rad/s", linear=False)
    location = _location_columns(header)
    if not (total or linear or gyroscope or location):
        return None
    return Layout(0, total, linear, gyroscope, location)


def _triple(header: Header, unit: str, linear: bool) -> tuple[int, ...] | None:
    """Indices of the x, y and z columns in `unit`, with or without "linear" in their names."""
    at: dict[str, int] = {}
    for index, name in enumerate(header.names):
        match = _COLUMN.match(name)
        if match and match["unit"].replace("²", "^2") == unit and ("linear" in name.lower()) == linear:
            at.setdefault(match["name"].strip().lower().split(" ")[-1], index)
    return (at["x"], at["y"], at["z"]) if {"x", "y", "z"} <= at.keys() else None


def _location_columns(header: Header) -> dict[str, int] | None:
    names = [match["name"].strip().lower() if (match := _COLUMN.match(name)) else "" for name in header.names]
    at = {ours: names.index(theirs) for ours, theirs in _LOCATION.items() if theirs in names}
    return at if {"latitude", "longitude"} <= at.keys() else None


def _axes(table: Table, layout: Layout, axes: tuple[int, ...] | None, starts: Floats) -> Timed | None:
    if axes is None:
        return None
    t, *xyz = table.numbers([layout.t, *axes])
    return (_with_pauses(t, starts), stacked(xyz)) if len(t) else None


def _location(table: Table, layout: Layout, starts: Floats) -> dict[str, Floats] | None:
    if layout.location is None:
        return None
    t, *columns = table.numbers([layout.t, *layout.location.values()])
    return {"t": _with_pauses(t, starts), **dict(zip(layout.location, columns, strict=True))}


def _starts(member: Member | None) -> Floats:
    """Experiment and system time (s) of each START in meta/time.csv, (n, 2); empty where there is none."""
    rows = list(csv.reader(_as_text(member), delimiter=_delimiter(member))) if member else []
    starts = [row[1:3] for row in rows if len(row) >= 3 and row[0].strip() == "START"]
    try:
        return np.array([[float(value.replace(",", ".")) for value in row] for row in starts], np.float64).reshape(-1, 2)
    except ValueError:
        return np.empty((0, 2))


def _delimiter(member: Member) -> str:
    header = header_of(member)
    return header.separator if header else ","


def _as_text(member: Member) -> list[str]:
    return member.head.decode(errors="replace").splitlines()


def _with_pauses(t: Floats, starts: Floats) -> Floats:
    if len(starts) < 2 or not np.isfinite(starts).all():
        return t
    lag = (starts[:, 1] - starts[0, 1]) - (starts[:, 0] - starts[0, 0])
    return np.asarray(t + lag[np.clip(np.searchsorted(starts[:, 0], t, side="right") - 1, 0, None)], np.float64)
