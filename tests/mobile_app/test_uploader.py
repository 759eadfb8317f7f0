"""The uploader against a real server that misbehaves: nothing lost, nothing doubled, nothing blocked, everything said."""

from __future__ import annotations

import random
import socket
import time
from email.utils import formatdate

import faulty_server as faulty
import pytest
from chunk_samples import STARTED_AT_US, TRIP, encoded
from faulty_server import TOKEN, FaultyServer

from mobile_app.outbox import Outbox
from mobile_app.uploader import FIRST_WAIT_S, LONGEST_WAIT_S, Uploader

OTHER = "00000000-0000-4000-8000-000000000000"
LATER = "ffffffff-0000-4000-8000-000000000000"


@pytest.fixture
def server():
    with FaultyServer() as running:
        yield running


@pytest.fixture
def outbox(tmp_path):
    """A finished trip of three chunks."""
    box = Outbox(tmp_path / "outbox")
    fill(box, TRIP, 3)
    return box


def fill(box: Outbox, trip: str, chunks: int, started_at_us: int = STARTED_AT_US) -> None:
    box.begin(trip, started_at_us)
    for number in range(chunks):
        box.add(trip, number, encoded(number=number))
    box.finish(trip, chunks)


def uploader(box: Outbox, server: FaultyServer, token: str = TOKEN, **options) -> Uploader:
    slept: list[float] = []
    made = Uploader(box, server.url, token, **{"timeout_s": 2.0, "sleep": slept.append, **options})
    made.slept = slept
    return made


def test_a_trip_is_sent_in_order_byte_for_byte_and_closed(server, outbox):
    outcome = uploader(outbox, server).run_once()
    assert [path.rsplit("/", 1)[-1] for _, path in server.requests] == ["0", "1", "2", "finish"]
    assert server.store == {(TRIP, n): encoded(number=n) for n in range(3)}
    assert (server.finished, outbox.trips(), outcome.done) == ({TRIP: 3}, [], True)
    assert str(outcome) == "3 chunks sent (0.0 MB), 1 trips complete"


def test_a_trip_still_being_recorded_is_sent_but_not_finished(server, tmp_path):
    box = Outbox(tmp_path)
    box.begin(TRIP, STARTED_AT_US)
    box.add(TRIP, 0, encoded())
    assert uploader(box, server).run_once().sent == 1
    assert (server.finished, len(box.trips())) == ({}, 1)


def test_progress_is_told_for_each_chunk(server, outbox):
    told = []
    uploader(outbox, server, on_chunk=lambda *chunk: told.append(chunk)).run_once()
    assert told == [(TRIP, n, len(encoded(number=n))) for n in range(3)]


@pytest.mark.parametrize("fault", [faulty.drops_the_answer, faulty.cuts_the_answer, faulty.stalls(1.0)])
def test_a_lost_answer_leads_to_a_second_sending_and_one_copy(server, outbox, fault):
    server.faults.extend([None, fault])
    sender = uploader(outbox, server, timeout_s=0.3)
    outcome = sender.run()
    assert outcome.done
    assert sum(path.endswith("/1") for _, path in server.requests) >= 2
    assert (len(server.store), server.finished) == (3, {TRIP: 3})


def test_an_answer_that_breaks_off_is_no_answer(server, outbox):
    server.faults.append(faulty.cuts_the_answer)
    outcome = uploader(outbox, server).run_once()
    assert outcome.waiting == 3
    assert outcome.why.endswith("broke (the answer broke off)")


def test_a_connection_that_the_server_closed_meanwhile_is_opened_again_at_once(server, outbox):
    server.faults.extend([None, faulty.drops_the_request])
    sender = uploader(outbox, server)
    assert sender.run_once().done
    assert sender.slept == []


def test_an_answer_that_drips_for_ever_is_cut_off_at_the_deadline(server, outbox):
    server.faults.extend([faulty.drips])
    begun = time.monotonic()
    outcome = uploader(outbox, server, deadline_s=0.4).run_once()
    assert time.monotonic() - begun < 2
    assert (outcome.sent, outcome.waiting) == (0, 3)
    assert outcome.retry_in_s is not None


def test_a_server_that_is_away_is_said_so_and_tried_again(outbox):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    outcome = Uploader(outbox, f"http://127.0.0.1:{port}", TOKEN).run_once()
    assert outcome.why == f"nobody listens at 127.0.0.1:{port}"
    assert (outcome.waiting, outcome.done) == (3, False)
    assert outcome.retry_in_s is not None


@pytest.mark.parametrize("status", [408, 425, 429, 500, 502, 503, 504, 507])
def test_what_passes_by_itself_keeps_the_chunk_and_waits(server, outbox, status):
    server.faults.append(faulty.answers(status))
    outcome = uploader(outbox, server).run_once()
    assert (outcome.waiting, outcome.refused, outcome.sent) == (3, [], 0)
    assert outcome.retry_in_s is not None


