"""GET /v1/defects: what the city's roads have, for everyone; for its users also what few have passed, and what was said of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Query, Request, Response

from detection import KINDS, STATUSES
from ingest.api import geojson
from ingest.api.access import ACaller, ASettings, AStore, Caller
from ingest.api.answers import problems
from ingest.api.permissions import may_change_defects, sees_everything
from ingest.api.problems import Problem
from ingest.settings import Limits, Settings
from ingest.store import Store, defects, marks
from ingest.store.schema import DefectChange, DefectDay, DefectMark

router = APIRouter(tags=["roads"])

_GEOJSON: dict[str, Any] = {"content": {geojson.MEDIA_TYPE: {"schema": {"type": "object"}}}}
_ROUNDED = {"severity": 2, "confidence": 4, "hit_rate": 4, "heading": 1, "radius": 1, "priority": 4}
_NOT_TOLD = ("latitude", "longitude", "sorted_by")
_DAY_S, _FIRST_MONDAY = 86_400.0, 4  # 5 January 1970, days after the first
DefectId = Annotated[str, Path(max_length=64, pattern="^[!-~]+$")]
Several = Annotated[list[str], Query(max_length=20, description="one or several, separated by commas")]


@router.get(
    "/v1/defects",
    response_class=Response,
    responses={
        200: {"description": "A FeatureCollection of points", **_GEOJSON},
        **problems("field.range", "fix.range", "auth.invalid"),
    },
    summary="Defects that at least k devices passed",
)
def list_defects(
    request: Request,
    caller: ACaller,
    store: AStore,
    settings: ASettings,
    bbox: geojson.BoxText = None,
    kind: Several = [],  # noqa: B006  (never changed)
    status: Several = [],  # noqa: B006
    min_confidence: Annotated[float, Query(ge=0, le=1, allow_inf_nan=False)] = 0.0,
    since: Annotated[str | None, Query(max_length=40, description="last seen then or later, RFC 3339")] = None,
    limit: Annotated[int, Query(ge=1, le=Limits.page)] = 1000,
    cursor: Annotated[str, Query(max_length=96, pattern="^[!-~]*$", description="`next` of the page before")] = "",
    sort: Annotated[Literal["id", "priority", "equity"], Query(description="the highest first; docs/priority.md")] = "id",
) -> Response:
    """`next` is the cursor of the following page, or null. `k` says how many devices must have passed a place: 1 for users."""
    k = _k(caller, settings)
    wanted = defects.Wanted(
        k=k,
        box=geojson.box(bbox),
        kinds=_words(kind, KINDS, "kind"),
        statuses=_words(status, STATUSES, "status"),
        min_confidence=min_confidence,
        since=geojson.instant(since, "since"),
        sort=sort,
    )
    with store.database.read() as session:
        try:
            rows = defects.page(session, wanted, limit + 1, cursor)
        except defects.BadCursor:
            detail = f"cursor is `next` of the page before, of the same sort={sort}"
            raise Problem("field.range", detail, field="cursor", value=cursor) from None
    following = defects.cursor_of(rows[limit - 1]) if len(rows) > limit else None
    features = [_feature(row) for row in rows[:limit]]
    told = {"type": "FeatureCollection", "features": features, "next": following, "k": k}
    return geojson.answer(request, told, private=sees_everything(caller))


@router.get(
    "/v1/defects/{defect_id}",
    response_class=Response,
    responses={
        200: {"description": "A Feature with its `history`", **_GEOJSON},
        **problems("not_found", "id.format", "auth.invalid"),
    },
    summary="One defect with its history",
)
def get_defect(defect_id: DefectId, request: Request, caller: ACaller, store: AStore, settings: ASettings) -> Response:
    """`history`: passes, hits and devices a day; days with fewer than k devices are counted with a later one; `weeks`: its sums.
    `priority_terms` multiply to the priority; `kinds`: the probability of each kind, null where no jolt tells.
    `repaired`: when it was marked so. The id of a defect that was merged into another leads there (307).

    `changes`: what its status was set to, when; users also read by whom, the notes, and the `repair`: what the passes since say,
    and, who may set it, which statuses may come `next`.
    """
    told = one(store, settings, caller, defect_id)
    return geojson.answer(request, told, private=sees_everything(caller))


def one(store: Store, settings: Settings, caller: Caller, defect_id: str) -> dict[str, Any]:
    """The answer about one defect. Problem not_found."""
    k = _k(caller, settings)
    with store.database.read() as session:
        row = defects.one(session, defect_id, k)
        days, facts = (defects.history(session, defect_id), defects.facts(session, defect_id)) if row else ([], {})
        mark, changes = marks.of(session, defect_id), marks.changes(session, defect_id)
    if row is None:
        raise Problem("not_found", f"no defect has this id, or fewer than {k} devices passed it")
    history = [{"time": geojson.day(d.day), "passes": d.passes, "hits": d.hits, "devices": d.devices} for d in days]
    told = {**_feature(row), "history": history, "weeks": weeks_of(days), "k": k, "version": mark.version if mark else 0}
    told |= {"priority_terms": facts.get("priority_terms"), "kinds": facts.get("kinds")}
    if sees_everything(caller):
        told |= {"changes": [_change(change) for change in changes], "repair": _repair(mark)}
        return told | ({"next": marks.TRANSITIONS[row["status"]]} if may_change_defects(caller) else {})
    return told | {"changes": [_change_for_all(change) for change in changes if change.status != change.before]}


def weeks_of(days: Sequence[DefectDay]) -> list[dict[str, Any]]:
    """Passes and hits of each week that begins on `week`, a Monday; thin days count in the week of the day they are told with."""
    weeks: dict[float, list[int]] = {}
    for held in days:
        monday = (held.day // _DAY_S - _FIRST_MONDAY) // 7 * 7 + _FIRST_MONDAY
        counts = weeks.setdefault(monday * _DAY_S, [0, 0])
        counts[0], counts[1] = counts[0] + held.passes, counts[1] + held.hits
    return [{"week": geojson.day(monday), "passes": p, "hits": h} for monday, (p, h) in sorted(weeks.items())]


def _k(caller: Caller, settings: Settings) -> int:
    return 1 if sees_everything(caller) else settings.k


def _change(change: DefectChange) -> dict[str, Any]:
    told = {name: getattr(change, name) for name in ("version", "by", "before", "status", "note")}
    return {"time": geojson.moment(change.at), **told}


def _change_for_all(change: DefectChange) -> dict[str, Any]:
    """Neither names nor what crews write to each other."""
    return {"time": geojson.day(change.at), "before": change.before, "status": change.status}


def _repair(mark: DefectMark | None) -> dict[str, Any] | None:
    if mark is None or mark.verdict is None:
        return None
    counts = {name: getattr(mark, name) for name in ("verdict", "silent_passes", "silent_devices", "hits")}
    return {**counts, "repaired_at": geojson.moment(mark.repaired_at), "judged_at": geojson.moment(mark.judged_at)}


def _feature(row: Mapping[str, Any]) -> dict[str, Any]:
    properties = {name: _rounded(name, value) for name, value in row.items() if name not in _NOT_TOLD}
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
