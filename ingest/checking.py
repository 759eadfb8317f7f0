"""What is stored against what was acknowledged: quickly after a kill, completely for `cahot doctor`.

A damaged chunk is set aside with its reason and its trip goes on without it. Nothing is deleted but what was never whole.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Select, select, text, tuple_
from sqlalchemy.orm import Session

from ingest.running import Start
from ingest.store import Store, jobs, quarantine, surveys
from ingest.store.objects import DamagedObject
from ingest.store.schema import Base, Chunk, Job, SurveyRow, Trip

log = logging.getLogger("cahot.checking")

CLOCK_S = 120.0  # a clock that was set back meanwhile, and writes still under way at the start before
START_S = 10.0  # so long at most a start looks at what a kill may have torn; the rest is for the doctor
PAGE = 1000  # rows at once
UNDER_WAY_S = 900.0  # a file without a row that is younger may be another server's upload
_UNNAMED = "no row names it: it was never acknowledged"


@dataclass(frozen=True)
class Finding:
    """Something that is not as it should be, as one line. mended: by this very run."""

    what: str
    mended: bool = False

    def __str__(self) -> str:
        return f"mended: {self.what}" if self.mended else self.what


def after_start(store: Store, start: Start, clock: Callable[[], float] = time.monotonic) -> tuple[list[Finding], bool]:
    """Sweep leftovers; after a kill, set aside what it tore, newest chunks first. Findings, and whether START_S was enough."""
    if swept := store.objects.sweep():
        log.info("swept %d files that were never acknowledged", swept)
    if start.killed_since is None:
        return [], True
    since, end = start.killed_since - CLOCK_S, clock() + START_S
    steps = (_chunks(store, since), _unnamed(store, since, alone=start.alone))
    findings = []
    for found in (finding for step in steps for finding in step(True)):
        if found is not None:
            log.error("%s", found)
            findings.append(found)
        if clock() > end:
            log.warning("the server before was killed and much may be torn; `cahot doctor --repair` looks at the rest")
            return findings, False
    return findings, True


def doctor(store: Store, *, repair: bool, alone: bool, on_step: Callable[[str, int], None]) -> Iterator[Finding]:
    """Everything: rows, files, jobs, surveys. on_step: called before each part with its name and how many steps it has,
    then with "" and 1 for each step."""
    with store.database.read() as session:
        chunks, trips = session.query(Chunk).count(), session.query(Trip).count()
        kept = surveys.count(session)
    for name, steps, part in (
        ("database", 1, lambda _: _database(store)),
        ("chunks", chunks, _chunks(store)),
        ("files without a row", trips, _unnamed(store, alone=alone)),
        ("jobs", 1, lambda repair: _jobs(store, repair)),
        ("surveys", kept, lambda repair: _surveys(store, repair)),
    ):
        on_step(name, steps)
        for found in part(repair):
            on_step("", 1)
            if found is not None:
                yield found


Part = Callable[[bool], Iterable[Finding | None]]


def _chunks(store: Store, since: float | None = None) -> Part:
    """Each acknowledged chunk, or each since then, against the bytes that lie there."""

    def part(repair: bool) -> Iterator[Finding | None]:
        for trip_id, number, sha256, size in _newest(store, since) if since is not None else _in_order(store):
            try:
                held = len(store.objects.get(trip_id, number, sha256))
                yield Finding(f"chunk {number} of trip {trip_id}: {held} bytes, its row says {size}") if held != size else None
            except DamagedObject as error:
                if not _is_named(store, trip_id, number, sha256):
                    continue  # erased meanwhile
                if repair:
                    quarantine.set_aside(store.database, store.objects, error, time.time())
                yield Finding(f"{error}{'; it is set aside' if repair else ''}", repair)

    return part


_ROW = (Chunk.trip_id, Chunk.number, Chunk.sha256, Chunk.size)


def _newest(store: Store, since: float) -> list[Any]:
    with store.database.read() as session:
        return list(session.execute(select(*_ROW).where(Chunk.received_at >= since).order_by(Chunk.received_at.desc())))


def _in_order(store: Store) -> Iterator[Any]:
    """All of them, a page at a time: no reader holds the log of the database for hours."""
    last = ("", -1)
    while True:
        with store.database.read() as session:
            after = select(*_ROW).where(tuple_(Chunk.trip_id, Chunk.number) > last)
            page = session.execute(after.order_by(Chunk.trip_id, Chunk.number).limit(PAGE)).all()
        if not page:
            return
        yield from page
        last = (page[-1].trip_id, page[-1].number)


def _unnamed(store: Store, since: float = 0.0, *, alone: bool) -> Part:
    """Files that no row names."""

    def part(repair: bool) -> Iterator[Finding | None]:
        if repair:
            store.database.settle()  # else the row of a file that is set aside may still come up
        for trip_id in store.objects.trips(since):
            files = store.objects.chunks(trip_id)
            with store.database.read() as session:
                rows = {tuple(row) for row in session.execute(select(Chunk.number, Chunk.sha256).where(Chunk.trip_id == trip_id))}
            for number, sha256 in sorted(files.keys() - rows):
                if not alone and time.time() - files[number, sha256] < UNDER_WAY_S:
                    continue
                if repair:
                    store.objects.set_aside(trip_id, number, sha256, _UNNAMED, time.time())
                yield Finding(f"chunk {number} of trip {trip_id}: {_UNNAMED}{'; it is set aside' if repair else ''}", repair)
            yield None

    return part


def _database(store: Store) -> Iterator[Finding | None]:
    """Tables as this program makes them, and what SQLite can tell of itself; PostgreSQL checks its own."""
    with store.database.read() as session:
        if compare_metadata(MigrationContext.configure(session.connection()), Base.metadata):
            yield Finding("database: its tables are not those of this Cahot; run the one that wrote it, or restore a backup")
        if not store.database.is_sqlite:
            yield None
            return
        for (line,) in session.execute(text("PRAGMA integrity_check")):
            if line != "ok":
                yield Finding(f"database: {line}; restore a backup")
        for table, row, parent, _ in session.execute(text("PRAGMA foreign_key_check")):
            yield Finding(f"database: row {row} of {table} has no {parent}; restore a backup")
    yield None


def _jobs(store: Store, repair: bool) -> Iterator[Finding | None]:
    """Finished trips that nobody would ever work on."""
    with store.database.write() as session:
        forgotten = select(Trip.id).where(Trip.state == "queued", Trip.id.not_in(_waiting()))
        unsurveyed = select(Trip.id).where(
            Trip.state == "processed", Trip.id.not_in(select(SurveyRow.trip_id)), Trip.id.not_in(_waiting())
        )
        for query, why in ((forgotten, "waits, and no job names it"), (unsurveyed, "is processed, and has no survey")):
            for trip_id in session.scalars(query.order_by(Trip.id)).all():
                yield _again(session, trip_id, why, repair)
    yield None


def _surveys(store: Store, repair: bool) -> Iterator[Finding | None]:
    """Surveys that cannot be read; those of an older program the worker makes anew by itself."""
    with store.database.read() as session:
        known = session.execute(select(SurveyRow.trip_id, SurveyRow.shape).order_by(SurveyRow.trip_id)).all()
    for trip_id, shape in known:
        with store.database.read() as session:
            arrays = session.scalar(select(SurveyRow.arrays).where(SurveyRow.trip_id == trip_id))
        if arrays is None or (shape == surveys.SHAPE and _is_readable(trip_id, arrays)):
            yield None
            continue
        why = "has a survey of an older Cahot" if shape != surveys.SHAPE else "has a survey that cannot be read"
        with store.database.write() as session:
            if session.get(Job, f"survey:{trip_id}") is None:
                yield _again(session, trip_id, why, repair)


def _again(session: Session, trip_id: str, why: str, repair: bool) -> Finding:
    if repair:
        jobs.request_survey(session, trip_id, time.time())
    return Finding(f"trip {trip_id} {why}{'; it is surveyed again' if repair else ''}", repair)


def _waiting() -> Select[Any]:
    return select(Job.trip_id).where(Job.trip_id.is_not(None))


def _is_readable(trip_id: str, arrays: bytes) -> bool:
    try:
        surveys.unpack(trip_id, "", arrays)
    except Exception:  # whatever damaged bytes do to zlib and numpy
        return False
    return True


def _is_named(store: Store, trip_id: str, number: int, sha256: str) -> bool:
    this = (Chunk.trip_id == trip_id, Chunk.number == number, Chunk.sha256 == sha256)
    with store.database.read() as session:
        return session.scalar(select(Chunk.number).where(*this)) is not None
