"""Intervals by drawing parts whole, and what chance gives."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import spearmanr

from detection.intervals import chance, interval, rank_correlation, rate_interval, total
from detection.scoring import Figures


def test_parts_that_are_alike_leave_nothing_open() -> None:
    parts = [Figures(5, 4, 3)] * 7
    assert interval(parts, lambda f: f.f1) == (total(parts).f1, total(parts).f1)
    assert rate_interval(np.full(5, 2.0), np.full(5, 4.0)) == (0.5, 0.5)


def test_parts_are_drawn_whole_so_that_uneven_ones_open_the_interval() -> None:
    uneven = [Figures(10, 10, 10), Figures(10, 10, 0)] * 5
    split = [Figures(1, 1, 1), Figures(1, 1, 0)] * 50  # the same counts as a hundred parts
    (low, high), (near_low, near_high) = interval(uneven, lambda f: f.f1), interval(split, lambda f: f.f1)
    assert total(uneven) == total(split)
    assert low < near_low < 0.5 < near_high < high


def test_an_interval_holds_the_truth_nine_times_in_ten() -> None:
    rng = np.random.default_rng(5)
    held = 0
    for _ in range(200):
        parts = [Figures(20, 20, int(n)) for n in rng.binomial(20, 0.7, size=30)]
        low, high = interval(parts, lambda f: f.recall, rounds=200)
        held += low <= 0.7 <= high
    assert 165 <= held <= 195  # 180 ± 2.5 σ, and a bootstrap over 30 parts is a little narrow


def test_times_at_random_match_as_often_as_the_tolerance_covers() -> None:
    driven = np.arange(0.0, 1000.0, 0.1)
    f1, figures = chance(10, driven, np.arange(50.0, 1000.0, 100.0), 1.0, rounds=400)
    assert f1 == pytest.approx(10 * 2.0 / 1000.0, abs=0.006)  # ten marks cover 2 s each of 1000 s
    assert (figures.found, figures.true) == (10, 10)


def test_rank_correlation_is_spearmans_with_an_interval_around_it() -> None:
    rng = np.random.default_rng(3)
    truth = rng.random(80)
    said = truth + rng.normal(0.0, 0.3, 80)
    rho, low, high = rank_correlation(said, truth)
    assert rho == spearmanr(said, truth).statistic
    assert low < rho < high


def test_repeated_words_about_one_thing_do_not_narrow_the_interval() -> None:
    rng = np.random.default_rng(4)
    truth = rng.random(12)
    said = truth + rng.normal(0.0, 0.3, 12)
    _, low, high = rank_correlation(said, truth)
    thing = np.repeat(np.arange(12), 20)
    _, low_again, high_again = rank_correlation(said[thing], truth[thing], thing)
    assert high_again - low_again == pytest.approx(high - low, rel=0.15)
    _, low_naive, high_naive = rank_correlation(said[thing], truth[thing])
    assert high_naive - low_naive < 0.5 * (high - low)
