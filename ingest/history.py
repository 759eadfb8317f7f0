"""When each defect was passed and hit: counts a day, coarse enough to speak of nobody.

Pure: arrays in, rows out.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.spatial import cKDTree

from detection import Defects, Jolts, Survey, Track
from detection.geo import turn_deg
from detection.settings import DefectSettings

DAY_S = 86_400.0
DEFAULT = DefectSettings()
EARTH_RADIUS_M = 6_371_000.0
Floats = npt.NDArray[np.float64]


def count_days(defects: Defects, surveys: Sequence[Survey], k: int, settings: DefectSettings = DEFAULT) -> list[dict[str, Any]]:
    """Rows {defect_id, day (its beginning, s since 1970 UTC), passes, hits, devices} in order of day for each defect.

    A pass is one trip near the defect in its direction, a hit one with a jolt there. Days with fewer than k devices are
    counted with a later day, the last ones with the one before; a defect that fewer than k devices passed has no rows.
    Trips without a clock are left out.
    """
    if not len(defects):
        return []
    seen: list[dict[float, list[tuple[str, bool]]]] = [defaultdict(list) for _ in range(len(defects))]
    tree = cKDTree(_on_globe(defects.latitude, defects.longitude))
    for survey in surveys:
        if np.isfinite(survey.started_at_s):
            for which, t_s, hit in _passes(defects, tree, survey, settings):
                day = (survey.started_at_s + t_s) // DAY_S * DAY_S
                seen[which][day].append((survey.device or survey.trip_id, hit))
    return [{"defect_id": name, **row} for name, days in zip(defects.id, seen, strict=True) for row in _merged(days, k)]


def _passes(defects: Defects, tree: cKDTree, survey: Survey, settings: DefectSettings) -> Iterator[tuple[int, float, bool]]:
    """Defect, time and whether it was hit, for each pass of one trip."""
    track, jolts = survey.track, survey.evidence
    noticing = track[track.weight > 0]
    passed = _near(tree, defects, noticing, settings.pass_reach_m, settings.max_turn_deg)
    hit = _near(tree, defects, jolts, settings.hit_reach_m, settings.max_turn_deg)
    which = np.r_[passed[0], hit[0]]
    if not len(which):
        return
    t_s = np.r_[noticing.t_s[passed[1]], jolts.t_s[hit[1]]]
    is_hit = np.r_[np.zeros(len(passed[0]), bool), np.ones(len(hit[0]), bool)]
    order = np.lexsort((t_s, which))
    which, t_s, is_hit = which[order], t_s[order], is_hit[order]
    begins = np.flatnonzero(np.r_[True, (np.diff(which) != 0) | (np.diff(t_s) > settings.pass_apart_s)])
    for first, last in zip(begins, np.r_[begins[1:], len(which)], strict=True):
        yield int(which[first]), float(t_s[first]), bool(is_hit[first:last].any())


def _near(
    tree: cKDTree, defects: Defects, rows: Track | Jolts, reach_m: float, max_turn_deg: float
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Pairs (defect, row) within reach and not against its direction."""
    placed = np.flatnonzero(np.isfinite(rows.latitude_deg))
    places = _on_globe(rows.latitude_deg[placed], rows.longitude_deg[placed])
    found: Any = tree.query_ball_point(places, reach_m) if len(placed) else []
    row = np.repeat(placed, [len(near) for near in found]).astype(np.int64)
    which = np.array([defect for near in found for defect in near], np.int64)
    against = np.abs(turn_deg(rows.heading_deg[row], defects.heading[which])) > max_turn_deg  # NaN is never against
    return which[~against], row[~against]


def _merged(days: dict[float, list[tuple[str, bool]]], k: int) -> list[dict[str, Any]]:
    """Days in order, each with at least k devices."""
    groups: list[tuple[float, list[tuple[str, bool]]]] = []
    pending: list[tuple[str, bool]] = []
    for day in sorted(days):
        pending = pending + days[day]
        if _devices(pending) >= k:
            groups.append((day, pending))
            pending = []
    if groups and pending:
        groups[-1] = (max(days), groups[-1][1] + pending)
    return [
        {"day": day, "passes": len(held), "hits": sum(hit for _, hit in held), "devices": _devices(held)} for day, held in groups
    ]


def _devices(passes: list[tuple[str, bool]]) -> int:
    return len({device for device, _ in passes})


def _on_globe(latitude: Floats, longitude: Floats) -> Floats:
    """(n, 3) m: straight distances over a few metres are true everywhere, date line and poles included."""
    lat, lon = np.radians(latitude), np.radians(longitude)
    return np.asarray(EARTH_RADIUS_M * np.c_[np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)])
