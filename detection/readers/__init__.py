"""Recordings of any supported app to traces, recognised by what is in them.

A format is a module with NAME, `recognises(recording)` and `read(recording)`; `READERS` asks the most specific first. See
docs/formats.md. Whatever is wrong with a file becomes an UnreadableRecording naming it; nothing else escapes.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from os import PathLike
from pathlib import Path
from typing import Protocol

from detection.errors import UnreadableRecording
from detection.readers import chunk, gpx, json_chunk, phyphox, physicstoolbox, sensorlogger, timed_csv
from detection.readers.joining import joined
from detection.readers.mapping import InvalidColumns, check, columns_from_text
from detection.readers.source import Recording
from detection.readers.table import header_of
from detection.readers.tree import name_of, recordings_at
from detection.trace import Trace

__all__ = ["InvalidColumns", "columns_from_text", "read", "read_all", "recordings", "unique_names"]


class Reader(Protocol):
    """What each format's module offers."""

    NAME: str

    def recognises(self, recording: Recording) -> bool: ...

    def read(self, recording: Recording) -> Iterator[Trace]: ...


READERS: tuple[Reader, ...] = (chunk, sensorlogger, json_chunk, gpx, phyphox, physicstoolbox, timed_csv)
_JOINED = {chunk.NAME, json_chunk.NAME}  # formats whose files may each hold a piece of a trip
_BINARY = {b"\x89PNG": "a PNG image", b"\xff\xd8\xff": "a JPEG image", b"%PDF": "a PDF", b"SQLite": "an SQLite database"}


def read_all(
    paths: Iterable[str | PathLike[str]], *, columns: Mapping[str, str] | None = None
) -> Iterator[Trace | UnreadableRecording]:
    """Every trace in files, folders and zips, and an error for each recording that cannot be read: one never loses the others.

    Trips of equal file names are told apart by their folders. Chunks of one trip in several files are joined, and come last.
    Raises InvalidColumns for `columns` that no file could satisfy.
    """
    found = list(recordings(paths))
    pieces: list[Trace] = []
    for path, name in zip(found, unique_names(found), strict=True):
        try:
            for trace in read(path, columns=columns, name=name):
                if trace.provenance.reader in _JOINED and trace.trip_id != name:
                    pieces.append(trace)
                else:
                    yield trace
        except UnreadableRecording as error:
            yield error
    yield from joined(pieces)


def read(path: str | PathLike[str], *, columns: Mapping[str, str] | None = None, name: str | None = None) -> Iterator[Trace]:
    """The traces of one recording: a file, a folder or zip that is one export, or a path inside a zip as `recordings` gives it.

    columns: our names to the file's headers, with a unit where needed ({"t": "timestamp:ms", "x": "accX:g"}); the file is then a
    table, whatever it looks like. name: what to call a trip that recorded no trip_id, by default the file's stem.
    A folder or zip of many recordings yields the traces of all. Raises UnreadableRecording, and InvalidColumns.
    """
    if columns is not None:
        check(columns)
    for recording in recordings_at(Path(path), _whole, _known):
        yield from _read(replace(recording, name=name) if name else recording, columns)


def recordings(paths: Iterable[str | PathLike[str]]) -> Iterator[Path]:
    """The recordings in files, folders and zips: each a path for `read`, in order of the paths and of the names in them.

    What is in a zip has a path that goes on inside it. A path that is not there or holds nothing is given as it is, for `read` to
    say so. The same file named twice is given once.
    """
    seen: set[Path] = set()
    for path in map(Path, paths):
        try:
            found = [recording.path for recording in recordings_at(path, _whole, _known)]
        except UnreadableRecording:
            found = [path]
        yield from (one for one in found if one not in seen)
        seen.update(found)


def unique_names(paths: Sequence[Path]) -> list[str]:
    """What to call the trips of recordings: the file's stem, with as many folders before it as tell it from the others."""
    names = [name_of(path) for path in paths]
    for depth in range(1, 20):
        count = Counter(names)
        if max(count.values(), default=1) == 1:
            break
        parents = [Path(*path.parts[:-1]) for path in paths]
        names = [
            "/".join((*parent.parts[-depth:], name_of(path))) if count[name] > 1 else name
            for path, parent, name in zip(paths, parents, names, strict=True)
        ]
    return names


def _read(recording: Recording, columns: Mapping[str, str] | None) -> Iterator[Trace]:
    if columns is not None:
        yield from timed_csv.read_told(recording, columns)
        return
    reader = next((reader for reader in READERS if reader.recognises(recording)), None)
    if reader is None:
        raise _unrecognised(recording)
    yield from reader.read(recording)


def _whole(recording: Recording) -> bool:
    return any(module.whole(recording) for module in (chunk, sensorlogger, phyphox))


def _known(recording: Recording) -> bool:
    return any(reader.recognises(recording) for reader in READERS)


def _unrecognised(recording: Recording) -> UnreadableRecording:
    remedy = "see docs/formats.md for what can be read"
    if len(recording.members) != 1:
        return recording.error("is not an export of any known app", remedy)
    head = recording.only.head
    if not head.strip(b"\0 \r\n\t\xef\xbb\xbf"):
        return recording.error("is empty", "export or copy it again")
    kind = next((kind for magic, kind in _BINARY.items() if head.startswith(magic)), None)
    if kind or b"\0" in head[:4096]:
        return recording.error(f"is {kind or 'a binary file'}, not a recording", remedy)
    if recording.only.json is not None:
        return recording.error("is JSON, but no chunk and no export of a known app", remedy)
    header = header_of(recording.only)
    if header is None:
        return recording.error("is no table with column names, no JSON chunk and no GPX", remedy)
    names = ", ".join(filter(None, header.names))[:200]
    return recording.error(
        f"its columns ({names}) are those of no known app", "name them: --columns t=…,x=…,y=…,z=…,latitude=…,longitude=…"
    )
