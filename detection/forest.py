"""Boosted decision trees as plain arrays: read from a small file, evaluated for all rows at once.

Trained with scikit-learn (`benchmarks.train`), which is not needed to use them. The file is numpy's npz: no code in it.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
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
        rows = len(table)
        flat, first = np.ascontiguousarray(table).ravel(), np.arange(rows)[:, None] * table.shape[1]
        node = np.tile(roots, (rows, 1))
        inner = self.left >= 0
        while inner.take(node).any():
            held = flat.take(first + self.feature.take(node))
            # a leaf stays where it is; NaN compares false, so it goes right unless the training sent it left
            goes_left = (held <= self.threshold.take(node)) | (self.missing_left.take(node) & np.isnan(held))
            onward = np.where(goes_left, self.left.take(node), self.right.take(node))
            node = np.where(onward >= 0, onward, node)
        out = np.empty((rows, len(self.bias)))
        for column in range(len(self.bias)):
            out[:, column] = self.value.take(node[:, of_class == column]).sum(axis=1)
        return out

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
