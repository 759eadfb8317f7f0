"""Every pass of known defects in order of time: who went along each, when, and how hard it jolted.

The same passes as `detection.exposure` counts for candidates, but of defects that have already been found, with a clock.
What they say about a defect's life is `detection.life`'s.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.spatial import cKDTree

from detection.cluster import balls
from detection.columns import Columns, Counts, Floats
from detection.defects import Defects
from detection.exposure import join_passes
from detection.geo import on_globe, turn_deg
from detection.jolts import Jolts, Survey, Track
from detection.scene import Gathered, Ints, gather
from detection.settings import DefectSettings

DEFAULT = DefectSettings()
NEARBY_M = 200.0  # the same street, mostly the same surface: its chance jolts are what a healed place would show
CLEAR_M = 30.0  # twice the reach of a hit: further away a stray jolt of the defect itself is rare


@dataclass(frozen=True, eq=False)
class DefectPasses(Columns):
    """One row a pass (p,), in order of defect, then time, then trip.

    defect: row in the table of defects. time_s: s since 1970 UTC, NaN (last) where the trip has no clock. device, trip:
    codes. weight: 0..1, how surely a jolt would have been noticed. hit: 0..1, confidence of the best jolt there, 0 none.
    severity: of that jolt, NaN none.
    """

    defect: Counts
    time_s: Floats
    device: Counts
    trip: Counts
    weight: Floats
    hit: Floats
    severity: Floats


def passes_of(defects: Defects, surveys: Sequence[Survey], settings: DefectSettings = DEFAULT) -> DefectPasses:
    """Every pass that could notice each defect, hits included; a jolt counts for the nearest defect of its direction.

    Linear in the points and jolts near defects. Codes of devices and trips follow the sorted names, so the order of
    surveys does not matter.
    """
    gathered = gather(sorted(surveys, key=lambda survey: survey.trip_id))
    track, jolts = gathered.track, gathered.jolts
    passed, point, _ = _near(defects, track, settings.pass_reach_m, settings.max_turn_deg)
    hit, jolt = _nearest(*_near(defects, jolts, settings.hit_reach_m, settings.max_turn_deg))
    trip = np.r_[gathered.point_trip[point], gathered.jolt_trip[jolt]]
    made = join_passes(
        candidate=np.r_[passed, hit],
        device=gathered.device_of_trip[trip],
        trip=trip,
        t_s=np.r_[track.t_s[point], jolts.t_s[jolt]],
        weight=np.r_[track.weight[point], jolts.weight[jolt]],
        hit=np.r_[np.zeros(len(point)), jolts.confidence[jolt]],
        jolt=np.r_[np.full(len(point), -1), jolt],
        apart_s=settings.pass_apart_s,
    )
    felt = made.jolt >= 0
    severity = np.full(len(made.jolt), np.nan)
    severity[felt] = jolts.severity[made.jolt[felt]]
    time_s = gathered.started_at_s[made.trip] + made.t_s
    table = DefectPasses(made.candidate, time_s, made.device, made.trip, made.weight, made.hit, severity)
    order = np.lexsort((made.trip, time_s, made.candidate))
    return table[order[(felt | (made.weight > 0))[order]]]


def usual_speeds(defects: Defects, surveys: Sequence[Survey], settings: DefectSettings = DEFAULT) -> Floats:
    """How fast it is driven past each defect in its direction, m/s (n,): the median of all track points there, NaN none."""
    track = gather(sorted(surveys, key=lambda survey: survey.trip_id)).track
    which, point, _ = _near(defects, track, settings.pass_reach_m, settings.max_turn_deg)
    known = np.isfinite(track.speed_mps[point])
    which, speed = which[known], track.speed_mps[point[known]]
    order = np.lexsort((speed, which))
    count = np.bincount(which, minlength=len(defects))
    middle = np.cumsum(count) - count + count // 2
    out = np.full(len(defects), np.nan)
    out[count > 0] = speed[order][middle[count > 0]]
    return out


def chance_rates(
    defects: Defects, surveys: Sequence[Survey], settings: DefectSettings = DEFAULT, of: Ints | None = None
) -> Floats:
    """How much of a hit a pass of each defect's place would bring without the defect, (n,): what its street jolts by chance.

    of (k,): only of these rows of the table, (k,); most of the work is done for each.
    Jolts near no probable defect, over the stretches of a hit's reach driven near none, within `NEARBY_M` in the
    defect's direction; drawn towards the rate of all streets as far as the stretch was driven little.
    """
    gathered = gather(surveys)
    probable = defects[defects.confidence >= 0.5]
    windows, strays = (_clear(gathered, probable, rows, settings) for rows in (gathered.track, gathered.jolts))
    driven = gathered.track.weight[windows] * 10.0 / (2.0 * settings.hit_reach_m)  # a track point stands for 10 m
    stray = gathered.jolts.confidence[strays]
    overall = float(stray.sum()) / max(float(driven.sum()), 1.0)
    wanted = defects if of is None else defects[of]
    driven_near = _sum_near(wanted, gathered.track[windows], driven, settings)
    stray_near = _sum_near(wanted, gathered.jolts[strays], stray, settings)
    worth = settings.chance_concentration
    rate = (stray_near + worth * overall) / (driven_near + worth)
    return np.asarray(np.clip(rate, *settings.chance_range))


def _clear(gathered: Gathered, defects: Defects, rows: Track | Jolts, settings: DefectSettings) -> Ints:
    """Indices of placed rows that no defect can explain."""
    _, near, _ = _near(defects, rows, CLEAR_M, settings.max_turn_deg)
    clear = np.isfinite(rows.latitude_deg)
    clear[near] = False
    return np.flatnonzero(clear)


def _sum_near(defects: Defects, rows: Track | Jolts, values: Floats, settings: DefectSettings) -> Floats:
    which, row, _ = _near(defects, rows, NEARBY_M, settings.max_turn_deg)
    return np.asarray(np.bincount(which, values[row], len(defects)), np.float64)


def _near(defects: Defects, rows: Track | Jolts, reach_m: float, max_turn_deg: float) -> tuple[Ints, Ints, Floats]:
    """Pairs (defect, row) within reach and not against its direction, and how far apart they are in m."""
    placed = np.flatnonzero(np.isfinite(rows.latitude_deg))
    nothing = np.empty(0, np.int64)
    if not len(placed) or not len(defects):
        return nothing, nothing, np.empty(0)
    places, centres = (
        on_globe(rows.latitude_deg[placed], rows.longitude_deg[placed]),
        on_globe(defects.latitude, defects.longitude),
    )
    found = balls(cKDTree(places), centres, reach_m)
    which = np.repeat(np.arange(len(defects)), [len(near) for near in found])
    index = np.concatenate([np.asarray(near, np.int64) for near in found])
    gap = np.linalg.norm(places[index] - centres[which], axis=1)
    row = placed[index]
    fits = ~(np.abs(turn_deg(rows.heading_deg[row], defects.heading[which])) > max_turn_deg)  # NaN is never against
    return which[fits], row[fits], gap[fits]


def _nearest(defect: Ints, row: Ints, gap_m: Floats) -> tuple[Ints, Ints]:
    """Each row once, with the nearest of its defects."""
    order = np.lexsort((defect, gap_m, row))
    first = np.unique(row[order], return_index=True)[1]
    return defect[order][first], row[order][first]
