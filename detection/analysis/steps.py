"""How the confidence of one defect came about, pass by pass: what `find_defects` would have said after each of them.

Only asks the estimate again and again, so it holds for whatever model of confidence is behind it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from detection.calibration import uncalibrated
from detection.columns import Columns, Counts, Floats, Texts
from detection.defects import Defects
from detection.estimate import find_defects_in, joined
from detection.geo import on_globe
from detection.jolts import Survey
from detection.passes import passes_of
from detection.scoring import match_defects
from detection.settings import DefectSettings
from detection.tiles import tiles_within
from detection.weight import votes

DEFAULT = DefectSettings()
SAME_M = 15.0  # a place moves so far, at most, while passes come in: as `detection.scoring` takes two places for one


@dataclass(frozen=True, eq=False)
class Steps(Columns):
    """What is known of a place after each pass that could notice it, in order of time (trips without a clock last); columns (p,).

    trip, device: ids of the pass. time_s: s since 1970 UTC, NaN unknown. hit: 0..1, how surely it jolted there, 0 silent. weight:
    0..1, how surely it would have noticed. hits, passes: votes so far, a device's further passes counting less and less.
    confidence: probability of a defect by all trips until then, NaN before the first jolt: there is nothing yet to be sure of.
    bayes_factor: by how much this pass multiplied its odds, NaN where they were not known before.
    """

    trip: Texts
    device: Texts
    time_s: Floats
    hit: Floats
    weight: Floats
    hits: Floats
    passes: Floats
    confidence: Floats
    bayes_factor: Floats


def as_passes_come_in(defects: Defects, row: int, surveys: Sequence[Survey], settings: DefectSettings = DEFAULT) -> Steps:
    """The confidence of defect number `row` of `find_defects(surveys, settings)` after each of its passes.

    A trip counts with all of its passes at once. Raises ValueError where these surveys hold no such defect.
    """
    one, by_name = defects[row : row + 1], sorted(surveys, key=lambda survey: survey.trip_id)
    in_time = np.argsort(np.array([survey.started_at_s for survey in by_name], np.float64), kind="stable")
    made = passes_of(one, by_name, settings)
    turn = np.argsort(in_time)[made.trip]  # when in the order of time its trip began
    order = np.lexsort((made.time_s, turn))
    made, turn = made[order], turn[order]
    until = np.append(turn[:-1] + 1, len(by_name)) if len(turn) else turn  # the last one knows all that is known today
    known = {n: _confidence(one, [by_name[i] for i in in_time[:n]], settings) for n in np.unique(until).tolist()}
    confidence = np.array([known[n] for n in until.tolist()], np.float64)
    if not len(confidence) or np.isnan(confidence[-1]):
        raise ValueError("these surveys hold no such defect; give those it was found in")
    odds = confidence / np.maximum(1.0 - confidence, 1e-15)
    hits, all_passes = _votes(made.hit, made.weight, made.device, settings)
    return Steps(
        trip=np.array([by_name[code].trip_id for code in made.trip], object),
        device=np.array([by_name[code].owner for code in made.trip], object),
        time_s=made.time_s,
        hit=made.hit,
        weight=made.weight,
        hits=hits,
        passes=all_passes,
        confidence=confidence,
        bayes_factor=np.r_[np.nan, odds[1:] / np.maximum(odds[:-1], 1e-15)],
    )


def _confidence(one: Defects, surveys: Sequence[Survey], settings: DefectSettings) -> float:
    """What these trips say of the place, NaN where none of them jolted there; gains of cars do not enter."""
    tiles = tiles_within(on_globe(one.latitude, one.longitude), settings.drift_m + SAME_M)[1].tolist()
    found = joined(find_defects_in(tiles, surveys, uncalibrated(), replace(settings, min_confidence=0.0)).values())
    pairs = match_defects(_places(found), _places(one), SAME_M)[1]
    return float(found.confidence[pairs[0, 0]]) if len(pairs) else float("nan")


def _places(defects: Defects) -> tuple[Floats, Floats, Floats]:
    return defects.latitude, defects.longitude, defects.heading


def _votes(hit: Floats, weight: Floats, device: Counts, settings: DefectSettings) -> tuple[Floats, Floats]:
    """Votes of hits and of all passes after each of (p,): each device's sum so far, weighed by how often it came by."""
    owner = np.unique(device, return_inverse=True)[1]
    by_device = np.zeros((len(hit), len(np.unique(device))))
    felt, seen = by_device, by_device.copy()
    felt[np.arange(len(hit)), owner], seen[np.arange(len(hit)), owner] = hit, np.maximum(weight, hit)
    felt, seen = felt.cumsum(axis=0), seen.cumsum(axis=0)
    worth = votes(seen, settings.device_correlation)
    return (felt * worth).sum(axis=1), (seen * worth).sum(axis=1)
