"""The one thread that checks the ordinary chunks of all phones."""

from __future__ import annotations

import threading
import time
import uuid

import pytest
from callers import Phone, make_chunk
from fastapi.testclient import TestClient

from ingest.api.checking import Checking
from ingest.store import Store, devices
from ingest.store.intake import Sender
from ingest.store.objects import Piece


@pytest.fixture
def sender(store: Store) -> Sender:
    with store.database.write() as session:
        device_id, token = devices.enrol(session, time.time())
    return Sender(device_id, devices.digest(token))


def piece() -> Piece:
    return Piece(str(uuid.uuid4()), 0, b"bytes", "0" * 64)


def test_one_chunk_that_fails_its_check_fails_alone(store: Store, sender: Sender):
    def bad() -> Piece:
        raise ValueError("this one")

    checking = Checking(lambda: store.intake)
    answers = [checking.store(sender, bad if number == 2 else piece) for number in range(5)]
    with pytest.raises(ValueError, match="this one"):
        answers[2].result(20)
    assert all(answer.result(20)[1] for number, answer in enumerate(answers) if number != 2)


def test_who_left_before_its_turn_is_neither_checked_nor_stored(store: Store, sender: Sender):
    checking, begun, go = Checking(lambda: store.intake), threading.Event(), threading.Event()
    checked = []

    def slow() -> Piece:
        begun.set()
        go.wait(20)
        return piece()

    def noting() -> Piece:
        checked.append(1)
        return piece()

    first, second, third = checking.store(sender, slow), checking.store(sender, noting), checking.store(sender, piece)
    assert begun.wait(20)
    assert checking.waiting == 2
    assert second.cancel()
    go.set()
    assert first.result(20)[1]
    assert third.result(20)[1]
    assert not checked
    assert checking.waiting == 0


def test_an_address_that_no_phone_writes_is_told_what_is_wrong_with_it(http: TestClient):
    phone = Phone.enrol(http)
    trip = str(uuid.uuid4())
    for address, code in (
        (f"{trip.upper()}/chunks/0", "id.format"),
        (f"{trip}/chunks/00", "field.range"),
        (f"{trip}/chunks/10000", "field.range"),
    ):
        answer = http.put(f"/v1/trips/{address}", content=make_chunk(trip, 0), headers=phone.headers)
        assert (answer.status_code, answer.json()["code"]) == (422, code), answer.text