def test_waiting_doubles_up_to_a_limit_and_is_spread_at_random(server, outbox):
    server.faults.extend([faulty.answers(503)] * 14)
    sender = uploader(outbox, server, chance=lambda: 1.0)
    sender.run()
    assert sender.slept[:4] == [FIRST_WAIT_S, 2 * FIRST_WAIT_S, 4 * FIRST_WAIT_S, 8 * FIRST_WAIT_S]
    assert sender.slept[-1] == LONGEST_WAIT_S
    server.faults.extend([faulty.answers(503)] * 20)
    fill(outbox, OTHER, 1)
    sender = uploader(outbox, server, chance=random.Random(1).random)
    sender.run()
    longest = [min(FIRST_WAIT_S * 2**k, LONGEST_WAIT_S) for k in range(20)]
    assert all(0 <= wait <= most for wait, most in zip(sender.slept, longest, strict=True))
    assert len(set(sender.slept)) == 20


def test_a_success_starts_the_waiting_over(server, outbox):
    server.faults.extend([faulty.answers(503)] * 3 + [None] + [faulty.answers(503)])
    sender = uploader(outbox, server, chance=lambda: 1.0)
    sender.run()
    assert sender.slept == [2, 4, 8, 2]


@pytest.mark.parametrize(
    ("text", "wait_s"),
    [
        ("120", 120),
        (" 7 ", 7),
        (formatdate(1_800_000_060, usegmt=True), 60),
        (formatdate(1_799_999_000, usegmt=True), 0),
        ("9" * 400, 86_400),
        ("soon", 0),
        ("-5", 0),
    ],
)
def test_retry_after_is_obeyed_in_seconds_and_as_a_date(server, outbox, text, wait_s):
    server.faults.append(faulty.answers(503, headers={"Retry-After": text}))
    outcome = uploader(outbox, server, chance=lambda: 0.0, wall_clock=lambda: 1_800_000_000.0).run_once()
    assert outcome.retry_in_s == wait_s


@pytest.mark.parametrize(
    ("status", "code"),
    [
        (409, "chunk.conflict"),
        (400, "chunk.digest"),
        (404, "not_found"),
        (413, "body.too_large"),
        (415, "body.unsupported"),
        (422, "fix.range"),
    ],
)
def test_a_refused_chunk_is_put_aside_with_the_reason_and_the_rest_is_sent(server, outbox, status, code):
    server.faults.extend([None, faulty.answers(status, code, "because of this")])
    outcome = uploader(outbox, server).run_once()
    assert outcome.refused == [(TRIP, 1, "because of this")]
    assert sorted(server.store) == [(TRIP, 0), (TRIP, 2)]
    assert outcome.done
    assert outcome.stuck == [f"trip {TRIP} cannot be completed: the server lacks chunk 1 (because of this)"]
    assert "1 chunks refused: because of this" in str(outcome)


def test_a_stuck_trip_is_not_asked_for_again_until_a_person_says_so(server, outbox):
    server.faults.extend([None, faulty.answers(422, "fix.range", "why")])
    uploader(outbox, server).run_once()
    server.requests.clear()
    assert uploader(outbox, server).run_once().stuck
    assert server.requests == []
    assert outbox.try_again() == 1
    assert uploader(outbox, server).run_once().closed == [TRIP]
    assert server.finished == {TRIP: 3}


def test_a_trip_the_server_has_lost_after_its_acknowledgement_is_said_to_be_stuck(server, outbox):
    server.faults.extend([None, None, None, faulty.answers(409, "trip.incomplete", "missing", missing=[0, 2])])
    outcome = uploader(outbox, server).run_once()
    assert outcome.stuck == [
        f"trip {TRIP} cannot be completed: the server lacks chunk 0 (no longer on this phone), 2 (no longer on this phone)"
    ]


def test_a_chunk_that_appears_while_the_trip_is_being_finished_is_sent_too(server, tmp_path):
    box = Outbox(tmp_path)
    fill(box, TRIP, 1)
    box.finish(TRIP, 2)
    added = []

    def while_finishing(handler) -> bool:
        added.append(box.add(TRIP, 1, encoded(number=1)))
        return False

    server.faults.extend([None, while_finishing])
    assert uploader(box, server).run().closed == [TRIP]
    assert sorted(server.store) == [(TRIP, 0), (TRIP, 1)]


@pytest.mark.parametrize(("status", "code"), [(401, "auth.invalid"), (403, "auth.role"), (401, "")])
def test_an_unknown_token_stops_everything_and_says_what_to_do(server, outbox, status, code):
    server.faults.append(faulty.answers(status, code, "unknown token"))
    outcome = uploader(outbox, server).run()
    assert "register this device again" in outcome.why
    assert (outcome.waiting, outcome.retry_in_s, len(server.requests)) == (3, None, 1)


