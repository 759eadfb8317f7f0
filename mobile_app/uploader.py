"""Sends what waits in the outbox, in order, until the server keeps it; says in plain words what is stuck and why.

Every request may be repeated: a chunk is deleted only after an answer that echoes its digest. What the server refuses
is put aside and never blocks what follows; what may pass by itself is tried again later, ever more rarely. When to
send (Wi-Fi, battery) is for the caller to decide (`sync`).
"""

from __future__ import annotations

import hashlib
import json
import random
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum, StrEnum

from mobile_app.connection import Answer, Connection, Unreachable
from mobile_app.credentials import register
from mobile_app.outbox import Outbox, OutboxError
from mobile_app.wire.layout import MEDIA_TYPE

__all__ = ["Outcome", "Uploader", "register"]

FIRST_WAIT_S = 2.0  # doubles with each failure in a row; the wait is drawn between 0 and that, so that phones do not
LONGEST_WAIT_S = 900.0  # come back together after an outage
SUSPECT_AFTER = 3  # runs that ended at one chunk: it may be what the server stumbles over, so all others go first


class Verdict(Enum):
    """What an answer that is no success means for the chunk or the trip."""

    LATER = "passes by itself"
    STOP = "a person must do something first"
    REFUSED = "will never be accepted"
    GONE = "the trip was deleted on the server"


class Cause(StrEnum):
    """Why a run ended early: what a caller can act on, where `why` is for reading."""

    UNREACHABLE = "unreachable"
    CERTIFICATE = "certificate"  # of the server, not accepted; a wrong clock does that, too
    LATER = "later"  # the server asks to wait
    TOKEN = "token"  # not accepted
    APP_TOO_OLD = "app_too_old"
    STRANGER = "stranger"  # something that is not our server answers
    MORE = "more"  # came in meanwhile


def judge(answer: Answer) -> Verdict:
    """By status and the problem's code; an answer without a code comes from something that is not our server."""
    if answer.status in (408, 425, 429) or answer.status >= 500 or answer.code == "busy":
        return Verdict.LATER
    if answer.status in (401, 403) or answer.code == "protocol.version":
        return Verdict.STOP
    if answer.status == 413:
        return Verdict.REFUSED
    if not answer.code:
        return Verdict.STOP
    return Verdict.GONE if answer.status == 410 else Verdict.REFUSED


def pause_s(failures: int, retry_after_s: float | None, chance: float) -> float:
    """Exponential back-off with full jitter, after the time the server asked for. failures: in a row; chance: 0 to 1."""
    return (retry_after_s or 0.0) + chance * min(FIRST_WAIT_S * 2.0 ** min(failures, 30), LONGEST_WAIT_S)


@dataclass
class Outcome:
    """What became of the outbox. waiting: chunks still here. why, cause: what ended the run early. retry_in_s: None if no use.

    refused: (trip, chunk, reason). closed, forgotten: trips the server has whole, or had deleted. stuck: sentences.
    """

    sent: int = 0
    sent_bytes: int = 0
    closed: list[str] = field(default_factory=list)
    forgotten: list[str] = field(default_factory=list)
    refused: list[tuple[str, int, str]] = field(default_factory=list)
    stuck: list[str] = field(default_factory=list)
    waiting: int = 0
    why: str | None = None
    retry_in_s: float | None = None
    cause: Cause | None = None

    @property
    def done(self) -> bool:
        """Whether nothing is left that another run could send."""
        return self.why is None

    def __str__(self) -> str:
        parts = [f"{self.sent} chunks sent ({self.sent_bytes / 1e6:.1f} MB), {len(self.closed)} trips complete"]
        parts += [f"{self.waiting} chunks wait: {self.why}"] if self.why else []
        parts += [f"{len(self.forgotten)} trips had been deleted on the server"] if self.forgotten else []
        parts += [f"{len(self.refused)} chunks refused: {self.refused[0][2]}"] if self.refused else []
        return "; ".join([*parts, *self.stuck])


class _RunEnds(Exception):
    """The whole run ends here. again: whether waiting can help."""

    def __init__(self, cause: Cause, why: str, again: bool, retry_after_s: float | None = None) -> None:
        self.cause, self.why, self.again, self.retry_after_s = cause, why, again, retry_after_s


