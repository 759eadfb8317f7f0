"""Kinds of defects from all their jolts."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from street_drives import drive

from detection import KINDS, Survey, find_defects
from detection.kinds import FIGURES, KindModel, fitted, kind_probabilities
from detection.order import grouped


def told(survey: Survey, shares: dict[str, float]) -> Survey:
    columns = {name: np.full(len(survey.evidence), shares.get(name, 0.02)) for name in KINDS[1:]}
    return replace(survey, evidence=replace(survey.evidence, **columns))


def kind_of(surveys: list[Survey]) -> str:
    return KINDS[int(find_defects(surveys).kind[0])]


@pytest.mark.parametrize("kind", ["pothole", "speed_bump", "joint", "rough"])
def test_what_all_jolts_say_is_believed(kind: str) -> None:
    both = [told(drive(f"t{k}", hits=[300.0], heading=90.0 + 180.0 * (k % 2)), {kind: 0.94}) for k in range(8)]
    one = [told(drive(f"t{k}", hits=[300.0]), {kind: 0.94}) for k in range(8)]
    assert kind_of(both if kind in ("speed_bump", "joint") else one) == kind


def test_one_dissenting_jolt_does_not_decide() -> None:
    holes = [told(drive(f"t{k}", device=f"d{k}", hits=[300.0]), {"pothole": 0.9}) for k in range(6)]
    assert kind_of([*holes, told(drive("x", hits=[300.0]), {"rough": 0.94})]) == "pothole"


def test_where_no_jolt_tells_the_kind_is_unknown() -> None:
    silent = [told(drive(f"t{k}", hits=[300.0]), dict.fromkeys(KINDS[1:], 0.0)) for k in range(4)]
    assert kind_of(silent) == "unknown"
    assert kind_of([*silent, told(drive("x", hits=[300.0]), {"pothole": 0.94})]) == "pothole"


def test_probabilities_are_a_softmax_of_the_figures() -> None:
    figures = np.random.default_rng(0).normal(0, 1, (9, len(FIGURES)))
    made = kind_probabilities(figures)
    assert made.sum(axis=1) == pytest.approx(np.ones(9))
    odds = [fitted().bias[k] + sum(w * f for w, f in zip(fitted().weights[k], figures[0], strict=True)) for k in range(4)]
    assert made[0] == pytest.approx(np.exp(odds) / np.exp(odds).sum())


def test_a_kind_model_survives_its_file(tmp_path: Path) -> None:
    fitted().save(tmp_path / "kinds.json")
    assert KindModel.load(tmp_path / "kinds.json") == fitted()


@pytest.mark.parametrize("groups", [7, 40_000])
def test_rows_are_grouped_as_by_two_sorts(groups: int) -> None:
    rng = np.random.default_rng(groups)
    group, within = rng.integers(0, groups, 3000), rng.integers(0, 50, 3000)
    assert grouped(group, within).tolist() == np.lexsort((within, group)).tolist()
    assert grouped(group[:0], within[:0]).tolist() == []
