"""The loaders of other people's recordings, where these are at hand; otherwise skipped with the reason."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from benchmarks.potholelab import Road, load_potholelab
from benchmarks.shocks import CLASSES, even_windows, load_shocks
from detection import survey


@pytest.fixture(scope="module")
def roads(shared_data: Path) -> list[Road]:
    return load_potholelab(shared_data / "potholelab")


def test_every_mark_of_potholelab_is_one_clip(roads: list[Road]) -> None:
    assert len(roads) == 30
    assert sum(len(road.marks) for road in roads) == 610
    for road in roads:
        first = np.searchsorted(road.clip, road.mark_clip) / 50.0
        last = (np.searchsorted(road.clip, road.mark_clip, side="right") - 1) / 50.0
        np.testing.assert_allclose(road.mark_start_s, first)
        np.testing.assert_allclose(road.mark_end_s, last)


def test_a_clip_is_the_same_recording_in_every_road_and_of_one_vehicle(roads: list[Road]) -> None:
    held: dict[str, tuple[bytes, str]] = {}
    for road in roads:
        for index, clip_id in enumerate(road.clip_id):
            mine = road.upright[road.clip == index].tobytes(), str(road.vehicle[index])
            assert held.setdefault(str(clip_id), mine) == mine
    assert len(held) == 239
    assert len({vehicle for _, vehicle in held.values()}) == 5


def test_a_spliced_road_is_surveyed_at_the_speed_of_its_clips(roads: list[Road]) -> None:
    found = survey(roads[0].trace())
    driven_m = roads[0].speed_mps.sum() / 50.0
    assert found.notes["driven_m"] == pytest.approx(driven_m, rel=0.1)
    assert len(found.jolts) > 0


def test_shocks_come_in_five_classes_of_sixty(shared_data: Path) -> None:
    vertical, label = load_shocks(shared_data / "shocks50hz")
    assert [(label == name).sum() for name in CLASSES] == [60] * 5
    assert all(5 < np.median(series) < 15 for series in vertical)


def test_even_windows_hold_the_peak_and_refuse_to_pad() -> None:
    short, long = np.full(70, 9.8), np.full(300, 9.8)
    short[3] = long[250] = 14.0
    rows = even_windows([short, long], 60)
    assert rows.shape == (2, 60)
    assert (rows.max(axis=1) == 14.0).all()
    with pytest.raises(ValueError, match="shortest crossing has 70"):
        even_windows([short, long], 71)


def test_a_folder_without_recordings_is_named(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="P\\*-E"):
        load_potholelab(tmp_path)
    with pytest.raises(FileNotFoundError, match="asphalt_bumps"):
        load_shocks(tmp_path)
