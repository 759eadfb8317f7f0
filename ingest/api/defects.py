"""GET /v1/defects: what the city's roads have, for everyone; for its users also what few have passed, and what was said of it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Annotated, Any, Literal
from urllib.parse import quote

from fastapi import APIRouter, Path, Query, Request, Response
from sqlalchemy.orm import Session

from detection import KINDS, STATUSES
from ingest.api import geojson
from ingest.api.access import ACaller, ASettings, AStore, Caller
from ingest.api.answers import problems
from ingest.api.permissions import may_change_defects, sees_everything
from ingest.api.problems import Problem
from ingest.settings import Limits, Settings
from ingest.store import Store, defects, joined, marks, photos, reports
from ingest.store.features import feature
from ingest.store.schema import DefectChange, DefectDay, DefectMark

router = APIRouter(tags=["roads"])

_GEOJSON: dict[str, Any] = {"content": {geojson.MEDIA_TYPE: {"schema": {"type": "object"}}}}
NEARBY_M = 30.0  # a report lies where somebody stood or tapped: GPS in a street, and the width of the road
_STANDING = ("new", "confirmed", "scheduled", "reopened")  # nobody said that it is over
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
    since: Annotated[str | None, Query(max_length=40, description="last seen then or later, RFC 3339; public: by day")] = None,
    limit: Annotated[int, Query(ge=1, le=Limits.page)] = 1000,
    cursor: Annotated[str, Query(max_length=96, pattern="^[!-~]*$", description="`next` of the page before")] = "",
    sort: Annotated[Literal["id", "priority", "equity"], Query(description="the highest first; docs/priority.md")] = "id",
) -> Response:
    """`next` is the cursor of the following page, or null. `k` says how many devices must have passed a place: 1 for users."""
    k = _k(caller, settings)
    wanted = defects.Wanted(
        k=k,
        box=geojson.box(bbox),
        kinds=words(kind, KINDS, "kind"),
        statuses=words(status, STATUSES, "status"),
        min_confidence=min_confidence,
        since=_since(since, caller),
        sort=sort,
    )
    with store.database.read() as session:
        try:
            rows = defects.told(session, wanted, limit + 1, cursor)
        except defects.BadCursor:
            detail = f"cursor is `next` of the page before, of the same sort={sort}"
            raise Problem("field.range", detail, field="cursor", value=cursor) from None
    following = rows[limit - 1].cursor if len(rows) > limit else None
    end = json.dumps({"next": following, "k": k}, separators=(",", ":"))[1:]
    data = f'{{"type":"FeatureCollection","features":[{",".join(row.text for row in rows[:limit])}],{end}'
    return geojson.answer_with(request, data.encode(), private=sees_everything(caller))


@router.get(
    "/v1/defects/{defect_id}",
    response_class=Response,
    responses={
        200: {"description": "A Feature with its `history`", **_GEOJSON},
        307: {"description": "It was merged into another; `Location` is that one's address"},
        **problems("not_found", "id.format", "auth.invalid"),
    },
    summary="One defect with its history",
)
def get_defect(defect_id: DefectId, request: Request, caller: ACaller, store: AStore, settings: ASettings) -> Response:
    """`history`: passes, hits and devices a day; days with fewer than k devices are counted with a later one; `weeks`: its sums.
    `priority_terms` multiply to the priority; `kinds`: the probability of each kind, null where no jolt tells; `size`: `m`, `low`
    and `high`, depth or height in metres with its 90 % interval, null where it has none.
    `repaired`: when it was marked so. The id of a defect that was merged into another leads there (307).

    `changes`: what its status was set to, when; users also read by whom, the notes, `photos`, the `repair`: what the passes
    since say (`seems_repaired`: nobody marked it, but they fell silent), and, who may set it, which statuses may come `next`.
    """
    if (into := _merged_into(store, settings, caller, defect_id)) is not None:
        headers = {"Location": f"/v1/defects/{quote(into)}", "Cache-Control": "no-cache", "Vary": "Authorization, Cookie"}
        return Response(status_code=307, headers=headers)  # for now: what was merged may be parted again
    told = one(store, settings, caller, defect_id)
    return geojson.answer(request, told, private=sees_everything(caller))


def _since(text: str | None, caller: Caller) -> float | None:
    """To the day, as the times that are told: else who asks often enough learns the minute somebody passed."""
    at_s = geojson.instant(text, "since")
    return at_s if at_s is None or sees_everything(caller) else at_s // _DAY_S * _DAY_S


def _merged_into(store: Store, settings: Settings, caller: Caller, defect_id: str) -> str | None:
    """Which defect stands for this one, as far as the caller may know of both."""
    k = _k(caller, settings)
    with store.database.read() as session:
        away = joined.target(session, defect_id)
        known = away is not None and away.devices >= k and defects.one(session, away.into, k) is not None
        return away.into if away is not None and known else None


def one(store: Store, settings: Settings, caller: Caller, defect_id: str) -> dict[str, Any]:
    """The answer about one defect. Problem not_found."""
    k = _k(caller, settings)
    with store.database.read() as session:
        row = defects.one(session, defect_id, k)
        days, facts = (defects.history(session, defect_id), defects.facts(session, defect_id)) if row else ([], {})
        mark, changes = marks.of(session, defect_id), marks.changes(session, defect_id)
        beside = _beside(session, row, mark) if row and sees_everything(caller) else {}
    if row is None:
        raise Problem("not_found", f"no defect has this id, or fewer than {k} devices passed it")
    history = [{"time": geojson.day(d.day), "passes": d.passes, "hits": d.hits, "devices": d.devices} for d in days]
    told = {**feature(row), "history": history, "weeks": weeks_of(days), "k": k, "version": mark.version if mark else 0}
    told |= {"priority_terms": facts.get("priority_terms"), "kinds": facts.get("kinds"), "size": facts.get("size")}
    told["repaired"] = [geojson.day(change.at) for change in changes if change.status == "repaired" != change.before]
    if sees_everything(caller):
        told |= {
            "changes": [_change(change) for change in changes],
            "repair": _repair(mark, changes) or _seems(row, facts),
            **beside,
        }
        may = {"next": marks.TRANSITIONS[row["status"]], "undo": bool(changes) and _can_undo(changes[-1], caller)}
        return told | (may if may_change_defects(caller) else {})
    return told | {"changes": [_change_for_all(change) for change in changes if change.status != change.before]}


def _beside(session: Session, row: Mapping[str, Any], mark: DefectMark | None) -> dict[str, Any]:
    """What only users read of a defect: whose work it is, what it stands for, what people reported there, its photos."""
    name = row["id"]
    told: dict[str, Any] = {"assignee": mark.assignee if mark else None, "known_as": joined.sort_of(session, name)}
    told |= {"merged": joined.ids_in(session, name), "reports": reports_beside(session, row)}
    return told | {"photos": [photo_told(one) for one in photos.listed(session, name)]}


def photo_told(one: photos.Photo) -> dict[str, Any]:
    """What is told of a photo besides its bytes."""
    return {"id": one.id, "time": geojson.moment(one.at), "by": one.by, "width": one.width, "height": one.height}


def reports_beside(session: Session, row: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Reports made by hand around the defect, nearest first."""
    near = reports.around(session, row["latitude"], row["longitude"], NEARBY_M)
    return [
        {"id": one.id, "kind": one.kind, "note": one.note, "time": geojson.moment(one.created_at), "distance": round(metres, 1)}
        for metres, one in near
    ]


