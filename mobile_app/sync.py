"""When to send what: one loop around the uploader, in the recorder's process, that always knows why it waits.

In this order: what the person deleted, the trips, the reports; then what the screens show offline is fetched. Wi-Fi only unless
the person chose otherwise, and not while they pause; only deleting goes over any network, because it cannot wait.
"""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from mobile_app import deleting, fetching, reasons
from mobile_app.choices import Choices, load_choices
from mobile_app.connection import Answer, Connection, Unreachable
from mobile_app.credentials import (
    Credentials,
    RegistrationFailed,
    UnusableCredentials,
    load_credentials,
    register,
    save_credentials,
)
from mobile_app.diary import Diary
from mobile_app.home import Home
from mobile_app.network import Link, Network, why_not
from mobile_app.outbox import Outbox
from mobile_app.reports import Reports, send_reports
from mobile_app.said import Said
from mobile_app.uploader import Cause, Outcome, Uploader, Verdict, judge, pause_s, stopped_by

LOOK_S = 2.0  # what the person decides is obeyed so soon
LINK_EVERY_S = 10.0  # Wi-Fi that comes is noticed so soon; asking costs a call to the system
IDLE_S = 600.0  # nothing waits: look again, in case a wake-up got lost
PERSON_S = 3600.0  # only a person can help, who may have done so elsewhere: at the city, on the server
CLOCK_OFF_S = 86_400.0  # a clock this far from the server's stamps trips with a day the server may refuse


@dataclass(frozen=True)
class SyncState:
    """What goes on, for the status file and the screens. said: why what waits is not sent; retry_at_s: s since 1970 or None."""

    sending: bool = False
    waiting_chunks: int = 0
    waiting_bytes: int = 0
    said: Said | None = None
    retry_at_s: float | None = None


class Waits(Exception):
    """Nothing more can be done now. again_s: when to try again by itself."""

    def __init__(self, said: Said, again_s: float) -> None:
        self.said, self.again_s = said, again_s


