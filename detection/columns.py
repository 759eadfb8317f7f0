"""Structures of arrays: what `Jolts`, `Track` and `Defects` share.

One dataclass field is one column, all of one length; a mask cuts every column at once; pandas appears
only at the border (`to_frame`). Not for a single thing: there is no jolt object.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from types import MappingProxyType
from typing import Any, Self

import numpy as np
import numpy.typing as npt
import pandas as pd

KINDS = ("unknown", "pothole", "speed_bump", "joint", "rough")  # INTERFACE's words; the index is the code kept in arrays
STATUSES = ("new", "confirmed", "scheduled", "repaired", "dismissed", "reopened")


def words(**codes: tuple[str, ...]) -> Mapping[str, tuple[str, ...]]:
    """For each column of codes, what 0, 1, 2, … stand for."""
    return MappingProxyType(codes)


@dataclass(frozen=True, eq=False)
class Columns:
    """Parallel arrays of one length (n,), made read-only; subclasses declare the columns, and what their codes stand for."""

    WORDS = words(kind=KINDS, status=STATUSES)

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
        """A copy as a pandas frame, a column each; codes that stand for words as categories of these words, in their order."""
        return pd.DataFrame({name: self._readable(name, column) for name, column in self.columns().items()})

    def _readable(self, name: str, column: npt.NDArray[Any]) -> npt.NDArray[Any] | pd.Categorical[str]:
        return pd.Categorical.from_codes(column, pd.Index(self.WORDS[name])) if name in self.WORDS else column.copy()

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
        """From a mapping with (at least) every declared column, converted to its dtype; codes may be given as words."""
        return cls(**{f.name: np.array(cls._coded(f.name, columns[f.name]), dtype=_dtype(f.type)) for f in fields(cls)})

    @classmethod
    def _coded(cls, name: str, column: npt.ArrayLike) -> npt.ArrayLike:
        """Words as codes; what is no word is left as it is. Raises ValueError for a word that stands for nothing."""
        values = np.asarray(column)
        if name not in cls.WORDS or values.dtype.kind not in "OUT":
            return column
        return [cls.WORDS[name].index(word) for word in values.tolist()]


Floats = npt.NDArray[np.float64]
Codes = npt.NDArray[np.int8]
Counts = npt.NDArray[np.int64]
Texts = npt.NDArray[np.object_]


def _dtype(annotation: object) -> type:
    return {"Codes": np.int8, "Counts": np.int64, "Texts": np.object_}.get(str(annotation), np.float64)
