"""Whether repairs hold: the passes since each `repaired` mark, judged by `detection.life`.

Pure: arrays in, verdicts out. docs/life-of-a-defect.md says what the test promises.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from detection import Defects, Survey
from detection.life import Life, lives
from detection.passes import DefectPasses, chance_rates
from ingest.store.marks import Repair, Verdict


def judge(defects: Defects, passes: DefectPasses, surveys: Sequence[Survey], repairs: Sequence[Repair]) -> list[Verdict]:
    """A verdict for each repair whose defect is among `defects` (all that compete for jolts there), passes being theirs.

    state: `marked` (undecided), `holds` or `reopened`, with the counts since the mark.
    """
    row_of = {name: row for row, name in enumerate(defects.id.tolist())}
    known = sorted((repair for repair in repairs if repair.defect_id in row_of), key=lambda repair: row_of[repair.defect_id])
    if not known:
        return []
    rows = np.array([row_of[repair.defect_id] for repair in known])
    own = passes[np.isin(passes.defect, rows)]
    own = replace(own, defect=np.searchsorted(rows, own.defect))
    marked_at_s = np.array([repair.repaired_at for repair in known])
    followed = lives(own, marked_at_s, chance_rates(defects, surveys)[rows])
    return [_verdict(repair, followed.life(row)) for row, repair in enumerate(known)]


def _verdict(repair: Repair, life: Life) -> Verdict:
    return Verdict(repair, life.state, life.silent_passes, life.silent_devices, life.hits, life.explain())
