"""What crews say about defects, by the defect's id: status, notes, whose work; beside the estimates, which replace each other.

A mark outweighs the status that an estimate carries along, so whatever is said while one is made counts. Each change has a
number of its own, the mark's version: of two who change the same version, one is told what the other did.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from ingest.store import audit, joined, versions, webhooks
from ingest.store.audit import Deed
from ingest.store.devices import digest
from ingest.store.places import in_parts
from ingest.store.schema import Defect, DefectChange, DefectMark

# from: to. What is repaired or dismissed is over, until it is taken up again; only what was over can be reopened
TRANSITIONS: dict[str, tuple[str, ...]] = {
    "new": ("confirmed", "scheduled", "repaired", "dismissed"),
    "confirmed": ("new", "scheduled", "repaired", "dismissed"),
    "scheduled": ("confirmed", "repaired", "dismissed"),
    "repaired": ("reopened", "confirmed"),  # confirmed: marked by mistake
    "dismissed": ("new", "confirmed", "reopened"),
    "reopened": ("confirmed", "scheduled", "repaired", "dismissed"),
}

_STATE = ("status", "assignee", "repaired_at", "verdict", "silent_passes", "silent_devices", "hits", "judged_at")


class Changed(Exception):
    """Somebody changed the defect since the caller looked; `last` says who and how, {} that nobody ever did."""

    def __init__(self, last: DefectChange | None, version: int) -> None:
        names = ("status", "note", "by")
        self.last = {name: str(getattr(last, name)) for name in names} if last else {}  # the row itself ends with the transaction
        self.version = version
        told = f"{last.by} set it to {last.status}" if last else "nobody has changed it"
        super().__init__(f"the defect is at version {version}: {told}")


class NoWay(Exception):
    """The status does not follow from the present one."""

    def __init__(self, before: str, wanted: str) -> None:
        self.before, self.wanted = before, wanted
        super().__init__(f"what is {before} becomes {' or '.join(TRANSITIONS[before])}, not {wanted}")


class NoUndo(Exception):
    """The last change cannot be taken back by the caller; the text says why."""


@dataclass(frozen=True)
class Wish:
    """A change somebody asks for. status None: only a note; version None: whatever it is now. by: a name.

    assignee: whose work it is from now on, "" nobody's, None as before. sort: dismissed as such a known thing.
    """

    status: str | None
    note: str
    by: str
    version: int | None = None
    assignee: str | None = None
    sort: str | None = None


@dataclass(frozen=True)
class Repair:
    """A mark `repaired` that the passes since are to judge."""

    defect_id: str
    repaired_at: float
    version: int


@dataclass(frozen=True)
class Verdict:
    """What the passes since a repair say; words: for people, where it is reopened."""

    repair: Repair
    state: str
    silent_passes: int
    silent_devices: int
    hits: int
    words: str


def change(session: Session, defect_id: str, estimated: str, wish: Wish, deed: Deed, now: float) -> DefectMark:
    """Do as is wished, in one transaction with its trail. estimated: the status that counts while nobody said anything.

    The same wish again, after an answer that got lost, changes nothing. Raises Changed, NoWay.
    """
    mark, last = _mark_and_last(session, defect_id, estimated)
    wanted, assignee = wish.status or mark.status, mark.assignee if wish.assignee is None else wish.assignee or None
    sort_before = joined.sort_of(session, defect_id)
    sort = (wish.sort or sort_before) if wanted == "dismissed" else None
    same = (wanted, assignee, sort) == (mark.status, mark.assignee, sort_before)
    if last and same and (last.by, last.status, last.note) == (wish.by, wanted, wish.note):
        return mark
    _check_version(mark, last, wish.version)
    if same and not wish.note:
        return mark
    if wanted != mark.status and wanted not in TRANSITIONS[mark.status]:
        raise NoWay(mark.status, wanted)
    was, before, assigned = _state(mark, sort_before), mark.status, mark.assignee != assignee
    if wanted != before:
        _set(mark, wanted, now)
    mark.assignee = assignee
    if sort != sort_before and (held := session.get(Defect, defect_id)) is not None:
        joined.know_as(session, held, sort, wish.by, now)
    what = "assign" if assigned and wanted == before else "status"
    told = {"was": was} | ({"assignee": assignee} if assigned else {}) | ({"as": sort} if sort != sort_before else {})
    append(session, mark, before, wish, what, told, now)
    if wanted != before:
        webhooks.tell(session, f"defect.{wanted}", [defect_id], now, status=wanted, before=before, version=mark.version)
    audit.append(session, now, deed, f"defect.{what}", defect_id, before, _told(wanted, wish.note))
    return mark


def append(
    session: Session, mark: DefectMark, before: str, wish: Wish, what: str, told: dict[str, Any], now: float
) -> DefectChange:
    """One more entry of the trail, which is the mark's next version; the mark is as it shall be."""
    mark.version += 1
    versions.bump(session)
    session.add(mark)
    entry = DefectChange(defect_id=mark.defect_id, version=mark.version, at=now, by=wish.by, before=before, status=mark.status)
    entry.note, entry.what, entry.told = wish.note, what, json.dumps(told)
    session.add(entry)
    session.flush()
    return entry


