"""What one device brought: how far it drove, and which defects its jolts lie on."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import and_, delete, func, insert, select
from sqlalchemy.orm import Session

from detection.settings import DefectSettings
from ingest.store.places import in_parts
from ingest.store.schema import Defect, DefectMark, Device, DeviceFirst, Jolt, SurveyRow, Trip

SURE = 0.9  # a defect is confirmed from this confidence on, as the map draws it
METRES_PER_DEGREE = 111_320.0
_REACH = DefectSettings()


@dataclass(frozen=True)
class Brought:
    """defects: confirmed ones with a jolt of the device; repairs: those of them that were repaired after such a trip.

    first_m: of the streets that at least k devices drove by now, what this one drove first.
    """

    driven_m: float
    trips: int
    jolts: int
    defects: int
    repairs: int
    first_m: float


def of_device(session: Session, device_id: str, k: int) -> Brought:
    """k: only defects that so many devices passed count: a driver learns nothing else than the map shows."""
    sums = select(func.coalesce(func.sum(SurveyRow.driven_m), 0.0), func.coalesce(func.sum(SurveyRow.jolts), 0))
    driven_m, jolts = session.execute(sums.join(Trip, Trip.id == SurveyRow.trip_id).where(Trip.device_id == device_id)).one()
    trips = session.scalar(select(func.count()).select_from(Trip).where(Trip.device_id == device_id)) or 0
    helped, repaired = _defects(session, device_id, k)
    first_m = session.scalar(select(DeviceFirst.metres).where(DeviceFirst.device_id == device_id)) or 0.0
    return Brought(float(driven_m), trips, int(jolts), helped, repaired, first_m)


def replace_firsts(session: Session, first_m: Mapping[str, float]) -> None:
    """How much of the streets that are drawn each device was the first to drive, in the place of what was said before."""
    session.execute(delete(DeviceFirst))
    known = [name for part in in_parts(sorted(first_m)) for name in session.scalars(select(Device.id).where(Device.id.in_(part)))]
    if known:
        session.execute(insert(DeviceFirst), [{"device_id": name, "metres": first_m[name]} for name in known])


def _defects(session: Session, device_id: str, k: int) -> tuple[int, int]:
    """How many confirmed defects the device's jolts lie on, in their direction, and how many of these were repaired since."""
    mine = select(Trip.id).where(Trip.device_id == device_id)
    highest = session.scalar(select(func.max(func.abs(Jolt.latitude))).where(Jolt.trip_id.in_(mine)))
    if highest is None:
        return 0, 0
    north = _REACH.hit_reach_m / METRES_PER_DEGREE
    east = north / max(math.cos(math.radians(min(highest + north, 89.9))), 1e-3)
    near = and_(
        Defect.latitude.between(Jolt.latitude - north, Jolt.latitude + north), func.abs(Defect.longitude - Jolt.longitude) <= east
    )
    said = func.coalesce(DefectMark.status, Defect.status)
    columns = (Defect.id, said, Defect.confidence, DefectMark.repaired_at, Trip.created_at)
    places = (Defect.latitude, Defect.longitude, Defect.heading, Jolt.latitude, Jolt.longitude, Jolt.heading)
    query = select(*columns, *places).select_from(Jolt).join(Trip, Trip.id == Jolt.trip_id).join(Defect, near)
    query = query.outerjoin(DefectMark, DefectMark.defect_id == Defect.id).where(Trip.device_id == device_id, Defect.devices >= k)
    confirmed, repaired = set[str](), set[str]()
    for name, status, confidence, repaired_at, driven_at, *place in session.execute(query):
        if not _hits(*place) or not (confidence >= SURE or status in ("confirmed", "scheduled", "repaired", "reopened")):
            continue
        confirmed.add(name)
        if status == "repaired" and repaired_at is not None and driven_at <= repaired_at:
            repaired.add(name)
    return len(confirmed), len(repaired)


def _hits(
    latitude: float, longitude: float, heading: float | None, jolt_latitude: float, jolt_longitude: float, course: float | None
) -> bool:
    north = (latitude - jolt_latitude) * METRES_PER_DEGREE
    east = (longitude - jolt_longitude) * METRES_PER_DEGREE * math.cos(math.radians(latitude))
    if math.hypot(north, east) > _REACH.hit_reach_m:
        return False
    # unknown is never against
    return heading is None or course is None or abs((course - heading + 180.0) % 360.0 - 180.0) <= _REACH.max_turn_deg
