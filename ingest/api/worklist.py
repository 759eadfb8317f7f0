"""GET /v1/worklist: the most worthwhile defects, or chosen ones, as a tour for crews; the same as GPX."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query, Request, Response

from detection import KINDS, STATUSES
from ingest.api import geojson
from ingest.api.access import ASettings, AStore, AUser
from ingest.api.answers import problems
from ingest.api.defects import Several, words
from ingest.api.problems import Problem
from ingest.settings import Settings
from ingest.store import Store, common_tracks, defects
from ingest.store.features import feature
from ingest.store.joined import apart_m
from ingest.store.places import Box, box_around
from ingest.worklist import Asked, Place, Tour, as_geojson, as_gpx, make_tour

router = APIRouter(tags=["crews"])

MOST_STOPS, MOST_CREWS = 200, 20
LONGEST_IDS = 5000  # 200 of the estimate's names; a request's head may have 16 KiB, percent signs and all
AT_ONCE = 2  # tours solved at the same time: each takes a core for its time
FURTHEST_M = 100_000.0  # between start and stop: a tour of a day, and where a plane is true to 0.02 %
AROUND_M = 3000.0  # streets beyond the stops that a way between two of them may take
MOST_LINES = 50_000  # pieces of street read: some 10 000 km
OPEN = ("new", "confirmed", "scheduled", "reopened")  # what is neither repaired nor dismissed
GPX = "application/gpx+xml"
_turns = threading.BoundedSemaphore(AT_ONCE)
_CODES = ("auth.missing", "auth.invalid", "auth.role", "field.missing", "field.range", "fix.range", "not_found", "id.format")
APlace = Annotated[str, Query(max_length=60, description="latitude,longitude in degrees")]


def _tour(
    store: AStore,
    settings: ASettings,
    start: APlace,
    stops: Annotated[int, Query(ge=1, le=MOST_STOPS, description="at most so many")] = 20,
    crews: Annotated[int, Query(ge=1, le=MOST_CREWS)] = 1,
    hours: Annotated[float | None, Query(gt=0, le=24, description="of work for each crew; left out: as it takes")] = None,
    minutes: Annotated[float, Query(ge=0, le=480, description="of work at each stop")] = 15.0,
    depot: Annotated[str | None, Query(max_length=60, description="latitude,longitude where tours end")] = None,
    ids: Annotated[
        str | None, Query(max_length=LONGEST_IDS, pattern="^[!-~]*$", description="these defects, separated by commas")
    ] = None,
    bbox: geojson.BoxText = None,
    kind: Several = [],  # noqa: B006  (never changed)
    status: Several = [],  # noqa: B006
    min_confidence: Annotated[float, Query(ge=0, le=1, allow_inf_nan=False)] = 0.5,
    sort: Annotated[Literal["priority", "equity"], Query(description="what is most worthwhile")] = "priority",
) -> Tour:
    """What both forms of the answer show. Problems fix.range, field.range, not_found, busy."""
    asked = Asked(_place(start, "start"), _place(depot, "depot") if depot else None, crews, hours, minutes)
    chosen = tuple(dict.fromkeys(name.strip() for name in ids.split(",") if name.strip())) if ids else ()
    if len(chosen) > MOST_STOPS:
        raise Problem("field.range", f"a tour has at most {MOST_STOPS} stops; leave some ids out", field="ids", value=len(chosen))
    wanted = (
        defects.Wanted(1, ids=chosen, sort=sort)
        if chosen
        else defects.Wanted(
            k=1,
            box=geojson.box(bbox),
            kinds=words(kind, KINDS, "kind"),
            statuses=words(status, STATUSES, "status") or OPEN,
            min_confidence=min_confidence,
            sort=sort,
        )
    )
    rows, lines = _read(store, settings, wanted, len(chosen) or stops, asked)
    missing = [name for name in chosen if name not in {row["id"] for row in rows}]
    if missing:
        raise Problem("not_found", f"no defect has the id {missing[0]}; leave it out, or ask for it: it may lead to another")
    with _turn():
        return make_tour([feature(row) for row in rows], [float(row["sorted_by"]) for row in rows], lines, asked)


ATour = Annotated[Tour, Depends(_tour)]


@router.get(
    "/v1/worklist",
    response_class=Response,
    responses={
        200: {
            "description": "Stops in driving order and a line for each crew",
            "content": {geojson.MEDIA_TYPE: {"schema": {"type": "object"}}},
        },
        **problems(*_CODES),
    },
    summary="The most worthwhile defects in driving order",
)
def get_worklist(request: Request, _user: AUser, tour: ATour) -> Response:
    """`crews` sums up each crew's tour: `stops` (ids), `distance` (m), `driving`, `working` and `duration` (s).

    Of each stop, besides its properties: `crew`, `order`, `leg` (m from the place before, `by_street` or else by a detour's
    factor) and `arrive` (s after the start). `left_out`: for which the hours do not suffice.
    """
    return geojson.answer(request, as_geojson(tour), private=True)


@router.get(
    "/v1/worklist.gpx",
    response_class=Response,
    responses={
        200: {"description": "A route, a track and waypoints for each crew", "content": {GPX: {"schema": {"type": "string"}}}},
        **problems(*_CODES),
    },
    summary="The same as GPX, for a navigator",
)
def get_worklist_gpx(_user: AUser, tour: ATour) -> Response:
    """GPX 1.1; waypoints are named in their order."""
    headers = {"Content-Disposition": 'attachment; filename="worklist.gpx"', "Cache-Control": "private, no-cache"}
    return Response(as_gpx(tour), headers=headers | {"Vary": "Authorization, Cookie"}, media_type=GPX)


def _read(store: Store, settings: Settings, wanted: defects.Wanted, most: int, asked: Asked) -> tuple[list[Any], list[Any]]:
    """Rows of the stops, and the lines of the streets around them."""
    with store.database.read() as session:
        rows = defects.page(session, wanted, most)
        for row in rows:
            _check_near(asked.start, (row["latitude"], row["longitude"]), "start")
        if asked.depot:
            _check_near(asked.start, asked.depot, "depot")
        places = [asked.start, *([asked.depot] if asked.depot else []), *((row["latitude"], row["longitude"]) for row in rows)]
        streets = common_tracks.page(session, settings.k, _around(places), MOST_LINES)
    return rows, [json.loads(street["line"]) for street in streets]


def _around(places: list[Place]) -> Box:
    boxes = [box_around(latitude, longitude, AROUND_M) for latitude, longitude in places]
    south, north = min(box.south for box in boxes), max(box.north for box in boxes)
    if any(box.west > box.east for box in boxes):  # at the antimeridian: all around is less than a tour's reach anyway
        return Box(-180.0, south, 180.0, north)
    return Box(min(box.west for box in boxes), south, max(box.east for box in boxes), north)


def _check_near(start: Place, place: Place, field: str) -> None:
    metres = apart_m(*start, *place)
    if metres > FURTHEST_M:
        detail = (
            f"{field} is {metres / 1000:.0f} km away; a tour reaches {FURTHEST_M / 1000:.0f} km: give a nearer one, or a bbox"
        )
        raise Problem("field.range", detail, field=field)


def _place(text: str, field: str) -> Place:
    try:
        latitude, longitude = (float(part) for part in text.split(","))
        if not (-90 <= latitude <= 90 and -180 <= longitude <= 180):
            raise ValueError("off the globe")
    except ValueError:
        detail = f"{field} is latitude,longitude in degrees, e.g. 48.137,11.575"
        raise Problem("fix.range", detail, field=field, value=text) from None
    return latitude, longitude


@contextmanager
def _turn() -> Iterator[None]:
    """One of the few that may solve. Problem busy."""
    if not _turns.acquire(timeout=3.0):
        raise Problem("busy", "other tours are being made; ask again", retry_after_s=3)
    try:
        yield
    finally:
        _turns.release()
