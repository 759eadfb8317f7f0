"""The jolts of one trip and the track it was driven on, as parallel arrays.

Only the shapes and their meaning; finding them is `detection.survey`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from detection.columns import Codes, Columns, Floats


@dataclass(frozen=True, eq=False)
class Jolts(Columns):
    """Vertical shocks found in one trip, in order of time; every column (n,).

    t_s: s from the start of the trip, where the front axle meets the thing. latitude_deg, longitude_deg: NaN
    where no fix was near. heading_deg: clockwise from north, NaN unknown. severity: dimensionless, 1 = just felt.
    peak_mps2: largest |vertical|, gravity removed. kind: code, index into `KINDS`. confidence: 0..1 that there is a thing
    on the road. score: detection statistic, envelope over the trip's own background. duration_s: of the shock.
    position_sigma_m: 1 σ along the road. weight: 0..1, how good the recording was there (rate, GPS, speed). pothole,
    speed_bump, joint, rough: probability of each kind, given that there is a thing; all 0 where the phone is too slow to tell.
    """

    t_s: Floats
    latitude_deg: Floats
    longitude_deg: Floats
    heading_deg: Floats
    speed_mps: Floats
    severity: Floats
    peak_mps2: Floats
    kind: Codes
    confidence: Floats
    score: Floats
    duration_s: Floats
    first_swing_mps2: Floats
    position_sigma_m: Floats
    weight: Floats
    pothole: Floats
    speed_bump: Floats
    joint: Floats
    rough: Floats

    @property
    def kind_probability(self) -> Floats:
        """Of each of `KINDS[1:]`, (n, 4)."""
        return np.stack([self.pothole, self.speed_bump, self.joint, self.rough], axis=1)

    def probable(self) -> Jolts:
        """Those more likely a thing on the road than chance; the weaker ones are evidence for defects only."""
        return self[self.confidence >= 0.5]


@dataclass(frozen=True, eq=False)
class Track(Columns):
    """Where one trip went, jolt or not, sampled about every 10 m while driving: the exposure. Columns (m,).

    t_s as in `Jolts`; WGS 84 degrees; heading_deg clockwise from north; speed_mps; roughness_mps2: RMS of the vertical band
    around the point; weight: 0..1, how surely a jolt here would have been noticed (0 = not observing).
    A step of more than twice the spacing in time or place means that the trip was not observed in between.
    """

    t_s: Floats
    latitude_deg: Floats
    longitude_deg: Floats
    heading_deg: Floats
    speed_mps: Floats
    roughness_mps2: Floats
    weight: Floats


@dataclass(frozen=True, eq=False)
class Survey:
    """What one trip tells about the road: its jolts and where it passed.

    started_at_s: seconds since 1970 UTC of t = 0, NaN where the recording has no clock. evidence: every peak, also those
    less likely a thing on the road than chance, which say something only together with other trips. notes: figures about the trip
    by name (driven_s, driven_m, rate_hz, handled_s and counts of what was left out, by reason).
    """

    trip_id: str
    device: str | None
    started_at_s: float
    evidence: Jolts
    track: Track
    notes: Mapping[str, float] = field(default_factory=dict)

    @property
    def owner(self) -> str:
        """The device, or for a trip without one a name of its own."""
        return self.device or f"trip {self.trip_id}"

    @cached_property
    def jolts(self) -> Jolts:
        """The probable ones: what is shown to people."""
        return self.evidence.probable()
