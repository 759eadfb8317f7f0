"""What crews say about defects: status and notes, by the defect's id, beside the estimates, which replace each other.

A mark outweighs the status that an estimate carries along, so whatever is said while one is made counts. Each change has a
number of its own, the mark's version: of two who change the same version, one is told what the other did.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from ingest.store import audit, versions, webhooks
from ingest.store.audit import Deed
from ingest.store.devices import digest
from ingest.store.places import in_parts
from ingest.store.schema import DefectChange, DefectMark

# from: to. What is repaired or dismissed is over, until it is taken up again; only what was over can be reopened
TRANSITIONS: dict[str, tuple[str, ...]] = {
    "new": ("confirmed", "scheduled", "repaired", "dismissed"),
    "confirmed": ("new", "scheduled", "repaired", "dismissed"),
    "scheduled": ("confirmed", "repaired", "dismissed"),
    "repaired": ("reopened", "confirmed"),  # confirmed: marked by mistake
    "dismissed": ("new", "confirmed", "reopened"),
    "reopened": ("confirmed", "scheduled", "repaired", "dismissed"),
}


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


@dataclass(frozen=True)
class Wish:
    """A change somebody asks for. status None: only a note; version None: whatever it is now. by: a name."""

    status: str | None
    note: str
    by: str
    version: int | None = None


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
    mark = session.get(DefectMark, defect_id, with_for_update=True)
    if mark is None:
        mark = DefectMark(defect_id=defect_id, status=estimated, version=0)
    last = session.get(DefectChange, (defect_id, mark.version)) if mark.version else None
    wanted = wish.status or mark.status
    if last and (last.by, last.status, last.note) == (wish.by, wanted, wish.note):
        return mark
    if wish.version not in (None, mark.version):
        raise Changed(last, mark.version)
    if wanted == mark.status and not wish.note:
        return mark
    if wanted != mark.status and wanted not in TRANSITIONS[mark.status]:
        raise NoWay(mark.status, wanted)
    before, mark.version = mark.status, mark.version + 1
    if wanted != before:
        _set(mark, wanted, now)
    session.add(mark)
    entry = DefectChange(defect_id=defect_id, version=mark.version, at=now, by=wish.by, before=before, status=wanted)
    entry.note = wish.note
    session.add(entry)
    versions.bump(session)
    if wanted != before:
        webhooks.tell(session, f"defect.{wanted}", [defect_id], now, status=wanted, before=before, version=mark.version)
    audit.append(session, now, deed, "defect.status", defect_id, before, _told(wanted, wish.note))
    return mark


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


def _set(mark: DefectMark, status: str, now: float) -> None:
    mark.status, mark.repaired_at = status, now if status == "repaired" else None
    mark.verdict = mark.silent_passes = mark.silent_devices = mark.hits = mark.judged_at = None


def _told(status: str, note: str) -> str:
    """A note is words of a person and stays out of the log; its hash there shows whether it was changed later."""
    return f"{status}, note {digest(note)[:32]}" if note else status