class Uploader:
    """Sends an outbox to one server as one device. on_chunk: called with trip, number and bytes of each chunk that is kept.

    unwanted: whether a trip is not to be sent any more, asked before each request; raises what is to end the run.
    """

    def __init__(
        self,
        outbox: Outbox,
        server_url: str,
        token: str,
        *,
        timeout_s: float = 30.0,
        deadline_s: float = 120.0,
        on_chunk: Callable[[str, int, int], None] | None = None,
        unwanted: Callable[[str], bool] = lambda trip_id: False,
        clock: Callable[[], float] = time.monotonic,
        wall_clock: Callable[[], float] = time.time,
        sleep: Callable[[float], None] = time.sleep,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self._outbox = outbox
        self._sign_in = f"is a sign-in page between this phone and {server_url}?"
        self._connection = Connection(server_url, token, timeout_s=timeout_s, deadline_s=deadline_s, wall_clock=wall_clock)
        self._unwanted = unwanted
        self._on_chunk, self._clock, self._sleep, self._chance = on_chunk, clock, sleep, chance
        self._failures = 0
        self._ended_at: Counter[tuple[str, int]] = Counter()  # how often a run ended at this chunk

    def run(self, longest_s: float = float("inf")) -> Outcome:
        """Runs and waits until all is sent, or a person must act, or the time is over; counts of all runs together."""
        total, end_s = Outcome(), self._clock() + longest_s
        while True:
            one = self.run_once()
            total = _together(total, one)
            if one.retry_in_s is None or self._clock() + one.retry_in_s > end_s:
                return total
            self._sleep(one.retry_in_s)

    def run_once(self) -> Outcome:
        """Sends what waits until all is sent or something ends the run; `retry_in_s` says when to come again."""
        outcome = Outcome()
        try:
            for suspects_too in (False, True):
                for trip in self._outbox.trips():
                    self._send_trip(trip.trip_id, outcome, suspects_too)
        except _RunEnds as end:
            outcome.why, outcome.cause = end.why, end.cause
            outcome.retry_in_s = self._wait_s(end.retry_after_s) if end.again else None
        finally:
            self._connection.close()
        trips = self._outbox.trips()
        outcome.waiting = sum(len(trip.pending) for trip in trips)
        outcome.stuck = [f"trip {trip.trip_id} cannot be completed: {trip.stuck}" for trip in trips if trip.stuck]
        return outcome

    def _send_trip(self, trip_id: str, outcome: Outcome, suspects_too: bool) -> None:
        """All chunks in order; then, where recording is over, the finish. Chunks that ended several runs come last of all."""
        for number in self._outbox.trip(trip_id).pending:
            chunk = trip_id, number
            if self._ended_at[chunk] >= SUSPECT_AFTER and not suspects_too:
                continue
            if self._unwanted(trip_id):
                return None
            self._ended_at[chunk] += 1  # until it is known to be well
            if self._send_chunk(trip_id, number, outcome) is Verdict.GONE:
                return self._forget(trip_id, outcome)
            del self._ended_at[chunk]
        trip = self._outbox.trip(trip_id)
        if trip.finished is not None and not trip.pending and trip.stuck is None and not self._unwanted(trip_id):
            self._finish(trip_id, trip.finished, outcome)
        return None

    def _send_chunk(self, trip_id: str, number: int, outcome: Outcome) -> Verdict | None:
        """None once the chunk is kept by the server."""
        data = self._outbox.read(trip_id, number)
        if data is None and not self._outbox.knows(trip_id, number):
            return None  # gone since the list was made
        if data is None:
            outcome.refused.append((trip_id, number, "was damaged on this phone"))
            return Verdict.REFUSED
        answer = self._ask("PUT", f"/v1/trips/{trip_id}/chunks/{number}", data, MEDIA_TYPE)
        if answer.status in (200, 201):
            self._acknowledged(trip_id, number, data, answer, outcome)
            return None
        verdict = self._judged(answer)
        if verdict is Verdict.REFUSED:
            self._outbox.refuse(trip_id, number, answer.words)
            outcome.refused.append((trip_id, number, answer.words))
        return verdict

    def _acknowledged(self, trip_id: str, number: int, data: bytes, answer: Answer, outcome: Outcome) -> None:
        """Deleted only if the digest is that of what was sent and of what is on the disk."""
        sha256 = str(answer.fields.get("sha256", ""))
        try:
            if sha256 != hashlib.sha256(data).hexdigest():
                raise OutboxError(trip_id, number, "the answer does not echo what was sent", "it is sent again")
            self._outbox.acknowledge(trip_id, number, sha256)
        except OutboxError as error:
            raise _RunEnds(Cause.STRANGER, f"{error}; {self._sign_in}", again=True) from None
        self._failures = 0
        outcome.sent += 1
        outcome.sent_bytes += len(data)
        if self._on_chunk is not None:
            self._on_chunk(trip_id, number, len(data))

    def _finish(self, trip_id: str, chunks: int, outcome: Outcome) -> None:
        """Says that all was sent. What the server lacks after that is no longer here: the trip is stuck."""
        answer = self._ask("POST", f"/v1/trips/{trip_id}/finish", json.dumps({"chunks": chunks}).encode(), "application/json")
        if answer.status in (200, 202):
            if answer.fields.get("trip_id") != trip_id:
                raise _RunEnds(Cause.STRANGER, f"the answer names no trip; {self._sign_in}", again=True)
            self._failures = 0
            self._outbox.close(trip_id)
            outcome.closed.append(trip_id)
        elif self._judged(answer) is Verdict.GONE:
            self._forget(trip_id, outcome)
        elif self._outbox.trip(trip_id).pending:
            raise _RunEnds(Cause.MORE, "more chunks of the trip came in", again=True)
        else:
            self._outbox.set_stuck(trip_id, self._why_stuck(trip_id, answer))

    def _why_stuck(self, trip_id: str, answer: Answer) -> str:
        missing = answer.fields.get("missing")
        missing = missing if isinstance(missing, list) else []
        reasons = {one["number"]: one["reason"] for one in self._outbox.refused() if one["trip_id"] == trip_id}
        lacking = [f"{number} ({reasons.get(number, 'no longer on this phone')})" for number in missing if type(number) is int]
        return f"the server lacks chunk {', '.join(lacking[:3])}" if lacking else answer.words

    def _forget(self, trip_id: str, outcome: Outcome) -> None:
        self._outbox.forget(trip_id)
        outcome.forgotten.append(trip_id)

    def _ask(self, method: str, path: str, body: bytes, content_type: str) -> Answer:
        try:
            return self._connection.ask(method, path, body, content_type)
        except Unreachable as error:
            cause = Cause.CERTIFICATE if error.certificate else Cause.UNREACHABLE
            raise _RunEnds(cause, str(error), again=True) from None

    def _judged(self, answer: Answer) -> Verdict:
        """REFUSED or GONE; all else ends the run."""
        verdict = judge(answer)
        if verdict is Verdict.LATER:
            why = f"the server asks to come later: {answer.words}"
            raise _RunEnds(Cause.LATER, why, again=True, retry_after_s=answer.retry_after_s)
        if verdict is Verdict.STOP:
            cause = stopped_by(answer)
            raise _RunEnds(cause, f"{answer.words}; {_WHAT_TO_DO[cause]}", again=cause is Cause.STRANGER)
        return verdict

    def _wait_s(self, retry_after_s: float | None) -> float:
        wait_s = pause_s(self._failures, retry_after_s, self._chance())
        self._failures = min(self._failures + 1, 30)
        return wait_s


def stopped_by(answer: Answer) -> Cause:
    """What a person, or a new registration, must see to."""
    if answer.status in (401, 403):
        return Cause.TOKEN
    return Cause.APP_TOO_OLD if answer.code == "protocol.version" else Cause.STRANGER


_WHAT_TO_DO = {
    Cause.TOKEN: "the token is not accepted: register this device again",
    Cause.APP_TOO_OLD: "update this app",
    Cause.STRANGER: "that is not a Cahot server: check the address, or sign in to the network",
}


def _together(total: Outcome, one: Outcome) -> Outcome:
    return Outcome(
        total.sent + one.sent,
        total.sent_bytes + one.sent_bytes,
        total.closed + one.closed,
        total.forgotten + one.forgotten,
        total.refused + one.refused,
        one.stuck,
        one.waiting,
        one.why,
        one.retry_in_s,
        one.cause,
    )
