"""Defects beside what is really there."""

from __future__ import annotations

import numpy as np

from detection import Survey, find_defects
from detection.analysis import against_truth
from detection.scoring import match_defects
from detection.simulator import City


def test_each_defect_stands_beside_the_thing_it_was_matched_with(town: City, town_surveys: list[Survey]) -> None:
    found, truth = find_defects(town_surveys), town.defects.each_way()
    table = against_truth(found, truth)
    _, pairs, metres = match_defects(
        (found.latitude, found.longitude, found.heading), (truth.latitude, truth.longitude, truth.heading)
    )
    assert len(table) == len(found)
    assert table.real.sum() == len(pairs) > 5
    assert np.array_equal(table.distance_m[pairs[:, 0]], metres)
    assert table.true_id[pairs[:, 0]].tolist() == truth.id[pairs[:, 1]].tolist()
    assert table.true_size_m[~table.real].isna().all()


def test_no_defects_are_no_rows_with_all_columns(town: City, town_surveys: list[Survey]) -> None:
    found = find_defects(town_surveys)
    assert list(against_truth(found[:0], town.defects).columns) == list(against_truth(found, town.defects).columns)
