"""GET /v1/me: what a driver's trips brought."""

from __future__ import annotations

from fastapi import APIRouter

from ingest.api.access import ADevice, ASettings, AStore
from ingest.api.answers import Contribution, problems
from ingest.api.reports import states
from ingest.store import contributions, reports

router = APIRouter(tags=["phones"])

MOST_REPORTS = 100


@router.get("/v1/me", responses=problems("auth.missing", "auth.invalid", "auth.role"), summary="What this device contributed")
def me(device: ADevice, store: AStore, settings: ASettings) -> Contribution:
    """Kilometres, trips and jolts as far as they are processed; defects that the map shows, too."""
    with store.database.read() as session:
        brought = contributions.of_device(session, device, settings.k)
        told = states(session, reports.of_device(session, device, MOST_REPORTS), settings.k)
    return Contribution(
        km=round(brought.driven_m / 1000, 2),
        trips=brought.trips,
        jolts=brought.jolts,
        defects=brought.defects,
        repairs=brought.repairs,
        first_km=round(brought.first_m / 1000, 2),
        reports=told,
    )
