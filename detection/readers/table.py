"""Tables of numbers as recording apps write them: CSV in its many dialects, read at C speed.

Recognises separator, decimal comma, byte order mark, blank lines before the header. A last line that the phone did not
finish is left out and counted; any other broken line is an error that names it. What columns mean is the readers' business.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.csv as pacsv

from detection.errors import UnreadableRecording
from detection.readers.source import Member
from detection.trace import Floats

NOTHING = ("", "NaN", "nan", "NAN", "null", "NULL", "None", "NA", "N/A", "n/a", "-")  # how apps write "no value"
_SEEN_ROWS = 200  # looked at for the decimal sign and the width: a first fix may be a row of plain zeros
_LONGEST_NAME = 80  # of a column; beyond it the line is prose
_SEPARATORS = ";\t,|"
_NUMBER = re.compile(r"\s*[-+−]?(\d+([.,]\d*)?|[.,]\d+)([eE][-+]?\d+)?\s*$")
_DECIMAL_COMMA = re.compile(r"\s*[-+−]?\d*,\d+([eE][-+]?\d+)?\s*$")
_UNICODE_MINUS = "−".encode()  # some locales' minus sign


@dataclass(frozen=True)
class Header:
    """The first line of a table. names: as written, trimmed. body: byte where the rows begin. line: its number, from 1."""

    names: tuple[str, ...]
    separator: str
    decimal_comma: bool
    body: int
    line: int
    width: int  # fields in a row: apps write a trailing separator in the header, in the rows, or in both

    def index(self, *names: str) -> int | None:
        """The column of the first of `names` that is there (ignoring case), or None."""
        lowered = [name.lower() for name in self.names]
        return next((lowered.index(name.lower()) for name in names if name.lower() in lowered), None)


@dataclass(frozen=True)
class Table:
    """One member as a table; columns are parsed when asked for."""

    member: Member
    header: Header
    notes: list[str] = field(default_factory=list)

    @classmethod
    def of(cls, member: Member) -> Table:
        """Raises UnreadableRecording where the member is no table with a header."""
        header = header_of(member)
        if header is None:
            raise member.error("is no table with a line of column names", "export it as CSV with a header")
        return cls(member, header)

    @property
    def first_row(self) -> list[str]:
        """The fields of the first row as text, empty where there is no row: to see what kind of value a column holds."""
        lines = (line for line in _text(self.member.head)[self.header.body :].splitlines() if line.strip())
        return _fields(_decoded(next(lines, b"")), self.header.separator)

    @cached_property
    def _body(self) -> memoryview:
        return memoryview(_text(self.member.data))[self.header.body :]

    def numbers(self, columns: Sequence[int]) -> list[Floats]:
        """The columns (by index) as float64 (n,), NaN where the app wrote nothing.

        Raises UnreadableRecording naming the first line that has another number of fields or no number where one must be.
        """
        try:
            read = _fast(self._body, self.header, {column: pa.float64() for column in columns})
            return [_to_numpy(read[f"c{column}"]) for column in columns]
        except (pa.ArrowInvalid, pa.ArrowKeyError):
            return self._slowly(columns)

    def texts(self, column: int) -> pa.ChunkedArray:
        """One column as text, trimmed of nothing; a row with another number of fields is an error, the last one left out."""
        try:
            return _fast(self._body, self.header, {column: pa.string()})[f"c{column}"]
        except (pa.ArrowInvalid, pa.ArrowKeyError):
            rows = [row for _, row in self._rows(())]
            return pa.chunked_array([pa.array([row[column] for row in rows], pa.string())])

    def _slowly(self, columns: Sequence[int]) -> list[Floats]:
        """The obvious way, row by row: finds the line that the fast way stumbled over, or reads what only it refuses."""
        values = [[_number(row[column], self.header) for column in columns] for _, row in self._rows(columns)]
        return list(np.array(values, np.float64).reshape(-1, len(columns)).T)

    def _rows(self, columns: Sequence[int]) -> Iterator[tuple[int, list[str]]]:
        """Line number and fields of each good row; a broken last one is noted, any other raises."""
        broken: UnreadableRecording | None = None
        for line, row in _split(bytes(self._body), self.header):
            if broken is not None:
                raise broken
            broken = self._broken(line, row, columns)
            if broken is None:
                yield line, row
        note = f"{self.member.name}: the unfinished last line was left out"
        if broken is not None and note not in self.notes:
            self.notes.append(note)

    def _broken(self, line: int, row: list[str], columns: Sequence[int]) -> UnreadableRecording | None:
        if len(row) != self.header.width:
            return self.member.error(f"has {len(row)} fields, not {self.header.width}", "delete or mend the line", line)
        for column in columns:
            try:
                _number(row[column], self.header)
            except ValueError:
                what = f"{self.header.names[column]}={row[column][:40]!r} is not a number"
                return self.member.error(what, "delete or mend the line", line)
        return None


def header_of(member: Member) -> Header | None:
    """The header of a member that is a table, from its head alone; None for anything else.

    The first line with at least two fields, most of them no numbers, counts as header; blank lines, `#` comments and
    Excel's `sep=` before it are skipped.
    """
    return _header_in(member.head)


@lru_cache(maxsize=128)  # every reader asks for the header of every member
def _header_in(head: bytes) -> Header | None:
    text = _text(head)
    if b"\0" in text[:4096]:
        return None
    at = 0
    for number, line in enumerate(text.splitlines(keepends=True)[:20], 1):
        at += len(line)
        shown = _decoded(line).strip("\r\n")
        if not shown.strip() or shown.lstrip().startswith("#") or shown.lower().startswith("sep="):
            continue
        return _header(shown, text[at:], at, number)
    return None


def _header(line: str, rest: bytes, body: int, number: int) -> Header | None:
    separator = max(_SEPARATORS, key=lambda candidate: len(_fields(line, candidate)))
    names = [name.strip().strip('"').strip() for name in _fields(line, separator)]
    named = [name for name in names if name and not _NUMBER.match(name)]
    if (
        not named
        or max(map(len, names)) > _LONGEST_NAME
        or 2 * len(named) < len([name for name in names if name])
        or not all(map(str.isprintable, names))
    ):
        return None
    rows = [_fields(_decoded(row), separator) for row in rest.splitlines()[:_SEEN_ROWS] if row.strip()]
    comma = any(_DECIMAL_COMMA.match(value) for row in rows for value in row)
    width = len(rows[0]) if rows else len(names)
    if width != len(names) and any(names[width:]):
        width = len(names)
    names += [""] * (width - len(names))
    return Header(tuple(names[:width]), separator, comma, body, number, width)


def _fields(line: str, separator: str) -> list[str]:
    try:
        return next(csv.reader([line], delimiter=separator), [])
    except csv.Error:  # a field beyond 128 KiB: no table of numbers
        return []


def _fast(body: memoryview, header: Header, types: dict[int, pa.DataType]) -> pa.Table:
    if not len(body) or (bytes(body[:4096]).isspace() and bytes(body).isspace()):
        return pa.table({f"c{column}": pa.array([], kind) for column, kind in types.items()})
    return pacsv.read_csv(
        pa.BufferReader(pa.py_buffer(body)),
        read_options=pacsv.ReadOptions(column_names=[f"c{i}" for i in range(header.width)]),
        parse_options=pacsv.ParseOptions(delimiter=header.separator),
        convert_options=pacsv.ConvertOptions(
            column_types={f"c{column}": kind for column, kind in types.items()},
            include_columns=[f"c{column}" for column in types],
            null_values=list(NOTHING),
            decimal_point="," if header.decimal_comma else ".",
        ),
    )


def _to_numpy(column: pa.ChunkedArray) -> Floats:
    return np.asarray(column.to_numpy(), np.float64)


def _split(body: bytes, header: Header) -> Iterator[tuple[int, list[str]]]:
    for number, line in enumerate(body.splitlines(), header.line + 1):
        if line.strip():
            yield number, _fields(_decoded(line), header.separator)


def _number(text: str, header: Header) -> float:
    text = text.strip()
    if text in NOTHING:
        return float("nan")
    return float(text.replace(",", ".") if header.decimal_comma else text)


def _text(data: bytes) -> bytes:
    """UTF-8 without byte order mark, ASCII minus signs, and without the NULs a phone's file system pads a killed file with."""
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        data = data.decode("utf-16", errors="replace").encode()
    data = data.removeprefix(b"\xef\xbb\xbf").rstrip(b"\0\x1a")
    return data.replace(_UNICODE_MINUS, b"-") if _UNICODE_MINUS in data else data


def _decoded(line: bytes) -> str:
    try:
        return line.decode()
    except UnicodeDecodeError:
        return line.decode("latin-1")  # older Windows exports: `°` as one byte


def stacked(columns: Sequence[npt.ArrayLike]) -> Floats:
    """Columns (n,) as one (n, 3) array."""
    return np.column_stack([np.asarray(column, np.float64) for column in columns])
