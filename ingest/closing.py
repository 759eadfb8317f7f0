"""Pushed messages of a session that fell silent become a trip, and are erased.

The way: messages → trace → what must not be seen of its ends is cut away → chunks, exactly as a phone would have sent them →
queued like any finished trip. Until then nothing of the session is a trip, and nobody but its worker reads it.
Killed anywhere, the next attempt makes the same bytes.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable

from sqlalchemy.exc import OperationalError

from detection import CahotError, Trace
from detection.readers.sensorlogger_push import PUSHED, read_pushed
from ingest.chunking import Unusable, chunks_of
from ingest.settings import Settings
from ingest.store import Store, pushes, readings, trips
from ingest.store.pushes import Held
from ingest.store.schema import Trip
from mobile_app.wire import ChunkError

log = logging.getLogger("cahot.worker")

Cut = Callable[[Trace], Trace | None]  # what may be kept of a trace; None: nothing


def whole(trace: Trace) -> Trace:
    """Cuts nothing."""
    return trace


def close_one(store: Store, settings: Settings, now: float, cut: Cut = whole) -> bool:
    """Make a trip of one part that is over; False when none is."""
    with store.database.read() as session:
        if not pushes.is_over(session, now, settings.push):
            return False
    with store.database.write() as session:
        held = pushes.claim(session, now, settings.push)
    if held is None:
        return False
    try:
        _close(store, held, now, cut)
    except (CahotError, ChunkError) as error:
        _reject(store, held, str(error), now)
    except OperationalError:
        raise  # the database, not the messages: the lease runs out
    except Exception as error:
        log.error("pushed trip %s failed, attempt %d", held.trip_id, held.attempts, exc_info=error)
        if held.attempts >= settings.push.tries:
            with store.database.write() as session:
                pushes.set_aside(session, held, f"{type(error).__name__}: the operator's log has the details")
    return True


def _close(store: Store, held: Held, now: float, cut: Cut) -> None:
    with store.database.read() as session:
        messages = [readings.unpack(body, PUSHED) for body in pushes.bodies(session, held.trip_id)]
    kept = cut(read_pushed(messages, held.trip_id))
    del messages
    if kept is None:
        raise Unusable("nothing is left of the trip where its ends are withheld: it was too short")
    chunks = chunks_of(kept, held.trip_id)
    digests = [hashlib.sha256(data).hexdigest() for data in chunks]
    for number, (data, sha256) in enumerate(zip(chunks, digests, strict=True)):
        store.objects.put(held.trip_id, number, data, sha256)
    with store.database.write() as session:
        mine = pushes.holds(session, held)
        if mine:
            for number, (data, sha256) in enumerate(zip(chunks, digests, strict=True)):
                trips.add_chunk(session, held.device_id, held.trip_id, number, sha256, len(data), now)
            trips.finish(session, held.device_id, held.trip_id, len(chunks), now)
            pushes.close(session, held, now)
    if mine:
        log.info("pushed trip %s queued, %d chunks", held.trip_id, len(chunks))
    elif not _is_known(store, held.trip_id):  # its device was erased meanwhile
        store.objects.erase(held.trip_id)


def _reject(store: Store, held: Held, reason: str, now: float) -> None:
    """The driver finds the trip rejected, with the reason; of its readings nothing is kept."""
    log.warning("pushed trip %s parked", held.trip_id)
    with store.database.write() as session:
        if not pushes.holds(session, held):
            return
        trip = Trip(id=held.trip_id, device_id=held.device_id, state="rejected", created_at=now, finished_at=now)
        trip.chunks, trip.reason = 0, reason[:500]
        session.merge(trip)
        pushes.close(session, held, now, reason[:500])


def _is_known(store: Store, trip_id: str) -> bool:
    with store.database.read() as session:
        return session.get(Trip, trip_id) is not None