def test_a_format_that_the_server_does_not_know_is_kept_for_after_an_update(server, outbox):
    server.faults.append(faulty.answers(400, "protocol.version", "version 1 is not supported"))
    outcome = uploader(outbox, server).run()
    assert outcome.why == "version 1 is not supported; update this app"
    assert (outcome.waiting, outcome.refused) == (3, [])


def test_a_trip_deleted_on_the_server_is_deleted_here_and_others_go_on(server, outbox):
    fill(outbox, LATER, 1, STARTED_AT_US + 1)
    server.deleted.add(TRIP)
    outcome = uploader(outbox, server).run_once()
    assert (outcome.forgotten, outcome.closed) == ([TRIP], [LATER])
    assert outbox.trips() == []


def test_a_trip_deleted_just_before_its_finish_is_deleted_here(server, outbox):
    server.faults.extend([None, None, None, faulty.answers(410, "trip.deleted", "gone")])
    assert uploader(outbox, server).run_once().forgotten == [TRIP]


@pytest.mark.parametrize("fault", [faulty.a_sign_in_page, faulty.answers(404), faulty.answers(410), faulty.answers(302)])
def test_an_answer_that_is_not_from_our_server_deletes_nothing(server, outbox, fault):
    server.faults.append(fault)
    outcome = uploader(outbox, server).run_once()
    assert (outcome.waiting, outcome.refused, outcome.sent) == (3, [], 0)
    assert "sign" in outcome.why
    assert uploader(outbox, server).run().done
    assert len(server.store) == 3


def test_a_sign_in_page_in_place_of_the_finish_closes_nothing(server, outbox):
    server.faults.extend([None, None, None, faulty.a_sign_in_page])
    outcome = uploader(outbox, server).run_once()
    assert (outcome.closed, len(outbox.trips())) == ([], 1)
    assert "is a sign-in page between" in outcome.why
    assert uploader(outbox, server).run().closed == [TRIP]


def test_an_echo_of_another_digest_deletes_nothing(server, outbox):
    server.faults.append(faulty.answers(201, "x", sha256="0" * 64))
    outcome = uploader(outbox, server).run_once()
    assert outcome.waiting == 3
    assert "does not echo what was sent" in outcome.why


def test_a_chunk_that_the_server_stumbles_over_does_not_block_the_others(server, outbox):
    """Every attempt at chunk 0 ends in a 500."""
    fill(outbox, LATER, 2, STARTED_AT_US + 1)

    def stumbles(handler) -> bool:
        server.faults.append(stumbles)
        if handler.path.endswith(f"{TRIP}/chunks/0"):
            return faulty.answers(500, "internal", "the server failed")(handler)
        return False

    server.faults.append(stumbles)
    sender = uploader(outbox, server)
    for _ in range(4):
        outcome = sender.run_once()
    assert sorted(server.store) == [(TRIP, 1), (TRIP, 2), (LATER, 0), (LATER, 1)]
    assert (server.finished, outcome.waiting) == ({LATER: 2}, 1)
    assert "the server failed" in outcome.why


def test_a_damaged_file_on_the_phone_blocks_nothing(server, outbox):
    path = outbox.folder / TRIP / "1.chunk"
    path.write_bytes(path.read_bytes()[:-1])
    outcome = uploader(outbox, server).run_once()
    assert sorted(server.store) == [(TRIP, 0), (TRIP, 2)]
    assert outcome.refused == [(TRIP, 1, "was damaged on this phone")]


def test_a_run_ends_when_its_time_is_over(server, outbox):
    now = [0.0]
    server.faults.extend([faulty.answers(503)] * 100)

    def sleep(seconds: float) -> None:
        now[0] += seconds

    outcome = uploader(outbox, server, clock=lambda: now[0], sleep=sleep, chance=lambda: 1.0).run(longest_s=60)
    assert now[0] <= 60
    assert outcome.waiting == 3


@pytest.mark.parametrize("seed", range(4))
def test_random_faults_lose_nothing_and_double_nothing(server, tmp_path, seed):
    """A hundred faults over all seeds; what arrives is byte for byte what was recorded."""
    rng = random.Random(seed)
    box = Outbox(tmp_path)
    trips = {TRIP: 5, OTHER: 3, LATER: 4}
    for trip, chunks in trips.items():
        fill(box, trip, chunks)
    server.faults.extend(faulty.any_fault(rng) if rng.random() < 0.6 else None for _ in range(45))
    outcome = uploader(box, server).run()
    assert outcome.done, outcome
    assert server.store == {(trip, n): encoded(number=n) for trip, chunks in trips.items() for n in range(chunks)}
    assert server.finished == trips
    assert (box.refused(), box.trips(), len(box.sent())) == ([], [], 3)
