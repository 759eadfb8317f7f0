"""Reports made by hand: kept on this phone until the server has them, sent once, and shown with what became of them.

Files in one folder: <id>.json, as it was written; <id>.jpg, a photo, which stays on this phone; and beside them, by the process
that sends, <id>.sent or <id>.refused. The screens write the first two, so that nobody writes what another writes.
"""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Callable
from dataclasses import asdict, dataclass, fields
from enum import StrEnum
from pathlib import Path

from mobile_app import durable
from mobile_app.connection import Answer

KINDS = ("pothole", "speed_bump", "joint", "rough", "lamp", "graffiti", "sign_not_visible", "unknown")  # as the server takes them
LONGEST_NOTE = 2000  # characters, likewise


class State(StrEnum):
    """What became of a report."""

    WAITING = "waiting"
    SENT = "sent"
    REFUSED = "refused"


@dataclass(frozen=True)
class Report:
    """One report. made_at_s: s since 1970. photo: whether one lies beside it. why: the server's words, where it refused."""

    report_id: str
    kind: str
    latitude: float
    longitude: float
    note: str
    made_at_s: float
    state: State = State.WAITING
    photo: bool = False
    why: str = ""


class Reports:
    """The reports in a folder, made with the first of them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def write(self, kind: str, latitude: float, longitude: float, note: str = "", now_s: float | None = None) -> Report:
        """Keeps a new report; on the disk on return. Raises ValueError where the server could never take it."""
        if kind not in KINDS:
            raise ValueError(f"kind {kind!r} is not one of {', '.join(KINDS)}")
        if not (abs(latitude) <= 90 and abs(longitude) <= 180):
            raise ValueError(f"latitude {latitude}, longitude {longitude}: give degrees, at most 90 and 180")
        made_at_s = time.time() if now_s is None else now_s
        report = Report(str(uuid.uuid4()), kind, latitude, longitude, _clean(note), made_at_s)
        durable.make_folder(self.folder)
        told = {name: value for name, value in asdict(report).items() if name not in ("state", "photo", "why")}
        durable.write_json(self._path(report.report_id, ".json"), told)
        return report

    def attach(self, report_id: str, photo: Path) -> None:
        """A copy of a JPEG picture, now or later. It is not sent: no server takes pictures yet."""
        durable.write_whole(self._path(report_id, ".jpg"), photo.read_bytes())

    def photo_of(self, report_id: str) -> Path | None:
        path = self._path(report_id, ".jpg")
        return path if path.exists() else None

    def all(self) -> list[Report]:
        """Newest first. A damaged file is left out."""
        found = [report for path in self.folder.glob("*.json") if (report := self._read(path)) is not None]
        return sorted(found, key=lambda report: (-report.made_at_s, report.report_id))

    def waiting(self) -> list[Report]:
        """Those to be sent, oldest first."""
        return [report for report in reversed(self.all()) if report.state is State.WAITING]

    def mark(self, report_id: str, state: State, why: str = "") -> None:
        """What the server said. Only for the process that sends."""
        durable.write_json(self._path(report_id, f".{state}"), {"why": why})

    def forget(self, report_id: str) -> None:
        """Takes it off this phone, picture and all; one that waits is not sent."""
        for ending in (".json", ".jpg", *(f".{state}" for state in State)):
            self._path(report_id, ending).unlink(missing_ok=True)
        durable.sync_folder(self.folder)

    def _path(self, report_id: str, ending: str) -> Path:
        return self.folder / f"{uuid.UUID(report_id)}{ending}"

    def _read(self, path: Path) -> Report | None:
        told = durable.read_json(path)
        refused = durable.read_json(path.with_suffix(".refused"))
        try:
            known = {one.name: told[one.name] for one in fields(Report) if told and one.name in told}
            state = State.REFUSED if refused else State.SENT if path.with_suffix(".sent").exists() else State.WAITING
            why = str((refused or {}).get("why", ""))
            return Report(**{**known, "state": state, "photo": path.with_suffix(".jpg").exists(), "why": why})
        except TypeError:
            return None


def send_reports(reports: Reports, ask: Callable[..., Answer]) -> int:
    """Sends all that wait; how many the server has now. ask: as `Connection.ask`; raises what it raises.

    The report's own id makes it safe to send again after a lost answer: the server keeps it once.
    """
    sent = 0
    for report in reports.waiting():
        place = {"latitude": report.latitude, "longitude": report.longitude}
        told = {"report_id": report.report_id, "kind": report.kind, "place": place, "note": report.note}
        answer = ask("POST", "/v1/reports", json.dumps(told).encode(), "application/json")
        if answer.status in (200, 201) and answer.fields.get("report_id") == report.report_id:
            reports.mark(report.report_id, State.SENT)
            sent += 1
        elif answer.code and 400 <= answer.status < 500 and answer.status not in (401, 403):
            reports.mark(report.report_id, State.REFUSED, answer.words)
    return sent


def _clean(note: str) -> str:
    """As the server takes it: no control characters but line ends, not too long."""
    return "".join(c for c in note if c in "\n\t" or c.isprintable())[:LONGEST_NOTE].strip()
