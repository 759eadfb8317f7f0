"""The exposure of one trip: where it passed, at what speed, and how surely it would have noticed a jolt."""

from __future__ import annotations

import numpy as np

from detection.jolts import Track
from detection.settings import SurveySettings
from detection.stages import Stages
from detection.weight import observed_well


def drive_track(stages: Stages, settings: SurveySettings) -> Track:
    """Points about every `spacing_m` of driving, including stretches where the trip could not observe (weight 0)."""
    path = stages.path
    if path is None:
        return Track.empty()
    gone_m = np.cumsum(np.nan_to_num(stages.speed_mps)) / stages.decimated_hz
    first = np.flatnonzero(np.diff(np.floor(gone_m / settings.track.spacing_m), prepend=-1.0) > 0)
    latitude, longitude = path.place_at(stages.t_s[first])
    keep = np.isfinite(latitude) & np.isfinite(stages.speed_mps[first])
    at = first[keep]
    return Track(
        t_s=stages.t_s[at],
        latitude_deg=latitude[keep],
        longitude_deg=longitude[keep],
        heading_deg=path.heading_at(stages.t_s[at]),
        speed_mps=stages.speed_mps[at],
        roughness_mps2=stages.level[at],
        weight=np.where(stages.allowed[at], observed_well(stages.grid.rate_hz, stages.speed_mps[at]), 0.0),
    )
