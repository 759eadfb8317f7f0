"""Our binary chunks, as the phone keeps and sends them: single files, or a folder of them."""

from __future__ import annotations

from collections.abc import Iterator

from detection.errors import UnreadableRecording
from detection.readers.assemble import Columns, assemble
from detection.readers.joining import joined
from detection.readers.source import Member, Recording
from detection.trace import Trace
from mobile_app import wire

NAME = "chunk"


def recognises(recording: Recording) -> bool:
    return any(map(_is_chunk, recording.top()))


def whole(recording: Recording) -> bool:
    """A folder of chunks is read at once: its trips are joined whatever their chunks are called."""
    return not recording.has_folders and recognises(recording) and all(map(_is_chunk, recording.top()))


def read(recording: Recording) -> Iterator[Trace]:
    """One trace a trip; a damaged chunk raises UnreadableRecording naming it."""
    yield from joined(_trace(recording, member) for member in recording.top())


def _is_chunk(member: Member) -> bool:
    try:
        return member.head.startswith(wire.MAGIC)
    except UnreadableRecording:
        return False


def _trace(recording: Recording, member: Member) -> Trace:
    try:
        columns = wire.join([wire.decode(member.data)])
    except wire.ChunkError as error:
        raise member.error(f"is no readable chunk ({error.field}: {error.why})", error.remedy) from error
    found = Columns(columns["accelerometer"], columns["gyroscope"], columns["location"], factor=1.0, origin_s=0.0)
    found.epoch_offset_s = columns["started_at"]
    return assemble(recording, NAME, found, columns["trip_id"])
