"""Structures of arrays: what `Jolts`, `Track` and `Defects` share.

One dataclass field is one column, all of one length; a mask cuts every column at once; pandas appears
only at the border (`to_frame`). Not for a single thing: there is no jolt object.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from typing import Any, Self

import numpy as np
import numpy.typing as npt
import pandas as pd

KINDS = ("unknown", "pothole", "speed_bump", "joint", "rough")  # INTERFACE's words; the index is the code kept in arrays
STATUSES = ("new", "confirmed", "scheduled", "repaired", "dismissed", "reopened")


@dataclass(frozen=True, eq=False)
class Columns:
    """Parallel arrays of one length (n,), made read-only; subclasses declare the columns."""

    def __post_init__(self) -> None:
        lengths = {name: len(column) for name, column in self.columns().items()}
        if len(set(lengths.values())) > 1:
            raise ValueError(f"{type(self).__name__}: columns differ in length: {lengths}")
        for column in self.columns().values():
            column.setflags(write=False)

    def __len__(self) -> int:
        return len(next(iter(vars(self).values())))  # the first column; `fields` would take ten times as long

    def __getitem__(self, which: npt.NDArray[Any] | slice) -> Self:
        return type(self)(**{name: column[which] for name, column in self.columns().items()})

    def columns(self) -> dict[str, npt.NDArray[Any]]:
        """The arrays by name, in the order of declaration; not copied."""
        return {f.name: getattr(self, f.name) for f in fields(self)}

    def to_frame(self) -> pd.DataFrame:
        """A copy as a pandas frame, a column each."""
        return pd.DataFrame({name: column.copy() for name, column in self.columns().items()})

    @classmethod
    def empty(cls) -> Self:
        return cls(**{f.name: np.empty(0, _dtype(f.type)) for f in fields(cls)})

    @classmethod
    def concatenate(cls, parts: Iterable[Self]) -> Self:
        """All rows of all parts, in order."""
        held = list(parts)
        if not held:
            return cls.empty()
        return cls(**{f.name: np.concatenate([getattr(part, f.name) for part in held]) for f in fields(cls)})

    @classmethod
    def from_columns(cls, columns: Mapping[str, npt.ArrayLike]) -> Self:
        """From a mapping with (at least) every declared column, converted to its dtype."""
        return cls(**{f.name: np.array(columns[f.name], dtype=_dtype(f.type)) for f in fields(cls)})


Floats = npt.NDArray[np.float64]
Codes = npt.NDArray[np.int8]
Counts = npt.NDArray[np.int64]
Texts = npt.NDArray[np.object_]


def _dtype(annotation: object) -> type:
    return {"Codes": np.int8, "Counts": np.int64, "Texts": np.object_}.get(str(annotation), np.float64)
