"""What a city's roads are made of: by name, how the surface is drawn, which things lie on it and what shape they have."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from detection.columns import Floats
from detection.simulator.laplace_road import laplace_tracks
from detection.simulator.patched_road import patched_tracks
from detection.simulator.patched_things import PATCHED, patched_shape
from detection.simulator.roads import wheel_tracks
from detection.simulator.things import DRAW, Drawn, shape
from detection.simulator.worn_things import WORN, worn_shape


@dataclass(frozen=True)
class RoadModel:
    """wheel_tracks(length_m, gd_n0_m3, rng): heights (2, n); draw: a thing by name; shape(kind, size_m, length_m): heights (n,).

    All heights in m every STEP_M; a thing that left and right wheels meet differently has heights (2, n).
    """

    wheel_tracks: Callable[[float, float, np.random.Generator], Floats]
    draw: Mapping[str, Callable[[np.random.Generator], Drawn]]
    shape: Callable[[int, float, float], Floats]


ROAD_MODELS: Mapping[str, RoadModel] = {
    "iso8608": RoadModel(wheel_tracks, DRAW, shape),
    "laplace": RoadModel(laplace_tracks, WORN, worn_shape),
    "patched": RoadModel(patched_tracks, PATCHED, patched_shape),
}


def road_model(name: str) -> RoadModel:
    """The model of this name. Raises ValueError where there is none."""
    if name not in ROAD_MODELS:
        raise ValueError(f"no road model {name!r}; there are: {', '.join(ROAD_MODELS)}")
    return ROAD_MODELS[name]
