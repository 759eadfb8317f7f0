"""Defects beside what is really there, where that is known: from the simulator, or from a survey by a crew."""

from __future__ import annotations

from typing import Protocol

import numpy as np
import pandas as pd

from detection.columns import Floats
from detection.defects import Defects
from detection.scoring import match_defects


class Placed(Protocol):
    """A table of known places: latitude, longitude, heading in degrees (NaN: either way), columns (n,)."""

    @property
    def latitude(self) -> Floats: ...
    @property
    def longitude(self) -> Floats: ...
    @property
    def heading(self) -> Floats: ...
    def to_frame(self) -> pd.DataFrame: ...


def against_truth(defects: Defects, truth: Placed, *, radius_m: float = 15.0) -> pd.DataFrame:
    """The defects, a row each, with `real`, `distance_m` and the columns of the true thing as `true_…` (NaN where there is none).

    Matched one to one within radius and 60° of turn: the second defect found for one hole is not real.
    """
    pairs, distance_m = match_defects(_places(defects), _places(truth), radius_m)[1:]
    thing = np.full(len(defects), -1)
    distance = np.full(len(defects), np.nan)
    thing[pairs[:, 0]], distance[pairs[:, 0]] = pairs[:, 1], distance_m
    beside = truth.to_frame().add_prefix("true_").reindex(thing).reset_index(drop=True)
    return pd.concat([defects.to_frame().assign(real=thing >= 0, distance_m=distance), beside], axis=1)


def _places(table: Placed) -> tuple[Floats, Floats, Floats]:
    return table.latitude, table.longitude, table.heading