def _can_undo(last: DefectChange, caller: Caller) -> bool:
    return last.by == caller.name and last.what != "undo" and last.told is not None


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
    told = {name: getattr(change, name) for name in ("version", "by", "what", "before", "status", "note")}
    return {"time": geojson.moment(change.at), **told, "told": marks.told_of(change)}


def _change_for_all(change: DefectChange) -> dict[str, Any]:
    """Neither names nor what crews write to each other."""
    return {"time": geojson.day(change.at), "before": change.before, "status": change.status}


def _repair(mark: DefectMark | None, changes: Sequence[DefectChange]) -> dict[str, Any] | None:
    """The verdict with its counts, and the same as a sentence: `11 silent passes by 6 cars since 4 May: holds`."""
    if mark is None or mark.verdict is None:
        return None
    counts = {name: getattr(mark, name) for name in ("verdict", "silent_passes", "silent_devices", "hits")}
    since = mark.repaired_at or max((change.at for change in changes if change.status == "repaired"), default=None)
    told = {**counts, "repaired_at": geojson.moment(since), "judged_at": geojson.moment(mark.judged_at)}
    return told | {"words": repair_words(mark.verdict, mark.silent_passes or 0, mark.silent_devices or 0, mark.hits or 0, since)}


def _seems(row: Mapping[str, Any], facts: Mapping[str, Any]) -> dict[str, Any] | None:
    """The same of what nobody marked, but the passes fell silent: a proposal, until somebody says what it is."""
    seems = facts.get("seems_repaired")
    if not seems or row["status"] not in _STANDING:
        return None
    counts = {name: seems[name] for name in ("silent_passes", "silent_devices", "hits")}
    told = {"verdict": "seems_repaired", **counts, "since": geojson.moment(seems["since"])}
    return told | {"words": repair_words("seems_repaired", **counts, since=seems["since"])}


def repair_words(verdict: str, silent_passes: int, silent_devices: int, hits: int, since: float | None) -> str:
    """One line for people, in English; a page in another language makes its own from the fields."""
    day = datetime.fromtimestamp(since, UTC).strftime(" since %-d %B") if since is not None else ""
    silent = f"{_many(silent_passes, 'silent pass', 'es')} by {_many(silent_devices, 'car')}{day}"
    jolts = f"{_many(hits, 'jolt')}{day}"
    return {
        "holds": f"{silent}: holds",
        "reopened": f"jolts again ({jolts}): reopened",
        "seems_repaired": f"seems repaired: {silent}",
    }.get(verdict, f"{silent}, {_many(hits, 'jolt')}: not yet certain")


def _many(number: int, noun: str, plural: str = "s") -> str:
    return f"{number} {noun}{'' if number == 1 else plural}"


def words(given: list[str], known: tuple[str, ...], field: str) -> tuple[str, ...]:
    """Those of a parameter, given once or several times, with or without commas. Problem field.range."""
    words = [word.strip() for text in given for word in text.split(",") if word.strip()]
    for word in words:
        if word not in known:
            raise Problem("field.range", f"{field} is one of {', '.join(known)}", field=field, value=word)
    return tuple(words)
