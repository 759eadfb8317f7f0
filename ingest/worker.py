"""The worker: takes jobs from the backlog, one at a time, until told to stop.

A trip's job is chunks → trace → survey; the estimate's is `ingest.estimating`. Each result is
stored in one transaction that also ends the job, so a worker killed anywhere leaves a job that another takes up.
Several may run, on several machines. Knows nothing of HTTP.
"""

from __future__ import annotations

import contextlib
import logging
import math
import time
from collections.abc import Callable, Iterator
from functools import partial

from sqlalchemy import select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as NoConnectionFree
from sqlalchemy.orm import Session

from detection import CahotError, Jolts, Survey, Trace, Track, survey
from detection.columns import Floats
from detection.fingerprint import peaks_of
from detection.plausible import check_plausible
from ingest.closing import close_one
from ingest.delivering import delivering
from ingest.ends import withhold_ends
from ingest.estimating import estimate, request_if_late
from ingest.heart import Heart
from ingest.retention import TRACES_DELETED, Retention
from ingest.settings import Limits, Settings, Work
from ingest.store import Store, fingerprints, jobs, quarantine, surveys
from ingest.store.database import clock, is_away
from ingest.store.jobs import Claim
from ingest.store.object_store import StoreAway
from ingest.store.objects import DamagedObject
from ingest.store.schema import Chunk, Trip
from ingest.store.workers import Figures
from mobile_app import wire

log = logging.getLogger("cahot.worker")

Storing = Callable[[Session], None]


def run(store: Store, settings: Settings, stopping: Callable[[float], bool]) -> None:
    """Work, and tell webhooks, until `stopping(seconds)`, which waits that long at most, says so."""
    with delivering(store):
        _run(store, settings, stopping)


def _run(store: Store, settings: Settings, stopping: Callable[[float], bool]) -> None:
    looked, heart, retention = False, Heart(store, settings), Retention(settings.keep_traces_s)
    while not stopping(0.0):
        try:
            if not looked:
                _renew_outdated(store)
                looked = True
            heart.beat(time.time())
            retention.tend(store, time.time())
            busy = close_one(store, settings, time.time()) or work_once(store, settings, heart.figures)
            if not busy:
                request_if_late(store, settings.work, time.time())
        except Exception as error:
            if not _is_elsewhere(error):
                raise
            log.warning("%s; trying again", _told(error))
            busy = False
        if not busy and stopping(settings.work.idle_s):
            return


def work_once(store: Store, settings: Settings, figures: Figures | None = None) -> bool:
    """Claim one job and do it, counting it in `figures`; False when none is due."""
    figures = figures or Figures()
    held = store.database.run(partial(_claim, rules=settings.work), by_locks=True)
    if held is None:
        return False
    begun = time.monotonic()
    try:
        if held.attempts > settings.work.tries and held.trip_id:
            raise WorkerDied(settings.work.tries)
        store_result = (
            _survey(store, settings, held, held.trip_id, figures) if held.trip_id else estimate(store, settings, time.time())
        )
        _end(store, settings, held, store_result)
        if not held.trip_id:
            figures.estimates, figures.estimate_s = figures.estimates + 1, figures.estimate_s + time.monotonic() - begun
        log.info("%s done in %.2f s", held.name, time.monotonic() - begun)
    except Exception as error:
        if _is_elsewhere(error):
            _give_back(store, settings, held)
            raise
        figures.rejected += _failed(store, settings, held, error)
    except BaseException:  # told to stop in the middle of it
        _give_back(store, settings, held)
        raise
    return True


def _claim(session: Session, rules: Work) -> Claim | None:
    now = clock(session)
    held = jobs.claim(session, now, rules.lease_s)
    if held and held.trip_id is None:
        jobs.extend(session, held, now + rules.lease_s + rules.lease_s_per_survey * surveys.count(session))
    return held


def _renew_outdated(store: Store) -> None:
    if renewed := store.database.run(lambda session: surveys.renew_outdated(session, clock(session))):
        log.info("queued %d trips: their surveys are of an older shape", renewed)


