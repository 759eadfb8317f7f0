"""Five thousand phones at once, on a simulated clock: the phones' own way of waiting against the server's own limits."""

from __future__ import annotations

import random

from benchmarks.storm import STORED_PER_S, simulate, without_chance
from ingest.settings import Reserve
from mobile_app.uploader import LONGEST_WAIT_S, pause_s


def test_a_storm_of_five_thousand_phones_is_worked_off_without_anyone_waiting_long_for_an_answer():
    reserve = Reserve()
    storm = simulate(5000, 3, reserve, random.Random(1).random)
    assert len(storm.waits_s) == 15_000
    assert storm.p99_s <= 1.5 * reserve.waiting / STORED_PER_S
    assert storm.refused / len(storm.waits_s) < 3
    assert storm.took_s < 5 * storm.least_s


def test_phones_that_wait_without_chance_are_refused_far_more_often():
    ours = simulate(5000, 3, Reserve(), random.Random(1).random)
    rigid = simulate(5000, 3, Reserve(), random.Random(1).random, without_chance)
    assert rigid.refused > 1.5 * ours.refused


def test_what_the_server_asks_is_waited_in_full_and_chance_comes_on_top():
    dice = random.Random(2)
    for failures in range(40):
        waits = [pause_s(failures, 30.0, dice.random()) for _ in range(50)]
        assert min(waits) >= 30.0
        assert max(waits) <= 30.0 + LONGEST_WAIT_S
        assert len(set(waits)) == 50
