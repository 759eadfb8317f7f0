"""What seems mended is looked for among few defects only: none that the test itself would name is missed."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from detection import Defects
from detection.life import lives
from detection.passes import DefectPasses, chance_rates
from ingest.repairs import judge

DAY_S = 86_400.0


def defects(count: int) -> Defects:
    """So many potholes, 1 km from each other."""
    columns = {name: np.zeros(count) for name in Defects.empty().columns()}
    columns |= {"id": np.array([f"d{n}" for n in range(count)], object), "latitude": 47.0 + 0.01 * np.arange(count)}
    return Defects.from_columns(columns | {"heading": np.full(count, 90.0), "confidence": np.full(count, 0.9)})


@given(st.integers(0, 2**32), st.floats(0.3, 1.0), st.floats(0.0, 0.2))
@settings(max_examples=40, deadline=None)
def test_all_that_the_test_calls_seemingly_repaired_are_named(seed: int, felt: float, stray: float) -> None:
    rng = np.random.default_rng(seed)
    before, after = rng.integers(2, 25, 30), rng.integers(0, 25, 30)
    rows = []
    for number, (there, gone) in enumerate(zip(before.tolist(), after.tolist(), strict=True)):
        hit = np.r_[rng.random(there) < felt, rng.random(gone) < stray] * rng.uniform(0.3, 1.0, there + gone)
        device, time_s = rng.integers(0, 8, len(hit)), DAY_S * np.arange(len(hit))
        rows.append(np.c_[np.full(len(hit), number), time_s, device, np.arange(len(hit)), rng.uniform(0.3, 1.0, len(hit)), hit])
    defect, time_s, device, trip, weight, hit = np.concatenate(rows).T
    codes = (column.astype(np.int64) for column in (defect, device, trip))
    passes = DefectPasses(next(codes), time_s, *codes, weight, hit, np.where(hit > 0, 2.0, np.nan))
    known = defects(30)
    found = lives(passes, np.full(30, np.nan), chance_rates(known, []))
    expected = {name: found.life(row) for row, name in enumerate(known.id.tolist()) if found.life(row).state == "seems_repaired"}
    verdicts, seems = judge(known, passes, [], [])
    assert verdicts == []
    assert {name: (one["since"], one["silent_passes"]) for name, one in seems.items()} == {
        name: (life.since_s, life.silent_passes) for name, life in expected.items()
    }


def test_what_every_car_felt_and_none_feels_any_more_is_named() -> None:
    each, silent = 10, (0, 3, 12)
    hit = np.concatenate([np.r_[np.ones(each), np.zeros(gone)] for gone in silent])
    defect = np.repeat(np.arange(3), [each + gone for gone in silent])
    count = np.arange(len(hit))
    passes = DefectPasses(defect, DAY_S * count, count % 7, count, np.ones(len(hit)), hit, np.where(hit > 0, 2.0, np.nan))
    assert list(judge(defects(3), passes, [], [])[1]) == ["d2"]


def test_nothing_passed_seems_mended() -> None:
    nothing = DefectPasses(*(np.empty(0, np.int64), np.empty(0), *(np.empty(0, np.int64),) * 2, *(np.empty(0),) * 3))
    assert judge(defects(3), nothing, [], []) == ([], {})
