"""Erasing a device or one of its trips: rows, objects, influence and what the disk keeps of deleted rows.

What stays is a tombstone of each (`ingest.store.tombstones`), so that a phone that was offline cannot bring it back.
"""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from ingest.store import Store, audit, calibrations, jobs, tiles, trips
from ingest.store.audit import Deed, pseudonym
from ingest.store.schema import Device, Trip


def erase_device(store: Store, device_id: str, now: float, deed: Deed) -> None:
    """The device, its trips and all that was found in them are gone on return; defects are due to be estimated without them."""
    with store.database.read() as session:
        driven = trips.of_device(session, device_id)
    _erase_objects(store, driven)  # first, so that nothing is kept that no row names should this be cut off

    def erasing(session: Session) -> list[str]:
        driven = trips.of_device(session, device_id)
        _estimate_without(session, tiles.mark_of_device(session, device_id), now)
        store.tombstones.add_trips(session, driven, now)
        tokens = session.execute(select(Device.token_sha256, Device.previous_sha256).where(Device.id == device_id)).all()
        for token_sha256 in (held for row in tokens for held in row if held):
            store.tombstones.add_token(session, token_sha256, now)
        session.execute(delete(Device).where(Device.id == device_id))
        audit.append(session, now, deed, "device.erase", pseudonym(device_id))
        return driven

    _erase_objects(store, {*driven, *store.database.run(erasing)})  # and what arrived meanwhile
    store.database.scrub()


def erase_trip(store: Store, device_id: str, trip_id: str, now: float, deed: Deed) -> None:
    """The same for one trip of a device. Raises NotFound."""
    with store.database.read() as session:
        trips.check_own(session, device_id, trip_id)
    store.objects.erase(trip_id)

    def erasing(session: Session) -> None:
        trips.check_own(session, device_id, trip_id)
        _estimate_without(session, tiles.mark_of_trip(session, trip_id), now)
        store.tombstones.add_trips(session, [trip_id], now)
        session.execute(delete(Trip).where(Trip.id == trip_id))
        audit.append(session, now, deed, "trip.erase", pseudonym(device_id))

    store.database.run(erasing)
    store.objects.erase(trip_id)
    store.database.scrub()


def _estimate_without(session: Session, touched: int, now: float) -> None:
    """The calibration, which knew the device's gain and was solved with its passes, is void, too."""
    if touched:
        calibrations.expire(session)
        jobs.request_estimate(session, now)


def _erase_objects(store: Store, driven: Iterable[str]) -> None:
    for trip_id in driven:
        store.objects.erase(trip_id)