@dataclass
class Sync:
    """Its loop runs in a thread between `start` and `stop`; tests call `step`. state: the last one, may be read at any time.

    recorded: trips that are being written or cut just now; called on the loop's thread. options: of every connection.
    """

    home: Home
    network: Network
    outbox: Outbox
    recorded: Callable[[], Collection[str]] = lambda: ()
    wall_clock: Callable[[], float] = time.time
    chance: Callable[[], float] = random.random
    options: dict[str, Any] = field(default_factory=dict)
    state: SyncState = field(default_factory=SyncState)

    def __post_init__(self) -> None:
        self._wake, self._stopping = threading.Event(), threading.Event()
        self._thread: threading.Thread | None = None
        self._uploader: tuple[Credentials, Uploader] | None = None
        self._failures = 0
        self._refused_codes: set[tuple[str, str]] = set()
        self._renewed: set[str] = set()  # servers at which this phone registered again because it was not known any more

    def start(self) -> None:
        self._stopping.clear()
        self._thread = threading.Thread(target=self._run, name="sync", daemon=True)
        self._thread.start()

    def stop(self, timeout_s: float = 5.0) -> None:
        """Ends after the request under way, which any kill may cut off without harm."""
        self._stopping.set()
        self._wake.set()
        if self._thread is not None:
            self._thread.join(timeout_s)

    def wake(self) -> None:
        """A trip has ended, a report was written, Wi-Fi came: do not wait any longer."""
        self._wake.set()

    def step(self) -> float:
        """One round; returns how many seconds may pass before the next."""
        said: Said | None = None
        again_s = IDLE_S
        try:
            self._erase_here()
            self._round(load_choices(self.home.choices))
        except Waits as waits:
            said, again_s = waits.said, waits.again_s
        except OSError:
            said, again_s = Said(reasons.STORAGE), self._next_s(None)
        if not all(wish.here for wish in deleting.wishes(self.home)):  # its trip is still being written
            again_s = min(again_s, LOOK_S)
        self._tell(said, again_s)
        return again_s

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                again_s = self.step()
            except Exception:  # a fault of ours must not end sending for good; the next round may meet other files
                again_s = self._next_s(None)
            self._wait(again_s)

    def _wait(self, again_s: float) -> None:
        """Until the time is over, or something has changed that may let it go on."""
        end_s, before, link, asked_s = time.monotonic() + again_s, self._decided(), self.network.link(), time.monotonic()
        while time.monotonic() < end_s and not self._wake.wait(min(LOOK_S, max(end_s - time.monotonic(), 0.0))):
            if time.monotonic() - asked_s >= LINK_EVERY_S:
                asked_s, changed = time.monotonic(), self.network.link()
                if changed is not link and changed is not Link.NONE:
                    break
                link = changed
            if self._decided() != before:
                break
        self._wake.clear()

    def _decided(self) -> object:
        """Changes with every decision of the person."""
        paths = [self.home.choices, self.home.deleting, self.home.reports]
        return [path.stat().st_mtime_ns if path.exists() else 0 for path in paths]

    def _round(self, choices: Choices) -> None:
        wishes = [wish for wish in deleting.wishes(self.home) if not wish.failed]
        held = self._held_back(choices)
        self._delete(wishes, choices)
        waits = self._anything_waits()
        if not waits and (held is not None or not fetching.is_due(self.home, self.wall_clock())):
            return
        if held is not None:
            raise Waits(held, LINK_EVERY_S)
        credentials = self._credentials(choices)
        self._tell(None, None, sending=True)
        self._greet(credentials)
        self._send(credentials)
        send_reports(Reports(self.home.reports), self._ask_for(credentials))
        self._fetch(credentials)

    def _held_back(self, choices: Choices) -> Said | None:
        """Why nothing may be sent now."""
        if not choices.agreed:
            return Said(reasons.NO_CONSENT)
        if choices.paused(self.wall_clock()):
            return Said(reasons.PAUSED)
        if not choices.server_url:
            return Said(reasons.NO_SERVER)
        return why_not(self.network.link(), choices.wifi_only)

    def _anything_waits(self) -> bool:
        """Whether something is to be sent."""
        due = any(trip.pending or (trip.finished is not None and not trip.stuck) for trip in self.outbox.trips())
        return due or bool(Reports(self.home.reports).waiting())

    def _erase_here(self) -> None:
        for wish in deleting.wishes(self.home):
            deleting.erase_here(self.home, self.outbox, wish, self.recorded())

    def _delete(self, wishes: list[deleting.Wish], choices: Choices) -> None:
        """Nothing else is sent to a server that has not yet deleted what it was to delete."""
        for wish in wishes:
            try:
                over = deleting.ask(self.home, wish, self.wall_clock(), **self.options)
            except Unreachable as error:
                if wish.server_url == choices.server_url:
                    wait_s = error.answer.retry_after_s if isinstance(error, deleting.AskLater) else None
                    raise Waits(Said(reasons.DELETION_WAITS), self._next_s(wait_s)) from None
                continue
            except ValueError:  # its address was never one
                over = True
            if over:
                self._erase_here()
                deleting.fulfilled(self.home, wish)
                self._failures = 0

    def _credentials(self, choices: Choices) -> Credentials:
        """Those in the file; where there are none for this city, a new device is registered."""
        try:
            held = load_credentials(self.home.credentials)
        except UnusableCredentials:
            held = None
        if held is None or held.server_url != choices.server_url:
            held = self._register(choices)
        self.outbox.go_on_as(held.device_id)
        return held

    def _register(self, choices: Choices) -> Credentials:
        tried = choices.server_url, choices.enrolment_code
        if tried in self._refused_codes:
            raise Waits(Said(reasons.CODE_REFUSED if tried[1] else reasons.NEEDS_CODE), PERSON_S)
        try:
            device_id, token = register(choices.server_url, choices.enrolment_code or None)
        except RegistrationFailed as error:
            if error.unreachable is not None:
                raise self._away(error.unreachable) from None
            if error.answer is None:
                raise Waits(Said(reasons.BAD_ADDRESS, {"address": choices.server_url}), PERSON_S) from None
            if error.answer.code == "auth.code":
                self._refused_codes.add(tried)
                raise Waits(Said(reasons.CODE_REFUSED if tried[1] else reasons.NEEDS_CODE), PERSON_S) from None
            raise self._not_done(error.answer, reasons.NOT_ENROLLED) from None
        credentials = Credentials(choices.server_url, device_id, token)
        save_credentials(self.home.credentials, credentials)
        return credentials

    def _greet(self, credentials: Credentials) -> None:
        """Makes sure that it is our server, knows this phone and lives on the same day; keeps what it says of this driver."""
        answer = self._ask_for(credentials)("GET", "/v1/me")
        if answer.status == 401 and answer.code == "auth.invalid":
            self._unknown(credentials)
        if answer.status != 200 or "km" not in answer.fields:
            raise self._not_done(answer, reasons.SIGN_IN)
        if answer.date_s is not None and abs(answer.date_s - self.wall_clock()) > CLOCK_OFF_S:
            raise Waits(Said(reasons.CLOCK, {"date": self._today()}), IDLE_S)
        fetching.keep_contribution(self.home, answer.fields, self.wall_clock())

    def _send(self, credentials: Credentials) -> None:
        outcome = self._uploading(credentials).run_once()
        for trip_id in outcome.forgotten:
            Diary(self.home.diary).forget(trip_id)
        if outcome.forgotten or outcome.cause is Cause.TOKEN:
            self._greet(credentials)  # perhaps not one trip but the device was erased there: what comes later is another device's
        if outcome.cause is not None:
            raise self._ended(outcome)
        self._failures = 0

    def _uploading(self, credentials: Credentials) -> Uploader:
        if self._uploader is None or self._uploader[0] != credentials:
            made = Uploader(
                self.outbox,
                credentials.server_url,
                credentials.token,
                unwanted=self._unwanted,
                on_chunk=lambda *_: self._tell(None, None, sending=True),
                wall_clock=self.wall_clock,
                chance=self.chance,
                **self.options,
            )
            self._uploader = credentials, made
        return self._uploader[1]

    def _unwanted(self, trip_id: str) -> bool:
        """Asked before each request. Raises Waits where the person or the network says stop."""
        if self._stopping.is_set():
            raise Waits(Said(reasons.PAUSED), LOOK_S)
        held = self._held_back(load_choices(self.home.choices))
        if held is not None:
            raise Waits(held, LINK_EVERY_S)
        return deleting.is_wished_away(self.home, trip_id)

    def _unknown(self, credentials: Credentials) -> None:
        """The server does not know the token: once, this phone registers again; what waits goes on under the new device."""
        if credentials.server_url in self._renewed:
            raise Waits(Said(reasons.NOT_KNOWN), PERSON_S)
        self._renewed.add(credentials.server_url)
        for wish in deleting.wishes(self.home):  # they would be asked for with a token that opens nothing
            if wish.token == credentials.token:
                deleting.give_up(self.home, wish)
        self.home.credentials.unlink(missing_ok=True)
        raise Waits(Said(reasons.REGISTERS_AGAIN), 0.0)

    def _fetch(self, credentials: Credentials) -> None:
        """For the screens; nobody waits for it, so a failure is not told."""
        try:
            fetching.fetch(self.home, credentials, self.wall_clock(), **self.options)
        except Unreachable:
            return

    def _ask_for(self, credentials: Credentials) -> Callable[..., Answer]:
        """Asks as this device; whatever cannot be answered now raises Waits."""

        def ask(method: str, path: str, body: bytes = b"", content_type: str | None = None) -> Answer:
            connection = Connection(credentials.server_url, credentials.token, wall_clock=self.wall_clock, **self.options)
            try:
                answer = connection.ask(method, path, body, content_type)
            except Unreachable as error:
                raise self._away(error) from None
            finally:
                connection.close()
            if judge(answer) is Verdict.LATER:
                raise self._not_done(answer, reasons.COME_LATER)
            return answer

        return ask

    def _ended(self, outcome: Outcome) -> Waits:
        """Why the uploader's run ended early, as it is told."""
        again_s = PERSON_S if outcome.retry_in_s is None else outcome.retry_in_s
        if outcome.cause is Cause.CERTIFICATE:
            return Waits(Said(reasons.CERTIFICATE, {"date": self._today()}), again_s)
        texts = {
            Cause.LATER: reasons.COME_LATER,
            Cause.TOKEN: reasons.NOT_KNOWN,
            Cause.APP_TOO_OLD: reasons.APP_TOO_OLD,
            Cause.STRANGER: reasons.SIGN_IN,
            Cause.MORE: reasons.BEING_CUT,
        }
        return Waits(Said(texts.get(outcome.cause or Cause.LATER, reasons.UNREACHABLE)), again_s)

    def _away(self, error: Unreachable) -> Waits:
        if error.certificate:
            return Waits(Said(reasons.CERTIFICATE, {"date": self._today()}), self._next_s(None))
        return Waits(Said(reasons.UNREACHABLE), self._next_s(None))

    def _not_done(self, answer: Answer, otherwise: str) -> Waits:
        """An answer that is not what was asked for."""
        if judge(answer) is Verdict.LATER:
            return Waits(Said(reasons.COME_LATER), self._next_s(answer.retry_after_s))
        if answer.status not in (401, 403) and stopped_by(answer) is Cause.STRANGER and not answer.code:
            return Waits(Said(reasons.SIGN_IN), self._next_s(None))
        return Waits(Said(otherwise), PERSON_S)

    def _next_s(self, retry_after_s: float | None) -> float:
        wait_s = pause_s(self._failures, retry_after_s, self.chance())
        self._failures = min(self._failures + 1, 30)
        return wait_s

    def _today(self) -> str:
        return datetime.fromtimestamp(self.wall_clock(), UTC).strftime("%Y-%m-%d")

    def _tell(self, said: Said | None, again_s: float | None, sending: bool = False) -> None:
        trips = self.outbox.trips()
        chunks, size = sum(len(trip.pending) for trip in trips), sum(trip.pending_bytes for trip in trips)
        retry_at_s = None if said is None or again_s is None else self.wall_clock() + again_s
        self.state = SyncState(sending, chunks, size, said, retry_at_s)
