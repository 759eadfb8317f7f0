"""Boosted trees as arrays: against scikit-learn's own answer, against a walk node by node, and as a file."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.train import fit
from detection.features import FEATURES
from detection.forest import Forest


@pytest.fixture(scope="module")
def table() -> np.ndarray:
    rng = np.random.default_rng(0)
    table = rng.normal(size=(900, len(FEATURES)))
    table[rng.random(table.shape) < 0.1] = np.nan
    return table


@pytest.fixture(scope="module")
def forest(table: np.ndarray) -> Forest:
    return fit(table, (np.nan_to_num(table[:, 0]) + np.nan_to_num(table[:, 3]) ** 2 > 0.5), leaves=6, rounds=15)


def naive_raw(forest: Forest, row: np.ndarray) -> np.ndarray:
    out = forest.bias.copy()
    for root, column in zip(forest.roots, forest.of_class, strict=True):
        node = root
        while forest.left[node] >= 0:
            value = row[forest.feature[node]]
            left = forest.missing_left[node] if np.isnan(value) else value <= forest.threshold[node]
            node = forest.left[node] if left else forest.right[node]
        out[column] += forest.value[node]
    return out


def test_all_rows_at_once_give_what_a_walk_node_by_node_gives(forest: Forest, table: np.ndarray) -> None:
    fast = forest.raw(table[:60])
    assert np.allclose(fast, [naive_raw(forest, row) for row in table[:60]])
    assert fast.std() > 0.1


def test_several_classes_get_a_column_each(table: np.ndarray) -> None:
    kinds = fit(table, np.digitize(np.nan_to_num(table[:, 1]), [-0.5, 0.5]), leaves=4, rounds=8)
    assert kinds.raw(table[:5]).shape == (5, 3)
    assert np.allclose(kinds.raw(table[:5]), [naive_raw(kinds, row) for row in table[:5]])


def test_what_is_saved_is_what_is_loaded(forest: Forest, table: np.ndarray, tmp_path: Path) -> None:
    forest.save(tmp_path / "model.npz")
    assert np.array_equal(Forest.load(tmp_path / "model.npz").raw(table), forest.raw(table))


def test_a_file_that_is_no_model_names_the_way_out(tmp_path: Path) -> None:
    np.savez(tmp_path / "model.npz", feature=np.zeros(1))
    with pytest.raises(ValueError, match=r"model\.npz: no .*benchmarks\.train"):
        Forest.load(tmp_path / "model.npz")


@given(st.lists(st.floats(allow_nan=True, allow_infinity=True), min_size=len(FEATURES), max_size=len(FEATURES)))
def test_any_number_gets_a_finite_answer(forest: Forest, row: list[float]) -> None:
    assert np.isfinite(forest.raw(np.array([row]))).all()


def test_a_row_is_given_up_only_below_the_bound(forest: Forest, table: np.ndarray) -> None:
    whole, few = forest.raw(table)[:, 0], forest.hopeful(table, 5, 0.0)
    first = np.array([naive_raw(replace(forest, roots=forest.roots[:5], of_class=forest.of_class[:5]), row)[0] for row in table])
    assert 0.05 < (first < 0.0).mean() < 0.95
    assert np.allclose(few, np.where(first < 0.0, first, whole))


def test_no_rows_give_no_answers(forest: Forest) -> None:
    assert forest.raw(np.empty((0, len(FEATURES)))).shape == (0, 1)


def test_what_is_known_can_be_parted_from_what_is_not(table: np.ndarray) -> None:
    """Where that alone is worth a split scikit-learn's threshold is infinite."""
    unknown = np.isnan(table[:, 5])
    parted = fit(table, unknown, leaves=2, rounds=3)  # fit itself compares with scikit-learn
    assert (parted.raw(table)[unknown, 0] > parted.raw(table)[~unknown, 0].max()).all()
