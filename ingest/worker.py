"""The worker: takes jobs from the backlog, one at a time, until told to stop.

A trip's job is chunks → trace → survey; the estimate's is `ingest.estimating`. Each result is
stored in one transaction that also ends the job, so a worker killed anywhere leaves a job that another takes up.
Several may run, on several machines. Knows nothing of HTTP.
"""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Callable
from functools import partial

from sqlalchemy import select
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from detection import CahotError, Jolts, Survey, Trace, Track, survey
from detection.columns import Floats
from detection.fingerprint import peaks_of
from detection.plausible import check_plausible
from ingest.closing import close_one
from ingest.ends import withhold_ends
from ingest.estimating import estimate, request_if_late
from ingest.heart import Heart
from ingest.retention import TRACES_DELETED, Retention
from ingest.settings import Settings
from ingest.store import Store, fingerprints, jobs, quarantine, surveys
from ingest.store.jobs import Claim
from ingest.store.objects import DamagedObject
from ingest.store.schema import Chunk, Trip
from ingest.store.workers import Figures
from mobile_app import wire

log = logging.getLogger("cahot.worker")

Work = Callable[[Session], None]


def run(store: Store, settings: Settings, stopping: Callable[[float], bool]) -> None:
    """Work until `stopping(seconds)`, which waits that long at most, says so."""
    with store.database.write() as session:
        if renewed := surveys.renew_outdated(session, time.time()):
            log.info("queued %d trips: their surveys are of an older shape", renewed)
    heart = Heart(store, settings)
    retention = Retention(settings.keep_traces_s)
    while not stopping(0.0):
        try:
            heart.beat(time.time())
            retention.tend(store, time.time())
            busy = close_one(store, settings, time.time()) or work_once(store, settings, heart.figures)
            if not busy:
                request_if_late(store, settings.work, time.time())
        except OperationalError as error:
            log.warning("database: %s; trying again", error.orig)
            busy = False
        if not busy and stopping(settings.work.idle_s):
            return


def work_once(store: Store, settings: Settings, figures: Figures | None = None) -> bool:
    """Claim one job and do it, counting it in `figures`; False when none is due."""
    figures = figures or Figures()
    with store.database.write() as session:
        held = jobs.claim(session, time.time(), settings.work.lease_s)
        if held and held.trip_id is None:
            patience_s = settings.work.lease_s + settings.work.lease_s_per_survey * surveys.count(session)
            jobs.extend(session, held, time.time() + patience_s)
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
    except OperationalError:
        raise  # the database, not the trip: the lease runs out
    except Exception as error:
        figures.rejected += _failed(store, settings, held, error)
    return True


_HOPELESS = (CahotError, wire.ChunkError)  # the trip's own fault: it would fail again just so


class WorkerDied(Exception):
    """Workers died on this trip, time and again."""

    def __init__(self, times: int) -> None:
        super().__init__(f"the worker died {times} times on this trip")


ALL_WITHHELD = "all of it lies around the places where it began, ended or stood; nothing of it is kept"


class NothingLeft(CahotError):
    """All chunks of a trip were set aside."""

    def __init__(self, damaged: dict[int, str]) -> None:
        number, why = next(iter(damaged.items()))
        super().__init__(f"nothing is left of the trip: chunk {number} {why}; drive there again")


def empty_survey(trip_id: str) -> Survey:
    """Of a trip of which nothing may be kept."""
    return Survey(trip_id, None, math.nan, Jolts.empty(), Track.empty())


def assemble(store: Store, trip_id: str) -> Trace:
    """The trace of a trip from its stored chunks. Raises DamagedObject, NothingLeft, ChunkError, InvalidTrace."""
    with store.database.read() as session:
        device = session.scalars(select(Trip.device_id).where(Trip.id == trip_id)).one()
        rows = session.execute(select(Chunk.number, Chunk.sha256).where(Chunk.trip_id == trip_id).order_by(Chunk.number)).all()
        damaged = {} if rows else quarantine.of_trip(session, trip_id)
    if damaged:
        raise NothingLeft(damaged)
    parts = wire.join(_decode(store.objects.get(trip_id, number, sha256), trip_id, number) for number, sha256 in rows)
    return Trace.build(**{**parts, "device": device}, reader="chunks", source=trip_id)


def _decode(data: bytes, trip_id: str, number: int) -> wire.Chunk:
    return wire.decode(data) if data.startswith(wire.MAGIC) else wire.decode_json(data, trip_id, number)


def _survey(store: Store, settings: Settings, held: Claim, trip_id: str, figures: Figures) -> Work:
    begun_cpu_s = time.process_time()
    with store.database.read() as session:
        if session.get_one(Trip, trip_id).traces_deleted_at is not None:
            return partial(_keep_survey, trip_id=trip_id)
    if not withhold_ends(store, settings, held):
        return partial(_store_survey, found=empty_survey(trip_id), reason=ALL_WITHHELD)
    trace = assemble(store, trip_id)
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


def _end(store: Store, settings: Settings, held: Claim, store_result: Work) -> None:
    """Result and end of the job in one transaction; nothing when the lease ran out meanwhile."""
    with store.database.write() as session:
        if not jobs.holds(session, held):
            log.warning("%s was taken over by another worker; its result counts", held.name)
            return
        store_result(session)
        again_at = time.time() + max(settings.work.settle_s, settings.work.settle_s_per_survey * surveys.count(session))
        jobs.complete(session, held, again_at)
        if held.trip_id:
            jobs.request_estimate(session, again_at)


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
    with store.database.write() as session:
        jobs.retry(session, held, time.time() + settings.work.retry_s * min(held.attempts, 12), told)
    return False


def _set_aside(store: Store, held: Claim, error: DamagedObject) -> None:
    """One damaged chunk into the quarantine; the job is done again with the rest of the trip."""
    log.error("%s: %s; it is set aside", held.name, error)
    quarantine.set_aside(store.database, store.objects, error, time.time())
    with store.database.write() as session:
        jobs.give_back(session, held, time.time())


def _park(store: Store, held: Claim, reason: str) -> None:
    """The trip is rejected with its reason, and blocks nobody."""
    log.warning("%s parked", held.name)
    with store.database.write() as session:
        if jobs.holds(session, held):
            trip = session.get_one(Trip, held.trip_id)
            trip.state, trip.reason = "rejected", reason[:500]
            jobs.complete(session, held, time.time())
