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
        return np.asarray(self.bias + self._sums(table, self.roots, self.of_class))

    def hopeful(self, table: Floats, trees: int, least: float) -> Floats:
        """`raw` of a single class, but a row that after so many trees lies below `least` gets no more of them, (n,).

        A soft cascade (Bourdev & Brandt, CVPR 2005): most rows are clearly nothing, and are done after the first trees.
        """
        out = self.bias[0] + self._sums(table, self.roots[:trees], self.of_class[:trees])[:, 0]
        on = np.flatnonzero(out >= least)
        out[on] += self._sums(table[on], self.roots[trees:], self.of_class[trees:])[:, 0]
        return np.asarray(out)

    def _sums(self, table: Floats, roots: Ints, of_class: Ints) -> Floats:
        """What these trees add, (n, classes)."""
        rows, columns = table.shape
        # NaN compares false and would go right: where the training sent it left, the tree reads a twin of its column
        unknown = np.isnan(table)
        flat = np.concatenate([np.where(unknown, np.inf, table), np.where(unknown, -np.inf, table)], axis=1).ravel()
        first = np.arange(rows)[:, None] * (2 * columns)
        column, child, depth = self._walk
        node = np.broadcast_to(roots, (rows, len(roots)))
        for _ in range(depth):
            right = flat.take(column.take(node) + first) > self.threshold.take(node)
            node = child.take(2 * node + right)
        out = np.empty((rows, len(self.bias)))
        for number in range(len(self.bias)):
            out[:, number] = self.value.take(node[:, of_class == number]).sum(axis=1)
        return out

    @cached_property
    def _walk(self) -> tuple[Ints, Ints, int]:
        """What a walk down all trees at once reads: each node's column in the doubled table, its children (left at 2 i, right
        at 2 i + 1; a leaf's are itself), and how many steps reach every leaf."""
        own = np.arange(len(self.left))
        inner = self.left >= 0
        child = np.where(inner, np.stack([self.left, self.right]), own).T.ravel()
        column = np.where(inner, self.feature + self.missing_left * len(self.features), 0)
        node, depth = self.roots, 0
        while len(node := node[inner[node]]):
            node, depth = np.concatenate([self.left[node], self.right[node]]), depth + 1
        return np.asarray(column, np.int64), np.asarray(child, np.int64), depth

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
