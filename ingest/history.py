"""When each defect was passed and hit: counts a day, coarse enough to speak of nobody.

Pure: arrays in, rows out.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import numpy as np

from detection import Defects, Survey
from detection.passes import DefectPasses, passes_of
from detection.settings import DefectSettings

DAY_S = 86_400.0
DEFAULT = DefectSettings()


def count_days(defects: Defects, surveys: Sequence[Survey], k: int, settings: DefectSettings = DEFAULT) -> list[dict[str, Any]]:
    """Rows {defect_id, day (its beginning, s since 1970 UTC), passes, hits, devices} in order of day for each defect.

    A pass is one trip near the defect in its direction, a hit one with a jolt there. Days with fewer than k devices are
    counted with a later day, the last ones with the one before; a defect that fewer than k devices passed has no rows.
    Trips without a clock are left out.
    """
    return merged_days(defects, passes_of(defects, surveys, settings), k)


def merged_days(defects: Defects, passes: DefectPasses, k: int) -> list[dict[str, Any]]:
    """The same from the defects' passes."""
    seen: list[dict[float, list[tuple[int, bool]]]] = [defaultdict(list) for _ in range(len(defects))]
    clocked = passes[np.isfinite(passes.time_s)]
    days = clocked.time_s // DAY_S * DAY_S
    rows = zip(clocked.defect.tolist(), days.tolist(), clocked.device.tolist(), (clocked.hit > 0).tolist(), strict=True)
    for which, day, device, hit in rows:
        seen[which][day].append((device, hit))
    return [{"defect_id": name, **row} for name, held in zip(defects.id, seen, strict=True) for row in _merged(held, k)]


def _merged(days: dict[float, list[tuple[int, bool]]], k: int) -> list[dict[str, Any]]:
    """Days in order, each with at least k devices."""
    groups: list[tuple[float, list[tuple[int, bool]]]] = []
    pending: list[tuple[int, bool]] = []
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


def _devices(passes: list[tuple[int, bool]]) -> int:
    return len({device for device, _ in passes})
