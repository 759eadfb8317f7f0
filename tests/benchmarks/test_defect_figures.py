"""The figures of defects, and the reading off of their models."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.defects_simulated import at_precision
from benchmarks.fit_defects import BEFORE, _model, _numbers, fit_kinds
from detection.kinds import FIGURES, kind_probabilities


@given(st.lists(st.tuples(st.floats(0.05, 1.0), st.booleans()), min_size=1, max_size=30, unique_by=lambda row: row[0]))
def test_recall_at_a_precision_is_that_of_the_best_threshold(rows: list[tuple[float, bool]]) -> None:
    believed, real = (np.array(column) for column in zip(*rows, strict=True))
    best = max((sum(r for b, r in rows if b >= at) for at in believed if np.mean(real[believed >= at]) >= 0.7), default=0)
    assert at_precision(believed, real, 40, 0.7)[0] == pytest.approx(best / 40)


def test_numbers_of_a_model_come_back_from_logarithms() -> None:
    again = _model(_numbers(BEFORE))
    assert _numbers(again) == pytest.approx(_numbers(BEFORE))
    assert again.plain == pytest.approx(BEFORE.plain)


def test_kinds_that_differ_in_a_figure_are_told_apart() -> None:
    rng = np.random.default_rng(0)
    kind = rng.integers(1, 5, 400)
    figures = rng.normal(0, 1, (400, len(FIGURES)))
    figures[:, 2] += 6.0 * kind
    told = kind_probabilities(figures, fit_kinds(figures, kind)).argmax(axis=1) + 1
    assert np.mean(told == kind) > 0.95
