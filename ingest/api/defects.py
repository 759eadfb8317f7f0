"""GET /v1/defects: what the city's roads have, for everyone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request, Response

from detection import KINDS, STATUSES
from ingest.api import geojson
from ingest.api.access import ASettings, AStore
from ingest.api.answers import problems
from ingest.api.problems import Problem
from ingest.settings import Limits
from ingest.store import defects

router = APIRouter(tags=["roads"])

_GEOJSON: dict[str, Any] = {"content": {geojson.MEDIA_TYPE: {"schema": {"type": "object"}}}}
_ROUNDED = {"severity": 2, "confidence": 4, "hit_rate": 4, "heading": 1, "radius": 1, "priority": 4}
Several = Annotated[list[str], Query(max_length=20, description="one or several, separated by commas")]


@router.get(
    "/v1/defects",
    response_class=Response,
    responses={200: {"description": "A FeatureCollection of points", **_GEOJSON}, **problems("field.range", "fix.range")},
    summary="Defects that at least k devices passed",
)
def list_defects(
    request: Request,
    store: AStore,
    settings: ASettings,
    bbox: geojson.BoxText = None,
    kind: Several = [],  # noqa: B006  (never changed)
    status: Several = [],  # noqa: B006
    min_confidence: Annotated[float, Query(ge=0, le=1, allow_inf_nan=False)] = 0.0,
    since: Annotated[str | None, Query(max_length=40, description="last seen then or later, RFC 3339")] = None,
    limit: Annotated[int, Query(ge=1, le=Limits.page)] = 1000,
    cursor: Annotated[str, Query(max_length=64, pattern="^[!-~]*$", description="`next` of the page before")] = "",
) -> Response:
    """`next` is the cursor of the following page, or null. `k` says how many devices must have passed a place."""
    wanted = defects.Wanted(
        k=settings.k,
        box=geojson.box(bbox),
        kinds=_words(kind, KINDS, "kind"),
        statuses=_words(status, STATUSES, "status"),
        min_confidence=min_confidence,
        since=geojson.instant(since, "since"),
    )
    with store.database.read() as session:
        rows = defects.page(session, wanted, limit + 1, cursor)
    following = rows[limit - 1]["id"] if len(rows) > limit else None
    features = [_feature(row) for row in rows[:limit]]
    return geojson.answer(request, {"type": "FeatureCollection", "features": features, "next": following, "k": settings.k})


@router.get(
    "/v1/defects/{defect_id}",
    response_class=Response,
    responses={200: {"description": "A Feature with its `history`", **_GEOJSON}, **problems("not_found", "id.format")},
    summary="One defect with its history",
)
def get_defect(
    defect_id: Annotated[str, Path(max_length=64, pattern="^[!-~]+$")], request: Request, store: AStore, settings: ASettings
) -> Response:
    """`history`: passes, hits and devices a day; days with fewer than k devices are counted with a later one."""
    with store.database.read() as session:
        row = defects.one(session, defect_id, settings.k)
        days = defects.history(session, defect_id) if row else []
    if row is None:
        raise Problem("not_found", f"no defect has this id, or fewer than {settings.k} devices passed it")
    told = [{"time": geojson.day(d.day), "passes": d.passes, "hits": d.hits, "devices": d.devices} for d in days]
    return geojson.answer(request, {**_feature(row), "history": told, "k": settings.k})


def _feature(row: Mapping[str, Any]) -> dict[str, Any]:
    properties = {name: _rounded(name, value) for name, value in row.items() if name not in ("latitude", "longitude")}
    properties |= {name: geojson.day(row[name]) for name in ("first_seen", "last_seen")}
    place = [round(row["longitude"], 6), round(row["latitude"], 6)]
    return {"type": "Feature", "id": row["id"], "geometry": {"type": "Point", "coordinates": place}, "properties": properties}


def _rounded(name: str, value: Any) -> Any:
    return round(value, _ROUNDED[name]) if name in _ROUNDED and value is not None else value


def _words(given: list[str], known: tuple[str, ...], field: str) -> tuple[str, ...]:
    words = [word.strip() for text in given for word in text.split(",") if word.strip()]
    for word in words:
        if word not in known:
            raise Problem("field.range", f"{field} is one of {', '.join(known)}", field=field, value=word)
    return tuple(words)
