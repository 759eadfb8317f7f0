"""How the confidence of one defect came about, pass by pass: the same sums as `detection.estimate`, after each of them.

Only repeats what `estimate` does for one candidate, so that it can be looked at; a test holds that both end at the same figure.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import logit

from detection.cluster import find_candidates
from detection.columns import Columns, Floats, Texts
from detection.defects import Defects
from detection.exposure import Passes, count_passes
from detection.geo import on_globe
from detection.jolts import Survey
from detection.posterior import chance_at, chance_of_trips, posterior, weigh
from detection.scene import Gathered, Ints, gather, scenes
from detection.settings import DefectSettings
from detection.tiles import tile_at, tiles_within

DEFAULT = DefectSettings()


@dataclass(frozen=True, eq=False)
class Steps(Columns):
    """What is known of a place after each pass that could notice it, in order of time (trips without a clock last); columns (p,).

    trip, device: ids of the pass. time_s: s since 1970 UTC, NaN unknown. hit: 0..1, how surely it jolted there, 0 silent. weight:
    0..1, how surely it would have noticed. hits, passes: votes so far, a device's further passes counting less and less.
    chance: how much of a hit a pass here brings where nothing is. prior: probability by the jolts alone. bayes_factor: how
    many times more probable all passes are at a defect than at chance jolts. confidence: what follows from both.
    prior, bayes_factor and confidence are NaN before the first jolt: there is nothing yet to be sure of.
    """

    trip: Texts
    device: Texts
    time_s: Floats
    hit: Floats
    weight: Floats
    hits: Floats
    passes: Floats
    chance: Floats
    prior: Floats
    bayes_factor: Floats
    confidence: Floats


def as_passes_come_in(defects: Defects, row: int, surveys: Sequence[Survey], settings: DefectSettings = DEFAULT) -> Steps:
    """Confidence of defect number `row` of `find_defects(surveys, settings)` after each of its passes.

    Raises ValueError where these surveys hold no such defect.
    """
    ordered = sorted(surveys, key=lambda survey: survey.trip_id)
    gathered = gather(ordered)
    passes, blind = _in_time(_passes_of_candidate(defects, row, gathered, settings), gathered)
    count = len(passes.jolt)
    so_far = _prefixes(passes)
    evidence = weigh(so_far, count, settings)
    chance = chance_at(so_far, chance_of_trips(gathered, settings), count, settings)
    confidence = posterior(evidence, chance, settings)
    prior = np.clip(evidence.confidence, *settings.prior_range)
    spoken = np.cumsum(passes.hit) > 0
    steps = Steps(
        trip=np.array([ordered[code].trip_id for code in passes.trip], object),
        device=gathered.device_names[passes.device],
        time_s=gathered.started_at_s[passes.trip] + passes.t_s,
        hit=passes.hit,
        weight=passes.weight,
        hits=evidence.hits,
        passes=evidence.passes,
        chance=chance,
        prior=np.where(spoken, prior, np.nan),
        bayes_factor=np.where(spoken, np.exp(logit(confidence) - logit(prior)), np.nan),
        confidence=np.where(spoken, confidence, np.nan),
    )
    return steps[blind:]


def _passes_of_candidate(defects: Defects, row: int, gathered: Gathered, settings: DefectSettings) -> Passes:
    """The passes that `estimate` counted for this defect: those of the candidate that has its hits and passes, nearest to it."""
    place = on_globe(defects.latitude[row : row + 1], defects.longitude[row : row + 1])
    heading = np.radians(np.nan_to_num(defects.heading[row]))
    best: tuple[float, Passes] | None = None
    for scene in scenes(gathered, settings, tiles_within(place, settings.drift_m + settings.hit_reach_m)[1].tolist()):
        confidence = gathered.jolts.confidence[scene.jolts.index]
        every = find_candidates(scene.jolts, np.maximum(confidence, 0.05), settings)
        mine = every.only(np.flatnonzero(tile_at(scene.jolts.globe_m[every.seed]) == scene.tile))
        passes = count_passes(scene, mine, gathered.jolts, gathered.track, settings)
        x, y = scene.plane.of_globe(place)
        gap_m = np.hypot(mine.x_m - x[0], mine.y_m - y[0])
        other_way = mine.east * np.sin(heading) + mine.north * np.cos(heading) < 0.5  # 60°
        gap_m[other_way & ~np.isnan(defects.heading[row])] = np.inf
        for which in np.flatnonzero(gap_m < settings.drift_m + settings.hit_reach_m):
            held = _only(passes, passes.candidate == which)
            if (held.jolt >= 0).sum() == defects.hits[row] and (best is None or gap_m[which] < best[0]):
                best = float(gap_m[which]), held
    if best is None:
        raise ValueError(f"no defect with {defects.hits[row]} hits there in these surveys; give those it was found in")
    return best[1]


def _in_time(passes: Passes, gathered: Gathered) -> tuple[Passes, int]:
    """In order of time, but those that could not have noticed anything first; and how many these are."""
    seeing = (passes.weight > 0) | (passes.jolt >= 0)
    time_s = gathered.started_at_s[passes.trip] + passes.t_s
    return _only(passes, np.lexsort((passes.trip, time_s, seeing))), int((~seeing).sum())


def _prefixes(passes: Passes) -> Passes:
    """The first pass as candidate 0, the first two as candidate 1, …: what was known after each. Quadratic in the passes of
    one place: a thousand are half a million rows."""
    count = len(passes.jolt)
    row: Ints = np.concatenate([np.arange(k + 1) for k in range(count)]) if count else np.empty(0, np.int64)
    held = _only(passes, row)
    candidate = np.repeat(np.arange(count), np.arange(1, count + 1))
    return Passes(candidate, held.device, held.trip, held.t_s, held.weight, held.hit, held.jolt)


def _only(passes: Passes, which: np.ndarray) -> Passes:
    columns = (passes.candidate, passes.device, passes.trip, passes.t_s, passes.weight, passes.hit, passes.jolt)
    return Passes(*(column[which] for column in columns))
