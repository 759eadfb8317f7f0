"""Any CSV that holds times beside acceleration or position in one table, as many loggers and data sets have it.

Columns are known by the names loggers use, or told by the user (`--columns`). A position repeated on every sample becomes a fix
only where it is new. Formats with an app of their own are the other readers' business.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping

from detection.readers import times
from detection.readers.assemble import Columns, assemble
from detection.readers.fixes import changed_fixes
from detection.readers.mapping import Column, guessed, time_candidates, told
from detection.readers.source import Recording
from detection.readers.table import Table, header_of, stacked
from detection.readers.units import gravity_of, written_factor
from detection.trace import Floats, Trace

NAME = "CSV"
TextTimes = Callable[[Table, Column, Columns], Floats]
_LOCATION = ("latitude", "longitude", "speed", "bearing", "accuracy")


def recognises(recording: Recording) -> bool:
    header = header_of(recording.only) if len(recording.members) == 1 else None
    found = guessed(header) if header else {}
    return "t" in found and ("x" in found or "latitude" in found)


def read(recording: Recording) -> Iterator[Trace]:
    """One trace, columns by their usual names."""
    table = Table.of(recording.only)
    columns = guessed(table.header)
    columns["t"] = _best_time(table, columns["t"])
    found = filled(table, columns, _text_times)
    if found.accelerometer and [table.header.names[columns[axis].index].lower() for axis in "xyz"] == ["x", "y", "z"]:
        _refuse_other_sensors(recording, found.accelerometer[1])
    yield assemble(recording, NAME, found)


def read_told(recording: Recording, columns: Mapping[str, str]) -> Iterator[Trace]:
    """One trace of each table in the recording, columns as the user named them."""
    for member in recording.members.values():
        table = Table.of(member)
        yield assemble(recording, f"{NAME}, columns named", filled(table, told(columns, table.header, member), _text_times))


def filled(table: Table, columns: Mapping[str, Column], text_times: TextTimes) -> Columns:
    """What a table of one row a sample holds, by the columns it is in; text_times: seconds from times that are no numbers.

    Raises UnreadableRecording naming the first broken line.
    """
    found = Columns(notes=table.notes)
    first = table.first_row
    as_text = len(first) > columns["t"].index and _is_text(first[columns["t"].index])
    names = [name for name in columns if not (name == "t" and as_text)]
    values = dict(zip(names, table.numbers([columns[name].index for name in names]), strict=True))
    t = text_times(table, columns["t"], found) if as_text else _number_times(values["t"], columns["t"], found)
    rows = min(len(t), *map(len, values.values()))  # an unfinished last line may lack only some of its columns
    t, values = t[:rows], {name: column[:rows] for name, column in values.items()}
    if "x" in values:
        found.accelerometer = t, stacked([values[axis] for axis in "xyz"])
        found.factor = columns["x"].factor
    if "gx" in values:
        found.gyroscope = t, stacked([values[axis] for axis in ("gx", "gy", "gz")]) * (columns["gx"].factor or 1.0)
    if "latitude" in values and "longitude" in values:
        place = {name: values[name] * (columns[name].factor or 1.0) for name in _LOCATION if name in values}
        found.location = changed_fixes({"t": t, **place})
    return found


def _number_times(values: Floats, column: Column, found: Columns) -> Floats:
    if column.factor is not None:
        return values * column.factor
    t_s, unit = times.seconds(values)
    found.notes.append(f"times in {unit}")
    return t_s


def _text_times(table: Table, column: Column, found: Columns) -> Floats:
    """Seconds from ISO 8601 instants or times of day."""
    texts, first = table.texts(column.index), table.first_row[column.index].strip()
    t = times.times_of_day(texts) if first.count(":") >= 2 and "-" not in first else times.from_text(texts)
    if t is None:
        line = table.header.line + 1
        raise table.member.error(f"times such as {first[:40]!r} are unknown", "write ISO 8601, or seconds since 1970", line)
    if times.is_epoch(t) and not re.search(r"(Z|[+-]\d\d:?\d\d)$", first):
        found.notes.append("times without a zone taken as UTC")
    return t


def _best_time(table: Table, guess: Column) -> Column:
    """The first candidate that holds numbers, else the first one: a date in whole seconds beside ticks loses to the ticks."""
    row = table.first_row
    numeric = [at for at in time_candidates(table.header) if at < len(row) and row[at].strip() and not _is_text(row[at])]
    if not numeric or numeric[0] == guess.index:
        return guess
    return Column(numeric[0], written_factor("t", table.header.names[numeric[0]]))


def _is_text(value: str) -> bool:
    try:
        float(value.replace(",", ".") or 0)
    except ValueError:
        return True
    return False


def _refuse_other_sensors(recording: Recording, xyz: Floats) -> None:
    """Bare x, y, z may be a gyroscope: without gravity in them nothing tells that they are acceleration."""
    gravity = gravity_of(xyz)
    if len(xyz) and not gravity.included and gravity.factor is not None:
        why = f"x, y, z hold no gravity (median magnitude {gravity.magnitude:.3g}): acceleration, or another sensor?"
        raise recording.error(why, "if it is acceleration, say so: --columns t=…,x=x:m/s2,y=y:m/s2,z=z:m/s2")
