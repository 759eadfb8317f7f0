"""How often somebody may ask: who asks too much is told when to come back, and nobody else notices."""

from __future__ import annotations

import gzip
import json
import uuid
from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest
from callers import Phone, json_chunk, make_chunk
from fastapi.testclient import TestClient
from hypothesis import given
from hypothesis import strategies as st
from naive_buckets import NaiveBuckets
from test_upload import code_of, objects

from ingest.api import create_app
from ingest.api.buckets import Buckets, network_of
from ingest.api.rates import RateLimits
from ingest.settings import Rates, Settings
from ingest.store import Store

STRANGER = ("203.0.113.7", 50_000)


class Clock:
    """Time that passes when told to."""

    def __init__(self) -> None:
        self.now_s = 1000.0

    def __call__(self) -> float:
        return self.now_s


@pytest.fixture
def clock() -> Clock:
    return Clock()


def limited(installation: Settings, store: Store, clock: Clock, **rates: Any) -> Any:
    """An app with these rates, on that clock."""
    app = create_app(replace(installation, rates=Rates(**rates)), store)
    app.state.rates.clock = clock
    return app


STEPS = st.lists(st.tuples(st.integers(0, 300), st.sampled_from("ab"), st.integers(1, 30)), max_size=60)


@given(per_s=st.sampled_from([1, 4, 25, 100]), burst=st.integers(1, 40), steps=STEPS)
def test_buckets_agree_with_their_slow_twin(per_s: int, burst: int, steps: list[tuple[int, str, int]]):
    fast, slow = Buckets(per_s, burst, 10), NaiveBuckets(per_s, burst)
    for ticks, name, tokens in steps:
        slow.advance(ticks)
        at_s = slow.tick / 100
        wait_s = fast.wait_s(name, at_s)
        lacking = max(Fraction(1) - slow.tokens.get(name, slow.burst), Fraction(0))
        assert wait_s == pytest.approx(float(lacking / per_s), abs=1e-6)
        if slow.may(name):
            slow.take(name, tokens)
            fast.take(name, tokens, at_s)


def test_waiting_as_long_as_told_is_enough():
    buckets = Buckets(per_s=0.3, burst=2, most=10)
    buckets.take("a", 7, 0.0)
    wait_s = buckets.wait_s("a", 0.0)
    assert buckets.wait_s("a", 0.99 * wait_s) > 0
    assert buckets.wait_s("a", wait_s + 1e-9) == 0


def test_the_memory_of_buckets_is_bounded_and_the_unused_are_forgotten():
    buckets = Buckets(per_s=1, burst=5, most=100)
    buckets.take("busy", 100, 0.0)
    for number in range(10_000):
        buckets.take(str(number), 1, 0.0)
        buckets.take("busy", 1, 0.0)
    assert len(buckets) == 100
    assert buckets.wait_s("busy", 0.0) > 0


def test_a_subscriber_with_many_addresses_has_one_bucket():
    assert network_of("2001:db8:1:2::7") == network_of("2001:db8:1:2:ffff::9") != network_of("2001:db8:1:3::7")
    assert network_of("::ffff:203.0.113.7") == network_of("203.0.113.7") == "203.0.113.7"
    assert network_of("testclient") is None


def test_an_address_that_asks_too_often_is_told_when_to_come_back(installation: Settings, store: Store, clock: Clock):
    app = limited(installation, store, clock, address_per_s=0.5, address_burst=3)
    stranger, other = TestClient(app, client=STRANGER), TestClient(app, client=("203.0.113.8", 1))
    assert [stranger.get("/v1/defects").status_code for _ in range(3)] == [200] * 3
    refused = stranger.get("/v1/defects")
    assert code_of(refused) == (429, "rate.limited")
    assert refused.headers["retry-after"] == "2"
    assert "come back in 2 s" in refused.json()["detail"]
    assert "default-src 'none'" in refused.headers["content-security-policy"]
    assert other.get("/v1/defects").status_code == 200
    clock.now_s += int(refused.headers["retry-after"])
    assert stranger.get("/v1/defects").status_code == 200


