"""Where to go first, as a product of terms that can be shown: what it is, who hits it, how often, does it grow, on which road.

Two views of the same defects. *priority* weighs what was seen: passes and devices that were there. *equity* asks what
the street suffers, whoever takes part: the hit rate and the traffic that a street of such speeds usually carries. Pure: no
clock, so an estimate made later from the same passes says the same. docs/priority.md has the formula and an example.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from detection.columns import Columns, Counts, Floats
from detection.defects import Defects
from detection.jolts import Survey
from detection.passes import DefectPasses, passes_of, usual_speeds
from detection.trend import trends

DAY_S = 86_400.0
DIGITS = 9  # further ones depend on the order in which trips were summed


@dataclass(frozen=True)
class PrioritySettings:
    """What turns figures into terms; each is 1 for an ordinary street about which nothing particular is known."""

    least_days: float = 30.0  # three passes on one afternoon are not three a day
    month_days: float = 30.0  # exposure counts passes a month: a participant in a small city passes a few times
    silent_below: float = 0.5  # a weaker hit says nothing of growth (as `detection.sequential.LifeSettings`)
    most_growth: float = 2.0  # a hole that surely doubles a year is worth two; faster growth is seldom known so surely
    usual_speed_mps: float = 50 / 3.6  # a street in a town: road class 1
    speed_power: float = 0.5  # damage and danger grow with speed; severity is speed-independent by its definition
    road_range: tuple[float, float] = (0.7, 1.5)  # a yard at 24 km/h, a fast road from 113 km/h on
    # how often it is something to mend, of KINDS: a hump is built to be felt, and one in ten is a hole that was misread; a joint
    # or casting may be loose or sunk
    mend: tuple[float, ...] = (1.0, 1.0, 0.2, 0.5, 1.0)
    usual_traffic: float = 3000.0  # vehicles a day of such a street (order of magnitude of urban counts)
    traffic_power: float = 2.0  # 1000 a day at 30 km/h, 7700 at 80: a ranking needs no more


DEFAULT = PrioritySettings()
ROAD_CLASSES = ((8.0, "yard"), (11.5, "side_street"), (16.5, "street"), (22.0, "main_road"), (np.inf, "fast_road"))  # below m/s


@dataclass(frozen=True, eq=False)
class Terms(Columns):
    """What each defect's priority is made of, columns (n,) in the order of the defects.

    confidence, severity, hit_rate, devices: the defect's own. days: from first to last pass, at least `least_days`.
    passes_per_day: of those who took part. growth_per_year, growth_low: of log severity, NaN unknown. speed: m/s, the usual
    one there, NaN unknown. traffic: vehicles a day expected of such a road. mend, exposure, growth, road_class: factors.
    priority = confidence · mend · severity · exposure · growth · road_class,
    equity = mend · severity · hit_rate · traffic_share · road_class.
    """

    confidence: Floats
    mend: Floats
    severity: Floats
    hit_rate: Floats
    devices: Counts
    days: Floats
    passes_per_day: Floats
    growth_per_year: Floats
    growth_low: Floats
    speed: Floats
    traffic: Floats
    exposure: Floats
    growth: Floats
    road_class: Floats
    traffic_share: Floats
    priority: Floats
    equity: Floats


def prioritised(defects: Defects, surveys: Sequence[Survey], settings: PrioritySettings = DEFAULT) -> Defects:
    """The same defects with the priority that their passes give them."""
    made = terms_of(defects, passes_of(defects, surveys), usual_speeds(defects, surveys), settings)
    return replace(defects, priority=made.priority)


def terms_of(defects: Defects, passes: DefectPasses, speed_mps: Floats, settings: PrioritySettings = DEFAULT) -> Terms:
    """The terms of n defects from all their passes; speed_mps (n,): the usual speed there, NaN unknown."""
    count = len(defects)
    days = _days(passes, count, settings)
    per_day = defects.passes / days
    slope, low = _growth(passes, count, settings)
    mend = np.array(settings.mend)[defects.kind]
    return combined(
        defects.confidence,
        defects.severity,
        defects.hit_rate,
        defects.devices,
        days,
        per_day,
        slope,
        low,
        speed_mps,
        mend,
        settings,
    )


def combined(
    confidence: Floats,
    severity: Floats,
    hit_rate: Floats,
    devices: Counts,
    days: Floats,
    passes_per_day: Floats,
    growth_per_year: Floats,
    growth_low: Floats,
    speed_mps: Floats,
    mend: Floats,
    settings: PrioritySettings = DEFAULT,
) -> Terms:
    """The terms (n,) from their figures; priority never falls when one of them rises."""
    monthly = np.log1p(settings.month_days * passes_per_day)
    exposure = hit_rate * np.sqrt(monthly * np.log1p(devices))  # many people count for more than one who comes often
    growth = np.clip(np.exp(np.nan_to_num(growth_low, nan=0.0)), 1.0, settings.most_growth)
    relative = np.nan_to_num(speed_mps, nan=settings.usual_speed_mps) / settings.usual_speed_mps
    road = np.clip(relative**settings.speed_power, *settings.road_range)
    traffic = settings.usual_traffic * relative**settings.traffic_power
    share = np.log1p(traffic) / np.log1p(settings.usual_traffic)
    return Terms(
        confidence=confidence,
        mend=mend,
        severity=severity,
        hit_rate=hit_rate,
        devices=devices,
        days=days,
        passes_per_day=passes_per_day,
        growth_per_year=growth_per_year,
        growth_low=growth_low,
        speed=speed_mps,
        traffic=traffic,
        exposure=exposure,
        growth=growth,
        road_class=road,
        traffic_share=share,
        priority=_rounded(confidence * mend * severity * exposure * growth * road),
        equity=_rounded(mend * severity * hit_rate * share * road),
    )


def class_of(speed_mps: float) -> str | None:
    """The word for a road of such a usual speed; None unknown."""
    return next((word for below, word in ROAD_CLASSES if speed_mps < below), None)


def _days(passes: DefectPasses, count: int, settings: PrioritySettings) -> Floats:
    """Over how many days the passes of each defect are spread."""
    clocked = passes[np.isfinite(passes.time_s)]
    first, last = np.full(count, np.inf), np.full(count, -np.inf)
    np.minimum.at(first, clocked.defect, clocked.time_s)
    np.maximum.at(last, clocked.defect, clocked.time_s)
    return np.maximum(np.where(last >= first, last - first, 0.0) / DAY_S, settings.least_days)


def _growth(passes: DefectPasses, count: int, settings: PrioritySettings) -> tuple[Floats, Floats]:
    """Growth of log severity a year, and the low end of its 90 % interval; NaN unknown."""
    hits = passes[np.isfinite(passes.time_s) & (passes.hit >= settings.silent_below)]
    made = trends(hits.defect, hits.device, hits.time_s, np.maximum(hits.severity, 1e-3), hits.hit, count)
    return _rounded(made.growth), _rounded(made.growth_low)


def _rounded(values: Floats) -> Floats:
    return np.asarray(np.round(values, DIGITS))
