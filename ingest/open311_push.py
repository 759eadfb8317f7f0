"""Pushes confirmed defects to a city's Open311 GeoReport v2 endpoint, each once, and follows what becomes of them.

Once, whatever is killed: that a defect is about to be posted is written before, its service_request_id after. Where the second is
missing, the endpoint's list is asked first: every description ends with the name of its defect.
"""

from __future__ import annotations

import json
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.client import HTTPException
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from detection.errors import CahotError
from ingest.store import Store, defects, marks
from ingest.store.audit import Deed
from ingest.store.defects import Wanted
from ingest.store.places import in_parts
from ingest.store.schema import Open311Push

TIMEOUT_S = 30.0
AT_ONCE = 50  # ids in one question for their status: addresses have a length
SLACK_S = 86_400.0  # clocks of two systems, and endpoints that tell days
BY = "open311"


class EndpointUnusable(CahotError):
    """The endpoint is out of reach, refuses, or answers what is not GeoReport v2 in JSON."""

    def __init__(self, url: str, why: str) -> None:
        self.url, self.why = url, why
        super().__init__(f"{url}: {why}; run the same again later, nothing is pushed twice")


@dataclass(frozen=True)
class Endpoint:
    """Where to push to. codes: of a kind the endpoint's service_code, where it is another word."""

    url: str
    api_key: str = ""
    jurisdiction: str = ""
    codes: Mapping[str, str] = field(default_factory=dict)

    def get(self, path: str, **query: str) -> Any:
        """Of services.json, requests.json. Raises EndpointUnusable."""
        return self._ask(path, {"jurisdiction_id": self.jurisdiction, **query}, None)

    def post(self, fields: Mapping[str, str]) -> Any:
        """To requests.json. Raises EndpointUnusable."""
        told = {"jurisdiction_id": self.jurisdiction, "api_key": self.api_key, **fields}
        return self._ask("requests.json", {}, urllib.parse.urlencode({n: v for n, v in told.items() if v}).encode())

    def _ask(self, path: str, query: Mapping[str, str], data: bytes | None) -> Any:
        asked = urllib.parse.urlencode({name: value for name, value in query.items() if value})
        url = f"{self.url.rstrip('/')}/{path}"
        try:
            with urllib.request.urlopen(
                urllib.request.Request(f"{url}?{asked}" if asked else url, data), timeout=TIMEOUT_S
            ) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            raise EndpointUnusable(url, f"answered {error.code} {error.read(300).decode(errors='replace')}") from error
        except (OSError, HTTPException, ValueError) as error:
            raise EndpointUnusable(url, str(getattr(error, "reason", error))) from error


@dataclass
class Outcome:
    """How many were pushed, were found there after a crash, have no service there, and were closed there since."""

    pushed: int = 0
    found: int = 0
    without_service: int = 0
    closed: int = 0


def push(store: Store, endpoint: Endpoint, k: int, now: float) -> Outcome:
    """Push what is confirmed and was passed by at least k devices, then see what was closed. Raises EndpointUnusable."""
    outcome = Outcome()
    known = {str(service["service_code"]) for service in _rows(endpoint, endpoint.get("services.json"))}
    with store.database.read() as session:
        confirmed = defects.page(session, Wanted(k, statuses=("confirmed",)), None)
        names = [row["id"] for row in confirmed]
        asked = {row.defect_id: row for row in _held(session, endpoint, names)}
    for row in confirmed:
        code, before = endpoint.codes.get(row["kind"], row["kind"]), asked.get(row["id"])
        if before is not None and before.service_request_id is not None:
            continue
        if code not in known:
            outcome.without_service += 1
            continue
        there = _look_for(endpoint, row["id"], code, before.asked_at, now) if before else None
        if there is None:
            _note(store, endpoint, row["id"], now)
            outcome.pushed += 1
        else:
            outcome.found += 1
        _keep(store, endpoint, row["id"], there or _post(endpoint, row, code))
    outcome.closed = follow(store, endpoint, now)
    return outcome


