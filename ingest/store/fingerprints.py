"""What is remembered of each trip so that a copy of it, or a device in two places, is noticed.

Of a copy the first that was processed counts: be it the same phone by another way, a second phone in the same holder, or somebody
who wants to be two. A rejected trip leaves no fingerprint: what is thrown out cannot throw others out.
"""

from __future__ import annotations

import math
import zlib
from collections.abc import Sequence
from typing import Any

import numpy as np
from sqlalchemy import delete, func, insert, select
from sqlalchemy.orm import Session

from detection import Survey
from detection.columns import Floats
from detection.fingerprint import is_copy, marks_of, match, probes
from detection.plausible import Implausible, Stay, check_travel
from ingest.store.places import in_parts
from ingest.store.schema import Fingerprint, FingerprintMark, Trip

NEAR_S = 2 * 86_400.0  # no flight takes longer: trips further apart in time may be anywhere
MOST_PROBED = 100  # marks, spread over the trip: a copy of a day shows in a part of it as well
LEAST_MARKS = 2  # shared before two traces are laid upon each other
MOST_COMPARED = 20  # that share most

COPY = "the trace is a copy of one that is stored already; it counts once"


def suspicion(session: Session, device_id: str, found: Survey, peaks_s: Floats) -> str | None:
    """Why the trip must not count: its device was elsewhere, or the trace is known; None if nothing speaks against it."""
    stay = stay_of(found)
    try:
        for other in _stays_near(session, device_id, found.trip_id, stay) if stay else []:
            assert stay
            check_travel(stay, other)
    except Implausible as error:
        return str(error)
    return COPY if _is_known(session, found.trip_id, peaks_s) else None


def remember(session: Session, found: Survey, peaks_s: Floats) -> None:
    """In the place of what was known of the trip."""
    session.execute(delete(FingerprintMark).where(FingerprintMark.trip_id == found.trip_id))
    session.execute(delete(Fingerprint).where(Fingerprint.trip_id == found.trip_id))
    row: dict[str, Any] = {"trip_id": found.trip_id, "peaks": _packed(peaks_s)}
    if stay := stay_of(found):
        row |= {"begin_s": stay.begin_s, "end_s": stay.end_s, "begin_latitude": stay.begin[0], "begin_longitude": stay.begin[1]}
        row |= {"end_latitude": stay.end[0], "end_longitude": stay.end[1]}
    session.execute(insert(Fingerprint), [row])
    if marks := np.unique(marks_of(peaks_s).mark).tolist():
        session.execute(insert(FingerprintMark), [{"trip_id": found.trip_id, "mark": mark} for mark in marks])


def stay_of(found: Survey) -> Stay | None:
    """When and where the trip was seen first and last; None where it has no clock or no place."""
    track = found.track
    if not len(track) or math.isnan(found.started_at_s):
        return None
    begin, end = ((float(track.latitude_deg[at]), float(track.longitude_deg[at])) for at in (0, -1))
    return Stay(found.started_at_s + float(track.t_s[0]), found.started_at_s + float(track.t_s[-1]), begin, end)


def _stays_near(session: Session, device_id: str, trip_id: str, stay: Stay) -> list[Stay]:
    mine = (Trip.device_id == device_id, Fingerprint.trip_id != trip_id)
    near = (Fingerprint.end_s > stay.begin_s - NEAR_S, Fingerprint.begin_s < stay.end_s + NEAR_S)
    columns = (Fingerprint.begin_s, Fingerprint.end_s, Fingerprint.begin_latitude, Fingerprint.begin_longitude)
    ends = (Fingerprint.end_latitude, Fingerprint.end_longitude)
    query = select(*columns, *ends).join(Trip, Trip.id == Fingerprint.trip_id).where(*mine, *near)
    rows: Sequence[Any] = session.execute(query).all()
    return [Stay(begin_s, end_s, (lat, lon), (last_lat, last_lon)) for begin_s, end_s, lat, lon, last_lat, last_lon in rows]


def _is_known(session: Session, trip_id: str, peaks_s: Floats) -> bool:
    marks = marks_of(peaks_s)
    spread = np.linspace(0, len(marks) - 1, min(len(marks), MOST_PROBED)).astype(np.int64)
    wanted = np.unique(probes(marks[np.unique(spread)])).tolist()
    shared: dict[str, int] = {}
    for part in in_parts(wanted):
        query = select(FingerprintMark.trip_id, func.count()).where(FingerprintMark.mark.in_(part))
        for other, count in session.execute(query.group_by(FingerprintMark.trip_id)).all():
            shared[other] = shared.get(other, 0) + count
    shared.pop(trip_id, None)
    likely = sorted((other for other, count in shared.items() if count >= LEAST_MARKS), key=lambda other: (-shared[other], other))
    compared = select(Fingerprint.peaks).where(Fingerprint.trip_id.in_(likely[:MOST_COMPARED]))
    return any(is_copy(match(peaks_s, _unpacked(peaks))) for peaks in session.scalars(compared))


def _packed(peaks_s: Floats) -> bytes:
    """To the millisecond."""
    return zlib.compress(np.round(peaks_s * 1e3).astype("<i4").tobytes(), 1)


def _unpacked(peaks: bytes) -> Floats:
    return np.frombuffer(zlib.decompress(peaks), "<i4").astype(np.float64) / 1e3
