"""Pushed messages of a session that fell silent become a trip, and are erased.

The way: messages → trace → what must not be seen of its ends is cut away → chunks, exactly as a phone would have sent them →
queued like any finished trip. Until then nothing of the session is a trip, and nobody but its worker reads it.
Killed anywhere, the next attempt makes the same bytes.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable, Collection
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from detection import CahotError, Trace
from detection.readers.sensorlogger_push import PUSHED, read_pushed
from ingest.chunking import Unusable, check, chunks_of
from ingest.ends import cut
from ingest.settings import Settings
from ingest.store import Store, pushes, readings, trips
from ingest.store.pushes import Held
from ingest.store.schema import DeviceCell, Trip
from mobile_app import wire
from mobile_app.privacy import Cell, Ends
from mobile_app.wire import ChunkError

log = logging.getLogger("cahot.worker")


@dataclass(frozen=True)
class Kept:
    """What may be kept of a trace, None: nothing; and the cells where it ended."""

    trace: Trace | None
    ends: Collection[Cell] = ()


Cut = Callable[[Trace, Ends, Collection[Cell]], Kept]


def without_ends(trace: Trace, rules: Ends, known: Collection[Cell]) -> Kept:
    """As `ingest.ends` cuts what phones send. Of a trip without places nothing is known to be far from its ends."""
    fixes = trace.fixes
    columns = (fixes.t_s, fixes.latitude_deg, fixes.longitude_deg, fixes.speed_mps, fixes.bearing_deg, fixes.accuracy_m)
    names = ("t", "latitude", "longitude", "speed", "bearing", "accuracy")
    gyro = trace.gyroscope
    made = cut(
        {
            "trip_id": trace.trip_id,
            "started_at": trace.started_at_s,
            "device": None,
            "accelerometer": (trace.accelerometer.t_s, trace.accelerometer.xyz),
            "gyroscope": None if gyro is None else (gyro.t_s, gyro.xyz),
            "location": dict(zip(names, columns, strict=True)) if len(fixes) else None,
        },
        rules,
        known,
    )
    if made.parts is None:
        return Kept(None, made.ends)
    return Kept(Trace.build(**made.parts, gravity_included=trace.gravity_included), made.ends)


def close_one(store: Store, settings: Settings, now: float, cutting: Cut = without_ends) -> bool:
    """Make a trip of one part that is over; False when none is."""
    with store.database.read() as session:
        if not pushes.is_over(session, now, settings.push):
            return False
    held = store.database.run(lambda session: pushes.claim(session, now, settings.push))
    if held is None:
        return False
    try:
        _close(store, settings, held, now, cutting)
    except (CahotError, ChunkError) as error:
        _reject(store, held, str(error), now)
    except OperationalError:
        raise  # the database, not the messages: the lease runs out
    except Exception as error:
        log.error("pushed trip %s failed, attempt %d", held.trip_id, held.attempts, exc_info=error)
        if held.attempts >= settings.push.tries:
            why = f"{type(error).__name__}: the operator's log has the details"
            store.database.run(lambda session: pushes.set_aside(session, held, why))
    return True


def _close(store: Store, settings: Settings, held: Held, now: float, cutting: Cut) -> None:
    with store.database.read() as session:
        messages = [readings.unpack(body, PUSHED) for body in pushes.bodies(session, held.trip_id)]
        known = [Cell(*row) for row in session.execute(_CELLS.where(DeviceCell.device_id == held.device_id))]
    trace = read_pushed(messages, held.trip_id)
    del messages
    check(trace)
    kept = cutting(trace, settings.ends, known)
    if kept.trace is None:
        raise Unusable("nothing is left of the trip where its ends are withheld: it was too short")
    told = wire.Withheld(round(settings.ends.cell_m), round(settings.ends.margin_m))
    chunks = chunks_of(kept.trace, held.trip_id, told)
    digests = [hashlib.sha256(data).hexdigest() for data in chunks]
    for number, (data, sha256) in enumerate(zip(chunks, digests, strict=True)):
        store.objects.put(held.trip_id, number, data, sha256)

    def keeping(session: Session) -> bool:
        if not pushes.holds(session, held):
            return False
        sizes = enumerate(zip(digests, map(len, chunks), strict=True))
        rows = [trips.NewChunk(held.device_id, held.trip_id, n, sha256, size, n == 0) for n, (sha256, size) in sizes]
        trips.insert_chunks(session, rows, now)
        trips.finish(session, held.device_id, held.trip_id, len(chunks), now)
        pushes.close(session, held, now)
        for cell in kept.ends:
            session.merge(DeviceCell(device_id=held.device_id, **cell._asdict()))
        return True

    if store.database.run(keeping):
        log.info("pushed trip %s queued, %d chunks", held.trip_id, len(chunks))
    elif not _is_known(store, held.trip_id):  # its device was erased meanwhile
        store.objects.erase(held.trip_id)


_CELLS = select(DeviceCell.size_m, DeviceCell.row, DeviceCell.column)


def _reject(store: Store, held: Held, reason: str, now: float) -> None:
    """The driver finds the trip rejected, with the reason; of its readings nothing is kept."""
    log.warning("pushed trip %s parked", held.trip_id)

    def rejecting(session: Session) -> None:
        if not pushes.holds(session, held):
            return
        trip = Trip(id=held.trip_id, device_id=held.device_id, state="rejected", created_at=now, finished_at=now)
        trip.chunks, trip.reason = 0, reason[:500]
        session.merge(trip)
        pushes.close(session, held, now, reason[:500])

    store.database.run(rejecting)


def _is_known(store: Store, trip_id: str) -> bool:
    with store.database.read() as session:
        return session.get(Trip, trip_id) is not None
