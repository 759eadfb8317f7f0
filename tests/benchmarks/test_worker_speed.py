"""The measurement of the worker's speed, small: it measures what it says."""

from __future__ import annotations

from pathlib import Path

from benchmarks.worker_speed import ONLY_TRIPS, Figures, drives, measure
from ingest.settings import Settings


def test_every_trip_is_worked_off_and_counted(tmp_path: Path) -> None:
    figures = measure(Settings(tmp_path / "data", work=ONLY_TRIPS), drives(120.0, 3))
    assert 230 / 3600 < figures.driven_h < 250 / 3600
    assert figures.jolts > 0
    assert figures.cpu_s > 0


def test_the_rate_is_driving_by_processor_time() -> None:
    line = Figures(driven_h=2.0, cpu_s=1.0, wall_s=2.0, peak_mb=100.0, jolts=3).line("here")
    assert "7200 h of driving per hour of a core (  3600 by the clock)" in line
