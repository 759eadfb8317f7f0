"""Webhooks arrive at a real receiver: signed, at least once under one id, whatever fails or is killed; and nothing else does."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import city
import pytest
from callers import ServerProcess, until
from fastapi.testclient import TestClient
from sqlalchemy import select

from detection import Defects
from ingest import delivering
from ingest.api.permissions import CREW
from ingest.delivering import LEASE_S, PAUSES_S, deliver_one
from ingest.heart import MESSAGES_S, Heart
from ingest.settings import Settings
from ingest.store import Store, defects, open_store, webhooks
from ingest.store.schema import WebhookMessage

NOW = time.time()


@dataclass
class Receiver:
    """A city's server. answers: statuses to give, one after another, then 204; `kill`: a process to kill before answering."""

    port: int = 0
    answers: list[int] = field(default_factory=list)
    got: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    kill: int = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hooks"

    def events(self) -> list[dict[str, Any]]:
        return [json.loads(body) for _, body in self.got]

    def ids(self) -> list[str]:
        return [headers["webhook-id"] for headers, _ in self.got]


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    told = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            told.got.append(({name.lower(): value for name, value in self.headers.items()}, body))
            if told.kill:
                os.kill(told.kill, signal.SIGKILL)
            status = told.answers.pop(0) if told.answers else 204
            if status == 0:
                self.close_connection = True
                return
            self.send_response(status)
            self.send_header("Location", f"{told.url}/elsewhere")
            self.send_header("Content-Length", "0")
            self.end_headers()

        do_GET = do_POST

        def log_message(self, *_: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    told.port = server.server_port
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield told
    server.shutdown()
    server.server_close()


def subscribe(store: Store, url: str, *events: str) -> str:
    with store.database.write() as session:
        return webhooks.add(session, url, events, NOW).secret


def deliver(store: Store, now: float) -> int:
    count = 0
    while deliver_one(store, now):
        count += 1
    return count


def verified(secret: str, headers: dict[str, str], body: bytes) -> bool:
    """As the receiver's side of Standard Webhooks 1.0 has it."""
    key = base64.b64decode(secret.split("_", 1)[1])
    signed = b".".join([headers["webhook-id"].encode(), headers["webhook-timestamp"].encode(), body])
    expected = "v1," + base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode()
    return (
        hmac.compare_digest(expected, headers["webhook-signature"]) and abs(time.time() - int(headers["webhook-timestamp"])) < 300
    )


@pytest.mark.both_databases
def test_what_crews_say_is_told_signed_and_once(http: TestClient, store: Store, receiver: Receiver):
    city.put_defects(store)
    token, secret = city.user(store, "cleo", CREW), subscribe(store, receiver.url)
    for status in ("confirmed", "repaired", "reopened"):
        assert city.patch(http, token, {"status": status, "note": "secret words"}).status_code == 200
    assert city.patch(http, token, {"note": "only a note"}).status_code == 200
    assert deliver(store, time.time()) == 3
    assert deliver(store, time.time() + 1e6) == 0
    assert sorted(told["type"] for told in receiver.events()) == ["defect.confirmed", "defect.reopened", "defect.repaired"]
    first = next(told for told in receiver.events() if told["type"] == "defect.confirmed")["data"]
    assert (first["id"], first["before"], first["status"], first["latitude"]) == (city.COMMON, "new", "confirmed", 48.101)
    assert len(set(receiver.ids())) == 3
    for headers, body in receiver.got:
        assert verified(secret, headers, body)
        assert not verified(secret, headers, body + b" ")
        assert b"secret words" not in body
        assert b"cleo" not in body


def test_the_signature_is_that_of_the_specification():
    """The example that its libraries are tested with."""
    secret, message, body = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "msg_p5jXN8AQM9LWM0D4loKWxJek", b'{"test": 2432232314}'
    assert delivering.sign(secret, message, 1614265330, body) == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_a_receiver_that_fails_is_told_again_ever_later_under_the_same_id(http: TestClient, store: Store, receiver: Receiver):
    city.put_defects(store)
    subscribe(store, receiver.url)
    receiver.answers = [500, 0, 302, 429]
    city.patch(http, city.user(store, "cleo", CREW), {"status": "confirmed"})
    now = time.time()
    for pause_s in PAUSES_S[:4]:
        assert deliver(store, now) == 1
        assert deliver(store, now + pause_s * 0.99) == 0, "not before its time"
        now += pause_s * 1.21
    assert deliver(store, now) == 1
    assert len(receiver.got) == 5, "a redirect is not followed"
    assert len(set(receiver.ids())) == 1
    assert deliver(store, now + 1e6) == 0


def test_a_receiver_that_is_away_for_days_is_given_up_and_can_be_tried_again(http: TestClient, store: Store, receiver: Receiver):
    city.put_defects(store)
    gone, there = Receiver(1), receiver
    subscribe(store, gone.url)
    subscribe(store, there.url)
    city.patch(http, city.user(store, "cleo", CREW), {"status": "confirmed"})
    now = time.time()
    assert deliver(store, now) == 2
    assert len(there.got) == 1, "the other is told all the same"
    for pause_s in PAUSES_S:
        now += pause_s * 1.21
        assert deliver(store, now) == 1
    with store.database.read() as session:
        told = {s.webhook.url: (s.waiting, s.failed) for s in webhooks.standings(session)}
        error = next(s.error for s in webhooks.standings(session) if s.failed)
    assert told == {gone.url: (0, 1), there.url: (0, 0)}
    assert "refused" in str(error)
    with store.database.write() as session:
        assert webhooks.retry(session, now) == 1
    assert deliver(store, now) == 1


def test_what_was_given_up_is_forgotten_after_two_weeks(installation: Settings, http: TestClient, store: Store):
    city.put_defects(store)
    for _ in range(2):
        subscribe(store, "http://127.0.0.1:1/")
    city.patch(http, city.user(store, "cleo", CREW), {"status": "confirmed"})
    with store.database.write() as session:
        given_up = session.scalars(select(WebhookMessage)).first()
        assert given_up is not None
        given_up.due_at = None

    def held() -> list[int]:
        with store.database.read() as session:
            return sorted(standing.waiting + standing.failed for standing in webhooks.standings(session))

    Heart(store, installation).beat(time.time() + MESSAGES_S - 60)
    assert held() == [1, 1]
    Heart(store, installation).beat(time.time() + MESSAGES_S + 60)
    assert held() == [0, 1], "what is still to be sent stays"


_DELIVER = """
import sys, time
from pathlib import Path
from ingest.delivering import deliver_one
from ingest.settings import Settings
from ingest.store import open_store
deliver_one(open_store(Settings(Path(sys.argv[1]), sys.argv[2])), time.time())
"""


@pytest.mark.both_databases
def test_killed_while_it_sends_the_message_comes_again_under_its_id(
    http: TestClient, store: Store, installation: Settings, receiver: Receiver
):
    city.put_defects(store)
    subscribe(store, receiver.url)
    city.patch(http, city.user(store, "cleo", CREW), {"status": "confirmed"})
    command = [sys.executable, "-c", _DELIVER, str(installation.data), installation.database]
    sender = subprocess.Popen(command)
    receiver.kill = sender.pid
    assert sender.wait(60) == -signal.SIGKILL
    receiver.kill = 0
    assert deliver(store, time.time()) == 0, "its lease has not ended"
    assert deliver(store, time.time() + LEASE_S + 1) == 1
    assert len(receiver.ids()) == 2
    assert len(set(receiver.ids())) == 1
    assert deliver(store, time.time() + 1e6) == 0


def test_a_change_that_is_undone_tells_nobody(http: TestClient, store: Store, receiver: Receiver):
    city.put_defects(store)
    subscribe(store, receiver.url)
    answer = city.patch(http, city.user(store, "cleo", CREW), {"status": "reopened"})
    assert answer.status_code == 409
    assert deliver(store, time.time()) == 0


def test_a_status_that_is_taken_back_is_told_as_the_one_that_counts_again(http: TestClient, store: Store, receiver: Receiver):
    city.put_defects(store)
    subscribe(store, receiver.url)
    token = city.user(store, "cleo", CREW)
    name = city.patch(http, token, {"status": "scheduled"}).json()["id"]
    answer = http.post(f"/v1/defects/{name}/undo", json={}, headers=city.bearer(token))
    assert answer.status_code == 200, answer.text
    deliver(store, time.time())
    told = [(event["type"], event["data"]["status"], event["data"]["before"]) for event in receiver.events()]
    assert told == [("defect.scheduled", "scheduled", "new"), ("defect.new", "new", "scheduled")]


def test_only_what_was_asked_for_is_told(http: TestClient, store: Store, receiver: Receiver):
    city.put_defects(store)
    subscribe(store, receiver.url, "defect.repaired", "defect.created")
    token = city.user(store, "cleo", CREW)
    for status in ("confirmed", "repaired"):
        city.patch(http, token, {"status": status})
    deliver(store, time.time())
    assert [told["type"] for told in receiver.events()] == ["defect.repaired"]


def test_a_defect_is_created_when_enough_devices_have_passed_it(store: Store, receiver: Receiver):
    subscribe(store, receiver.url)
    steps = [city.some_defects(rare=2), city.some_defects(rare=2, common=5), city.some_defects(rare=3, common=6)]
    old = Defects.empty()
    for found in steps:
        with store.database.write() as session:
            defects.replace(session, found, [])
            webhooks.tell_created(session, old, found, 3, time.time())
        old = found
        deliver(store, time.time())
    assert [(told["type"], told["data"]["id"]) for told in receiver.events()] == [
        ("defect.created", city.COMMON),
        ("defect.created", city.RARE),
    ]


def test_a_running_server_tells_by_itself(tmp_path: Path, receiver: Receiver):
    data = tmp_path / "data"
    store = open_store(Settings(data))
    city.put_defects(store)
    secret, token = subscribe(store, receiver.url), city.user(store, "cleo", CREW)
    store.database.close()
    receiver.answers = [503]
    server = ServerProcess(data)
    try:
        with server.client() as http:
            assert city.patch(http, token, {"status": "confirmed"}).status_code == 200
        until(lambda: len(receiver.got) == 2)
        assert len(set(receiver.ids())) == 1
        assert all(verified(secret, *message) for message in receiver.got)
    finally:
        server.stop()
