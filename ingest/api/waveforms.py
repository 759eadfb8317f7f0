"""GET /v1/defects/{id}/waveforms: what the passes felt, for whoever judges a defect."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from ingest.api import geojson
from ingest.api.access import ASettings, AStore, AUser
from ingest.api.answers import Waveforms, problems
from ingest.api.defects import DefectId
from ingest.store import defects, triage
from ingest.waveforms import metres, stacked

router = APIRouter(tags=["crews"])


@router.get(
    "/v1/defects/{defect_id}/waveforms",
    response_model=Waveforms,
    responses=problems("auth.missing", "auth.invalid", "auth.role", "not_found", "id.format", "defect.merged", "storage.failed"),
    summary="The shocks of its passes, one over the other",
)
def get_waveforms(defect_id: DefectId, request: Request, _user: AUser, store: AStore, settings: ASettings) -> Response:
    """At most twelve, two of a device, hardest first: neither when nor whose. None where they were of fewer than k devices,
    or their traces are kept no longer. Vertical m/s² without gravity, at `metres` of road from where the front axle meets it."""
    with store.database.read() as session:
        triage.held(session, defect_id)
        row = defects.one(session, defect_id, 1)
    if row is None:
        raise triage.NoDefect(defect_id)
    told = {"metres": metres(), "waveforms": stacked(store, row, settings.k), "k": settings.k}
    return geojson.answer(request, told, "application/json", private=True)