def _is_elsewhere(error: Exception) -> bool:
    """Whether database or object store failed, not the trip: it is no attempt of it."""
    return is_away(error) or isinstance(error, StoreAway)


def _told(error: Exception) -> str:
    return f"database: {getattr(error, 'orig', error)}" if is_away(error) else str(error)


def _give_back(store: Store, settings: Settings, held: Claim) -> None:
    """For whoever is free, in a while; should that fail as well, the lease runs out."""
    with contextlib.suppress(DBAPIError, NoConnectionFree):
        after_s = settings.work.retry_s
        store.database.run(lambda session: jobs.give_back(session, held, clock(session) + after_s), by_locks=True)


_HOPELESS = (CahotError, wire.ChunkError)  # the trip's own fault: it would fail again just so


class WorkerDied(Exception):
    """Workers died on this trip, time and again."""

    def __init__(self, times: int) -> None:
        super().__init__(f"the worker died {times} times on this trip")


ALL_WITHHELD = "all of it lies around the places where it began, ended or stood; nothing of it is kept"


class TripTooLarge(CahotError):
    """More samples than a worker takes into memory at once."""

    def __init__(self, samples: int, most: int) -> None:
        super().__init__(f"the trip has {samples} samples or more, above the {most} of one trip; send it as several trips")


class NothingLeft(CahotError):
    """All chunks of a trip were set aside."""

    def __init__(self, damaged: dict[int, str]) -> None:
        number, why = next(iter(damaged.items()))
        super().__init__(f"nothing is left of the trip: chunk {number} {why}; drive there again")


def empty_survey(trip_id: str) -> Survey:
    """Of a trip of which nothing may be kept."""
    return Survey(trip_id, None, math.nan, Jolts.empty(), Track.empty())


def assemble(store: Store, trip_id: str, most: int = Limits.samples_per_trip) -> Trace:
    """The trace of a trip from its stored chunks.

    Raises DamagedObject, StoreAway, NothingLeft, ChunkError, InvalidTrace, TripTooLarge.
    """
    with store.database.read() as session:
        device = session.scalars(select(Trip.device_id).where(Trip.id == trip_id)).one()
        rows = session.execute(select(Chunk.number, Chunk.sha256).where(Chunk.trip_id == trip_id).order_by(Chunk.number)).all()
        damaged = {} if rows else quarantine.of_trip(session, trip_id)
    if damaged:
        raise NothingLeft(damaged)
    bodies = store.objects.get_all(trip_id, [(number, sha256) for number, sha256 in rows])
    decoded = (_decode(data, trip_id, number) for (number, _), data in zip(rows, bodies, strict=True))
    parts = wire.join(_counted(decoded, most))
    return Trace.build(**{**parts, "device": device}, reader="chunks", source=trip_id)


def _counted(chunks: Iterator[wire.Chunk], most: int) -> Iterator[wire.Chunk]:
    """The same, as long as their samples fit into memory."""
    samples = 0
    for chunk in chunks:
        samples += sum(len(series.t_s) for series in (chunk.accelerometer, chunk.gyroscope) if series is not None)
        if samples > most:
            raise TripTooLarge(samples, most)
        yield chunk


def _decode(data: bytes, trip_id: str, number: int) -> wire.Chunk:
    return wire.decode(data) if data.startswith(wire.MAGIC) else wire.decode_json(data, trip_id, number)


def _survey(store: Store, settings: Settings, held: Claim, trip_id: str, figures: Figures) -> Storing:
    begun_cpu_s = time.process_time()
    with store.database.read() as session:
        if session.get_one(Trip, trip_id).traces_deleted_at is not None:
            return partial(_keep_survey, trip_id=trip_id)
    if not withhold_ends(store, settings, held):
        return partial(_store_survey, found=empty_survey(trip_id), reason=ALL_WITHHELD)
    trace = assemble(store, trip_id, settings.limits.samples_per_trip)
    check_plausible(trace)
    found, peaks_s = survey(trace), peaks_of(trace.accelerometer)
    figures.survey_cpu_s += time.process_time() - begun_cpu_s
    figures.trips, figures.driven_s = figures.trips + 1, figures.driven_s + found.notes.get("driven_s", 0.0)
    return partial(_store_survey, found=found, peaks_s=peaks_s)


