"""Boosted decision trees as plain arrays: read from a small file, evaluated for all rows at once.

Trained with scikit-learn (`benchmarks.train`), which is not needed to use them. The file is numpy's npz: no code in it.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from detection.trace import Floats

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Forest:
    """All nodes of all trees in one table. A node without children (left < 0) is a leaf.

    feature, threshold, left, right, missing_left, value: (nodes,); roots: (trees,) first node of each tree; of_class:
    (trees,) column its values add to; bias: (classes,) added to every row; features: (k,) names, for checking.
    """

    feature: Ints
    threshold: Floats
    left: Ints
    right: Ints
    missing_left: npt.NDArray[np.bool_]
    value: Floats
    roots: Ints
    of_class: Ints
    bias: Floats
    features: npt.NDArray[np.str_]

    def raw(self, table: Floats) -> Floats:
        """Sums of leaf values, (n, classes), of a table (n, k); NaN goes the way the training chose."""
        return np.asarray(self.bias + self._sums(table, slice(None)))

    def hopeful(self, table: Floats, trees: int, least: float) -> Floats:
        """`raw` of a single class, but a row that after so many trees lies below `least` gets no more of them, (n,).

        A soft cascade (Bourdev & Brandt, CVPR 2005): most rows are clearly nothing, and are done after the first trees.
        """
        out = self.bias[0] + self._sums(table, slice(trees))[:, 0]
        on = np.flatnonzero(out >= least)
        out[on] += self._sums(table[on], slice(trees, None))[:, 0]
        return np.asarray(out)

    def _sums(self, table: Floats, which: slice) -> Floats:
        """What these of the trees add, (n, classes)."""
        rows, columns = table.shape
        # NaN compares false and would go right: where the training sent it left, the tree reads a twin of its column
        unknown = np.isnan(table)
        flat = np.concatenate([np.where(unknown, np.inf, table), np.where(unknown, -np.inf, table)], axis=1).ravel()
        first = np.arange(rows) * (2 * columns)
        column, child = self._walk
        depth = self._depths[which]
        deepest = np.argsort(-depth, kind="stable")
        node = np.repeat(self.roots[which][deepest, None], rows, axis=1)
        still = np.count_nonzero(depth[:, None] > np.arange(depth.max(initial=0)), axis=0)  # trees that go on at each step
        for going in still.tolist():
            here = node[:going]
            right = flat.take(column.take(here) + first) > self.threshold.take(here)
            node[:going] = child.take(2 * here + right)
        leaf = np.empty((rows, len(depth)))
        leaf[:, deepest] = self.value.take(node).T
        return np.stack([leaf[:, self.of_class[which] == number].sum(axis=1) for number in range(len(self.bias))], axis=1)

    @cached_property
    def _walk(self) -> tuple[Ints, Ints]:
        """What a walk down all trees at once reads: each node's column in the doubled table, and its children (left at 2 i,
        right at 2 i + 1; a leaf's are itself)."""
        own = np.arange(len(self.left))
        inner = self.left >= 0
        child = np.where(inner, np.stack([self.left, self.right]), own).T.ravel()
        column = np.where(inner, self.feature + self.missing_left * len(self.features), 0)
        return np.asarray(column, np.int64), np.asarray(child, np.int64)

    @cached_property
    def _depths(self) -> Ints:
        """How many steps reach every leaf of each tree, (trees,)."""
        node, tree = self.roots, np.arange(len(self.roots))
        depth = np.zeros(len(tree), np.int64)
        while (inner := self.left[node] >= 0).any():
            node, tree = node[inner], tree[inner]
            depth[np.unique(tree)] += 1  # once, however many of its nodes go on
            node, tree = np.concatenate([self.left[node], self.right[node]]), np.concatenate([tree, tree])
        return depth

    def save(self, path: Path) -> None:
        """Write the table; smaller numbers where nothing is lost."""
        columns: dict[str, npt.NDArray[Any]] = {f.name: getattr(self, f.name) for f in fields(self)}
        for name in ("feature", "left", "right", "roots", "of_class"):
            columns[name] = columns[name].astype(np.int32)
        np.savez_compressed(path, **columns)  # type: ignore[arg-type]  # the stubs take a mapping's values for allow_pickle

    @classmethod
    def load(cls, path: Path) -> Forest:
        """Read what `save` wrote. Raises ValueError where a column is missing."""
        with np.load(path, allow_pickle=False) as held:
            missing = {f.name for f in fields(cls)} - set(held.files)
            if missing:
                raise ValueError(f"{path}: no {sorted(missing)}; make the model anew: python -m benchmarks.train")
            return cls(**{f.name: _widened(held[f.name]) for f in fields(cls)})


def _widened(column: npt.NDArray[Any]) -> npt.NDArray[Any]:
    return column.astype(np.int64) if column.dtype.kind == "i" else column