@pytest.mark.parametrize("client", [("127.0.0.1", 1), ("::1", 1), ("testclient", 1)])
def test_the_operator_and_a_proxy_on_this_machine_have_no_bucket(installation: Settings, store: Store, clock: Clock, client):
    http = TestClient(limited(installation, store, clock, address_burst=1, enrolments_burst=1), client=client)
    assert [http.post("/v1/devices").status_code for _ in range(5)] == [201] * 5


def test_enrolling_is_limited_far_more_strictly_than_anything_else(installation: Settings, store: Store, clock: Clock):
    http = TestClient(limited(installation, store, clock), client=STRANGER)
    answers = [http.post("/v1/devices") for _ in range(int(Rates.enrolments_burst) + 1)]
    assert [answer.status_code for answer in answers] == [201] * int(Rates.enrolments_burst) + [429]
    assert int(answers[-1].headers["retry-after"]) == round(1 / Rates.enrolments_per_s)
    assert http.get("/v1/defects").status_code == 200
    clock.now_s += 1 / Rates.enrolments_per_s
    assert http.post("/v1/devices").status_code == 201


def test_one_device_that_asks_too_often_waits_and_another_does_not(
    installation: Settings, store: Store, clock: Clock, trip_id: str
):
    http = TestClient(limited(installation, store, clock, device_per_s=1, device_burst=4))
    phone, other = Phone.enrol(http), Phone.enrol(http)
    sent = [phone.put(trip_id, number, make_chunk(trip_id, number)) for number in range(5)]
    assert [answer.status_code for answer in sent] == [201] * 4 + [429]
    assert code_of(sent[4]) == (429, "rate.limited")
    trip = str(uuid.uuid4())
    assert other.put(trip, 0, make_chunk(trip, 0)).status_code == 201
    clock.now_s += 1
    assert phone.put(trip_id, 4, make_chunk(trip_id, 4)).status_code == 201


def test_bytes_are_counted_as_sent_whether_accepted_or_not(installation: Settings, store: Store, clock: Clock, trip_id: str):
    http = TestClient(limited(installation, store, clock, device_bytes_per_s=1000, device_bytes_burst=50_000))
    phone = Phone.enrol(http)
    assert phone.put(trip_id, 0, bytes(60_000)).status_code == 400
    refused = phone.put(trip_id, 0, make_chunk(trip_id, 0))
    assert code_of(refused) == (429, "rate.limited")
    assert refused.headers["retry-after"] == "11"
    assert objects(installation) == {}
    clock.now_s += 11
    assert phone.put(trip_id, 0, make_chunk(trip_id, 0)).status_code == 201


def test_weeks_of_driving_come_in_as_fast_as_a_phone_can_send(clock: Clock):
    """Six weeks with two hours a day, a chunk each minute of 31 kB, a hundred a second: more than any phone was seen to send."""
    limits, chunks = RateLimits(Rates(), clock), 6 * 7 * 120
    for _ in range(chunks):
        limits.let_in(STRANGER[0])
        limits.let_device("phone")
        limits.count_bytes("phone", 31_000)
        clock.now_s += 0.01


def test_no_caller_can_choose_the_bucket_by_a_header(installation: Settings, store: Store, clock: Clock):
    http = TestClient(limited(installation, store, clock, address_burst=1), client=STRANGER)
    for number in range(5):
        told = dict.fromkeys(("X-Forwarded-For", "X-Real-IP", "Forwarded", "True-Client-IP"), f"198.51.100.{number}")
        answer = http.get("/v1/defects", headers=told)
    assert code_of(answer) == (429, "rate.limited")


def test_a_compressed_body_is_charged_by_what_came_over_the_network(
    installation: Settings, store: Store, clock: Clock, trip_id: str
):
    http = TestClient(limited(installation, store, clock, device_bytes_per_s=1, device_bytes_burst=2000))
    phone = Phone.enrol(http)
    data = json.dumps(json_chunk(device="x" * 200)).encode() + b" " * 100_000
    assert phone.put(trip_id, 0, gzip.compress(data), "application/json", Content_Encoding="gzip").status_code == 201
    assert phone.put(trip_id, 0, gzip.compress(data), "application/json", Content_Encoding="gzip").status_code == 200
