"""Who may call what: one table, and the gate that reads it before anything else of a route runs.

What is not in the table nobody may call; a test fails for a route without a row, and docs/roles.md shows the table.
"""

from __future__ import annotations

import logging

from fastapi import Request

from ingest.api.access import ANYONE, DRIVER, Caller, identify
from ingest.api.metrics import is_operator
from ingest.api.problems import Problem

log = logging.getLogger("cahot.access")

CREW, ANALYST, ADMIN = "crew", "analyst", "admin"
PUBLIC = frozenset({ANYONE, DRIVER, CREW, ANALYST, ADMIN})
DEVICES = frozenset({DRIVER})
USERS = frozenset({CREW, ANALYST, ADMIN})
TRIAGE = frozenset({CREW, ADMIN})

WHO_MAY: dict[tuple[str, str], frozenset[str]] = {
    ("POST", "/v1/devices"): PUBLIC,
    ("DELETE", "/v1/devices/me"): DEVICES,
    ("GET", "/v1/devices/me/data"): DEVICES,
    ("DELETE", "/v1/trips/{trip_id}"): DEVICES,  # its own trips
    ("POST", "/v1/devices/me/token"): DEVICES,
    ("POST", "/v1/devices/{device_id}/revoke"): frozenset({ADMIN}),
    ("PUT", "/v1/trips/{trip_id}/chunks/{number}"): DEVICES,  # its own trips: any other is a 404
    ("POST", "/v1/trips/{trip_id}/finish"): DEVICES,
    ("GET", "/v1/trips/{trip_id}"): frozenset({DRIVER, ANALYST, ADMIN}),  # a driver: its own
    ("POST", "/v1/push/sensorlogger"): DEVICES,
    ("GET", "/v1/me"): DEVICES,
    ("POST", "/v1/reports"): PUBLIC,  # without a device: few from one address
    ("GET", "/v1/reports/{report_id}"): PUBLIC,  # with its receipt; a device its own; users any: else a 404
    ("PATCH", "/v1/reports/{report_id}"): TRIAGE,
    ("GET", "/v1/reports"): USERS,
    ("GET", "/v1/defects"): PUBLIC,  # what fewer than k devices passed: crew, analyst and admin only
    ("GET", "/v1/defects/{defect_id}"): PUBLIC,
    ("PATCH", "/v1/defects/{defect_id}"): TRIAGE,
    ("GET", "/v1/defects/{defect_id}/waveforms"): USERS,
    ("POST", "/v1/defects/{defect_id}/photos"): TRIAGE,
    ("GET", "/v1/defects/{defect_id}/photos/{photo_id}"): USERS,  # faces, number plates
    ("DELETE", "/v1/defects/{defect_id}/photos/{photo_id}"): TRIAGE,
    ("POST", "/v1/triage"): TRIAGE,
    ("POST", "/v1/defects/{defect_id}/merge"): TRIAGE,
    ("POST", "/v1/defects/{defect_id}/split"): TRIAGE,
    ("POST", "/v1/defects/{defect_id}/undo"): TRIAGE,
    ("GET", "/v1/worklist"): TRIAGE,
    ("GET", "/v1/worklist.gpx"): TRIAGE,
    ("GET", "/v1/live"): PUBLIC,  # the same for everyone: nothing that fewer than k devices passed
    ("GET", "/v1/tracks"): PUBLIC,
    ("GET", "/v1/roughness"): PUBLIC,
    ("GET", "/v1/coverage"): PUBLIC,
    ("GET", "/v1/crossings"): PUBLIC,
    ("GET", "/v1/map-config"): PUBLIC,
    ("GET", "/v1/tiles/{z}/{x}/{y}.mvt"): PUBLIC,
    ("GET", "/open311/v2/discovery.{form}"): PUBLIC,
    ("GET", "/open311/v2/services.{form}"): PUBLIC,
    ("GET", "/open311/v2/services/{code}.{form}"): PUBLIC,
    ("GET", "/open311/v2/requests.{form}"): PUBLIC,
    ("POST", "/open311/v2/requests.{form}"): PUBLIC,
    ("GET", "/open311/v2/requests/{request_id}.{form}"): PUBLIC,
    ("GET", "/ogc"): PUBLIC,
    ("GET", "/ogc/"): PUBLIC,
    ("GET", "/ogc/api"): PUBLIC,
    ("GET", "/ogc/conformance"): PUBLIC,
    ("GET", "/ogc/collections"): PUBLIC,  # jolts among them: analyst and admin only
    ("GET", "/ogc/collections/{collection_id}"): PUBLIC,
    ("GET", "/ogc/collections/{collection_id}/items"): PUBLIC,
    ("GET", "/ogc/collections/{collection_id}/items/{feature_id}"): PUBLIC,
    ("POST", "/v1/session"): PUBLIC,
    ("GET", "/v1/session"): PUBLIC,
    ("DELETE", "/v1/session"): PUBLIC,
    ("GET", "/healthz"): PUBLIC,
    ("GET", "/readyz"): PUBLIC,
    ("GET", "/metrics"): frozenset({ADMIN}),  # and the operator: `metrics.is_operator`
    ("GET", "/docs"): PUBLIC,  # as /openapi.json and the map page, which pass no gate: nothing in them is secret
}


async def gate(request: Request) -> None:
    """Lets a caller in whose role stands in the route's row. Problems auth.missing, auth.invalid, auth.role, auth.cross_site."""
    path = getattr(request.scope.get("route"), "path", "")
    allowed = WHO_MAY.get((request.method, path), frozenset())
    if path == "/metrics" and is_operator(request):
        return
    if ANYONE in allowed:
        return  # no look at the database, unless the route itself asks who it is
    caller = await identify(request)
    if caller.role in allowed:
        return
    log.warning("refused %s %s to %s", request.method, path, caller)
    if caller.role == ANYONE:
        raise Problem("auth.missing", sign_in(allowed))
    raise Problem("auth.role", f"this is for {listed(allowed)}, and the caller is {listed({caller.role})}", value=caller.role)


def sign_in(allowed: frozenset[str]) -> str:
    """What to do without a token where one of these roles is needed."""
    if DRIVER in allowed:
        return "send the device's token as Authorization: Bearer; POST /v1/devices gives one"
    return "sign in with a link from `cahot users link`, or send the token of `cahot users token` as Authorization: Bearer"


def listed(roles: frozenset[str] | set[str]) -> str:
    """Roles in words."""
    names = {DRIVER: "a device", CREW: "crew", ANALYST: "an analyst", ADMIN: "an administrator"}
    return " or ".join(words for role, words in names.items() if role in roles) or "nobody"


def for_whom(method: str, path: str) -> str:
    """The row of a route in words."""
    allowed = WHO_MAY.get((method, path), frozenset())
    return "anyone" if ANYONE in allowed else listed(allowed)


def sees_everything(caller: Caller) -> bool:
    """Whether places that fewer than k devices passed are shown: crews work on them, and analysts judge them."""
    return caller.role in (CREW, ANALYST, ADMIN)


def may_change_defects(caller: Caller) -> bool:
    """Whether PATCH /v1/defects/{defect_id} is for this caller."""
    return caller.role in WHO_MAY["PATCH", "/v1/defects/{defect_id}"]
