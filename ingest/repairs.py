"""Whether repairs hold, and what seems to be mended though nobody said so: passes judged by `detection.life`.

Pure: arrays in, verdicts out. docs/life-of-a-defect.md says what the test promises.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt

from detection import Defects, Survey
from detection.life import Life, lives
from detection.passes import DefectPasses, chance_rates
from detection.sequential import LifeSettings
from ingest.store.marks import Repair, Verdict

RULES = LifeSettings()

Seems = dict[str, Any]  # since (s), silent_passes, silent_devices, hits


def judge(
    defects: Defects, passes: DefectPasses, surveys: Sequence[Survey], repairs: Sequence[Repair]
) -> tuple[list[Verdict], dict[str, Seems]]:
    """A verdict for each repair whose defect is among `defects` (all that compete for jolts there), passes being theirs; and, by
    its id, each of the others that seems mended.

    state of a verdict: `marked` (undecided), `holds` or `reopened`, with the counts since the mark.
    """
    repair_of = {repair.defect_id: repair for repair in repairs}
    marked_at_s = np.array([repair_of[name].repaired_at if name in repair_of else np.nan for name in defects.id.tolist()])
    rows = np.flatnonzero(np.isfinite(marked_at_s) | _fell_silent(passes, len(defects)))
    if not len(rows):
        return [], {}
    own = passes[np.isin(passes.defect, rows)]
    own = replace(own, defect=np.searchsorted(rows, own.defect))
    followed = lives(own, marked_at_s[rows], chance_rates(defects, surveys, of=rows))
    verdicts, seems = [], {}
    for which, name in enumerate(defects.id[rows].tolist()):
        life = followed.life(which)
        if name in repair_of:
            verdicts.append(_verdict(repair_of[name], life))
        elif life.state == "seems_repaired":
            seems[name] = {"since": life.since_s} | _counts(life)
    return verdicts, seems


def _fell_silent(passes: DefectPasses, count: int) -> npt.NDArray[np.bool_]:
    """Which (n,) may seem mended: Page's sum over whole passes, all devices alike, comes half the way to its bound. Cheap, and
    generous: the test itself counts a device's passes for less, and each for what it could notice."""
    hit = passes.hit >= RULES.silent_below
    first = np.searchsorted(passes.defect, np.arange(count))
    nth = np.arange(len(passes)) - first[passes.defect]
    hits, until = np.bincount(passes.defect[hit], minlength=count), np.zeros(count)
    np.maximum.at(until, passes.defect[hit], nth[hit] + 1.0)  # passes up to the last that was surely hit
    p = np.clip(hits / np.maximum(until, 1.0), 0.02, 0.95)[passes.defect]
    chance = (
        2.0 * RULES.least_chance
    )  # the likelier chance is, the less a hit takes from the sum: twice the least errs on that side
    step = np.where(hit, -np.log((chance + (1.0 - chance) * p) / chance), -np.log1p(-p))
    gone = np.r_[0.0, np.cumsum(step)]
    out = np.zeros(count, bool)
    known = np.flatnonzero(hits)
    if len(known):
        end = np.r_[first[1:], len(passes)][known]
        lowest = np.minimum.reduceat(gone, np.c_[first[known], end].ravel())[::2]
        out[known] = gone[end] - lowest >= 0.5 * (RULES.close_at + RULES.doubt)
    return out


def _verdict(repair: Repair, life: Life) -> Verdict:
    return Verdict(repair, life.state, **_counts(life), words=life.explain())


def _counts(life: Life) -> dict[str, int]:
    return {name: getattr(life, name) for name in ("silent_passes", "silent_devices", "hits")}
