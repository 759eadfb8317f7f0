"""Defects: places on the road, in a direction of travel, where jolts recur across passes and devices.

Only the shape and its meaning; estimating them is `detection.estimate`.
"""

from __future__ import annotations

from dataclasses import dataclass

from detection.columns import Codes, Columns, Counts, Floats, Texts


@dataclass(frozen=True, eq=False)
class Defects(Columns):
    """Columns (n,), named as INTERFACE.md names the properties, plus position.

    id: text, stable for one hole. latitude, longitude: WGS 84 degrees. kind: code into `KINDS`. severity: dimensionless.
    confidence: posterior probability that it is really there. hits, passes: counts of passes with a jolt and of all
    passes that observed; devices: distinct devices among the passes. hit_rate: hits/passes. heading: deg, NaN both ways.
    radius: m, 1 σ of the position. first_seen, last_seen: seconds since 1970 UTC of a hit, NaN unknown. status: code into
    `STATUSES`. priority: higher first (`detection.priority`; fresh from the estimate a first guess without time and road).
    """

    id: Texts
    latitude: Floats
    longitude: Floats
    kind: Codes
    severity: Floats
    confidence: Floats
    hits: Counts
    passes: Counts
    devices: Counts
    hit_rate: Floats
    heading: Floats
    radius: Floats
    first_seen: Floats
    last_seen: Floats
    status: Codes
    priority: Floats