def follow(store: Store, endpoint: Endpoint, now: float) -> int:
    """Write a note to each defect whose request was closed there since; returns how many. Raises EndpointUnusable."""
    with store.database.read() as session:
        mine = (Open311Push.endpoint == endpoint.url, Open311Push.closed_at.is_(None))
        waiting = session.scalars(select(Open311Push.service_request_id).where(*mine)).all()
    closed = 0
    for part in in_parts([name for name in waiting if name is not None], AT_ONCE):
        for told in _rows(endpoint, endpoint.get("requests.json", service_request_id=",".join(part))):
            if told.get("status") == "closed":
                closed += _close(store, endpoint, told, now)
    return closed


def _name(defect_id: str) -> str:
    """What the description ends with, and is looked for."""
    return f"[cahot {defect_id}]"


def _post(endpoint: Endpoint, row: Mapping[str, Any], code: str) -> str:
    told = f"{row['kind'].replace('_', ' ')}, severity {row['severity']:.1f}, felt in {row['hits']} of {row['passes']} passes"
    place = {"lat": f"{row['latitude']:.6f}", "long": f"{row['longitude']:.6f}"}
    answer = _rows(endpoint, endpoint.post({"service_code": code, **place, "description": f"{told} {_name(row['id'])}"}))
    name = answer[0].get("service_request_id") if answer else None
    if not name:
        raise EndpointUnusable(endpoint.url, "took a request and gave no service_request_id")
    return str(name)


def _look_for(endpoint: Endpoint, defect_id: str, code: str, since: float, now: float) -> str | None:
    """What was posted before, if the endpoint has it."""
    dates = {"start_date": _instant(since - SLACK_S), "end_date": _instant(min(now, since + 89 * 86_400.0) + SLACK_S)}
    for told in _rows(endpoint, endpoint.get("requests.json", service_code=code, **dates)):
        if _name(defect_id) in str(told.get("description")) and told.get("service_request_id"):
            return str(told["service_request_id"])
    return None


def _held(session: Session, endpoint: Endpoint, names: Sequence[str]) -> Iterator[Open311Push]:
    for part in in_parts(names):
        mine = (Open311Push.endpoint == endpoint.url, Open311Push.defect_id.in_(part))
        yield from session.scalars(select(Open311Push).where(*mine))


def _note(store: Store, endpoint: Endpoint, defect_id: str, now: float) -> None:
    """It is about to be posted; the first such time stays, as what came of it is looked for from then on."""
    with store.database.write() as session:
        if session.get(Open311Push, (endpoint.url, defect_id)) is None:
            session.add(Open311Push(endpoint=endpoint.url, defect_id=defect_id, asked_at=now))


def _keep(store: Store, endpoint: Endpoint, defect_id: str, name: str) -> None:
    with store.database.write() as session:
        session.get_one(Open311Push, (endpoint.url, defect_id)).service_request_id = name


def _close(store: Store, endpoint: Endpoint, told: Mapping[str, Any], now: float) -> bool:
    """Note and mark in one transaction: told once."""
    name = str(told.get("service_request_id"))
    with store.database.write() as session:
        mine = (Open311Push.endpoint == endpoint.url, Open311Push.service_request_id == name, Open311Push.closed_at.is_(None))
        row = session.scalar(select(Open311Push).where(*mine).with_for_update())
        if row is None:
            return False
        row.closed_at = now
        defect = defects.one(session, row.defect_id, 1)
        if defect is not None:
            words = f"request {name} was closed there: {told.get('status_notes') or 'no words'}"[:2000]
            marks.change(session, row.defect_id, defect["status"], marks.Wish(None, words, BY), Deed(BY), now)
    return True


def _rows(endpoint: Endpoint, answer: Any) -> list[dict[str, Any]]:
    if not isinstance(answer, list) or not all(isinstance(row, dict) for row in answer):
        raise EndpointUnusable(endpoint.url, "did not answer with a list, as GeoReport v2 does")
    return answer


def _instant(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