def _keep_survey(session: Session, trip_id: str) -> None:
    """What was found when its traces were there stays."""
    trip = session.get_one(Trip, trip_id)
    trip.reason = trip.reason or TRACES_DELETED


def _store_survey(session: Session, found: Survey, reason: str | None = None, peaks_s: Floats | None = None) -> None:
    """Inside the writers' turn, so that of two copies that are looked at just now one is seen to be the second.

    peaks_s: of its shocks (`detection.fingerprint`); None stores it unseen.
    """
    trip = session.get_one(Trip, found.trip_id)
    trip.state, trip.reason = "processed", reason
    suspicion = fingerprints.suspicion(session, trip.device_id, found, peaks_s) if peaks_s is not None else None
    if suspicion:
        trip.state, trip.reason = "rejected", suspicion
        surveys.drop(session, found.trip_id)
        return
    surveys.save(session, found, time.time())
    if peaks_s is not None:
        fingerprints.remember(session, found, peaks_s)


def _end(store: Store, settings: Settings, held: Claim, store_result: Storing) -> None:
    """Result and end of the job in one transaction; nothing when another worker took the job over meanwhile."""
    with store.database.read() as session:
        known = surveys.count(session)
    again_s = max(settings.work.settle_s, settings.work.settle_s_per_survey * known)

    def ending(session: Session) -> bool:
        if not jobs.holds(session, held):
            return False
        store_result(session)
        again_at = clock(session) + again_s
        jobs.complete(session, held, again_at)
        if held.trip_id:
            jobs.request_estimate(session, again_at)
        return True

    if not store.database.run(ending, by_locks=True):
        log.warning("%s was taken over by another worker; its result counts", held.name)


def _failed(store: Store, settings: Settings, held: Claim, error: Exception) -> bool:
    """Park the trip, set a damaged chunk of it aside, or have the job tried again later; whether it was parked."""
    if held.trip_id and isinstance(error, DamagedObject):
        _set_aside(store, held, error)
        return False
    if held.trip_id and isinstance(error, (*_HOPELESS, WorkerDied)):
        _park(store, held, str(error))
        return True
    log.error("%s failed, attempt %d", held.name, held.attempts, exc_info=error)
    told = f"{type(error).__name__}: processing failed {held.attempts} times; the operator's log has the details"
    if held.trip_id and held.attempts >= settings.work.tries:
        _park(store, held, told)
        return True
    after_s = settings.work.retry_s * min(held.attempts, 12)
    store.database.run(lambda session: jobs.retry(session, held, clock(session) + after_s, told), by_locks=True)
    return False


def _set_aside(store: Store, held: Claim, error: DamagedObject) -> None:
    """One damaged chunk into the quarantine; the job is done again with the rest of the trip."""
    log.error("%s: %s; it is set aside", held.name, error)
    quarantine.set_aside(store.database, store.objects, error, time.time())
    store.database.run(lambda session: jobs.give_back(session, held, clock(session)), by_locks=True)


def _park(store: Store, held: Claim, reason: str) -> None:
    """The trip is rejected with its reason, and blocks nobody; what was found in it before, if anything was, still counts."""
    log.warning("%s parked", held.name)

    def parking(session: Session) -> None:
        if jobs.holds(session, held):
            trip = session.get_one(Trip, held.trip_id)
            trip.reason = reason[:500].replace("\0", "�")  # no text of PostgreSQL holds it
            if trip.state != "processed":
                trip.state = "rejected"
            jobs.complete(session, held, clock(session))

    store.database.run(parking, by_locks=True)