def opened(session: Session, defect_id: str, estimated: str, version: int | None) -> DefectMark:
    """The mark, locked, for a change that is not one of status. Raises Changed."""
    mark, last = _mark_and_last(session, defect_id, estimated)
    _check_version(mark, last, version)
    return mark


def undo(session: Session, defect_id: str, estimated: str, wish: Wish, deed: Deed, now: float) -> DefectChange:
    """Take the last change back, if it was the caller's own; returns that change, for what lies beside the mark.

    Raises Changed, NoUndo.
    """
    mark, last = _mark_and_last(session, defect_id, estimated)
    _check_version(mark, last, wish.version)
    if last is None:
        raise NoUndo("nobody has changed it; there is nothing to take back")
    if last.by != wish.by:
        raise NoUndo(f"the last change is by {last.by}; only they can take it back, or set what should be instead")
    told = json.loads(last.told or "{}")
    if "was" not in told:
        raise NoUndo("the last change cannot be taken back; set what should be instead")
    before, state = mark.status, dict(told["was"])
    sort = state.pop("sort", None)
    for name, value in state.items():
        setattr(mark, name, value)
    if (held := session.get(Defect, defect_id)) is not None:
        joined.know_as(session, held, sort, wish.by, now)
    append(session, mark, before, wish, "undo", {"undoes": last.version}, now)
    if mark.status != before:  # who was told of the one must hear of the other
        webhooks.tell(session, f"defect.{mark.status}", [defect_id], now, status=mark.status, before=before, version=mark.version)
    audit.append(session, now, deed, "defect.undo", defect_id, before, f"{mark.status}, undoes version {last.version}")
    return last


def told_of(entry: DefectChange) -> dict[str, Any]:
    """What a change tells people besides status and note."""
    return {name: value for name, value in json.loads(entry.told or "{}").items() if name != "was"}


def state_of(session: Session, mark: DefectMark) -> dict[str, Any]:
    """Everything that an undo brings back."""
    return _state(mark, joined.sort_of(session, mark.defect_id))


def of(session: Session, defect_id: str) -> DefectMark | None:
    return session.get(DefectMark, defect_id)


def changes(session: Session, defect_id: str) -> list[DefectChange]:
    """The trail of a defect, in order."""
    mine = select(DefectChange).where(DefectChange.defect_id == defect_id)
    return list(session.scalars(mine.order_by(DefectChange.version)))


def repairs(session: Session, defect_ids: Collection[str]) -> list[Repair]:
    """Which of these are marked repaired, and since when."""
    columns = select(DefectMark.defect_id, DefectMark.repaired_at, DefectMark.version)
    marked = columns.where(DefectMark.status == "repaired", DefectMark.repaired_at.is_not(None))
    rows = (row for part in in_parts(defect_ids) for row in session.execute(marked.where(DefectMark.defect_id.in_(part))))
    return [Repair(name, at, version) for name, at, version in rows if at is not None]


def record(session: Session, verdicts: Iterable[Verdict], now: float) -> None:
    """Keep what the passes say, where nobody changed the mark meanwhile; what jolts again is reopened by the system."""
    for verdict in verdicts:
        mark = session.get(DefectMark, verdict.repair.defect_id, with_for_update=True, populate_existing=True)
        if mark is None or mark.version != verdict.repair.version:
            continue  # the next estimate sees what was said
        if verdict.state == "reopened":
            wish = Wish("reopened", verdict.words, audit.SYSTEM)
            change(session, mark.defect_id, mark.status, wish, Deed(audit.SYSTEM), now)
        counts = {name: getattr(verdict, name) for name in ("silent_passes", "silent_devices", "hits")}
        values = counts | {"verdict": verdict.state, "judged_at": now}
        session.execute(update(DefectMark).where(DefectMark.defect_id == mark.defect_id).values(values))


def _mark_and_last(session: Session, defect_id: str, estimated: str) -> tuple[DefectMark, DefectChange | None]:
    mark = session.get(DefectMark, defect_id, with_for_update=True)
    if mark is None:
        mark = DefectMark(defect_id=defect_id, status=estimated, version=0)
    return mark, session.get(DefectChange, (defect_id, mark.version)) if mark.version else None


def _check_version(mark: DefectMark, last: DefectChange | None, version: int | None) -> None:
    if version not in (None, mark.version):
        raise Changed(last, mark.version)


def _state(mark: DefectMark, sort: str | None) -> dict[str, Any]:
    return {name: getattr(mark, name) for name in _STATE} | {"sort": sort}


def _set(mark: DefectMark, status: str, now: float) -> None:
    mark.status, mark.repaired_at = status, now if status == "repaired" else None
    mark.verdict = mark.silent_passes = mark.silent_devices = mark.hits = mark.judged_at = None


def _told(status: str, note: str) -> str:
    """A note is words of a person and stays out of the log; its hash there shows whether it was changed later."""
    return f"{status}, note {digest(note)[:32]}" if note else status
