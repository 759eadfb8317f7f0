"""What is measured of a peak: the same however loud the phone lies, missing where a sensor is missing."""

from dataclasses import replace

import numpy as np
import pytest

from detection.features import BANDS_HZ, FEATURES, features_of
from detection.settings import SurveySettings
from detection.simulator import Drive
from detection.stages import Stages, follow

SETTINGS = SurveySettings()


@pytest.fixture(scope="module")
def stages(town_drives: list[Drive]) -> Stages:
    for drive in town_drives:
        followed = follow(drive.trace)
        if drive.trace.gyroscope is not None and followed is not None and len(followed.peaks) > 5:
            return followed
    raise AssertionError("no drive with a gyroscope and peaks")


def column(table: np.ndarray, name: str) -> np.ndarray:
    return table[:, FEATURES.index(name)]


def test_every_peak_has_every_feature(stages: Stages) -> None:
    table = features_of(stages, SETTINGS.features)
    assert table.shape == (len(stages.peaks), len(FEATURES))
    assert np.isfinite(table).all()


def test_band_energies_are_those_of_a_slow_sum_over_frequencies(stages: Stages) -> None:
    rules, hz = SETTINGS.features, stages.grid.rate_hz
    table = features_of(stages, rules)
    reach, later = round(0.5 * rules.window_s * hz), stages.grid.samples(rules.later_s)
    for peak in range(3):
        centre = stages.peaks[peak] * stages.step + stages.step // 2
        expected = []
        for at in (centre, centre + later):
            window = stages.upright.vertical[at - reach : at + reach + 1]
            taper, n = np.hanning(len(window)), np.arange(len(window))
            energy = []
            for low, high in BANDS_HZ:
                total = 0.0
                for k in range(len(window) // 2 + 1):
                    if low <= k * hz / len(window) < high:
                        total += abs(np.sum(window * taper * np.exp(-2j * np.pi * k * n / len(window)))) ** 2
                energy.append(np.log(2.0 * total / (len(window) * np.sum(taper**2)) + 1e-6))
            expected.append(energy)
        assert np.allclose(table[peak, : len(BANDS_HZ)], np.max(expected, axis=0), atol=1e-6)


def test_a_louder_phone_moves_energies_and_leaves_what_is_relative(stages: Stages) -> None:
    loud = replace(
        stages,
        upright=replace(stages.upright, vertical=2.0 * stages.upright.vertical, horizontal=2.0 * stages.upright.horizontal),
        banded=2.0 * stages.banded,
    )
    once, twice = (features_of(s, SETTINGS.features) for s in (stages, loud))
    for name in ("3–8 Hz", "8–16 Hz", "horizontal"):
        assert np.allclose(column(twice, name) - column(once, name), np.log(4.0), atol=0.02)
        assert np.allclose(column(twice, f"{name} over 12 s"), column(once, f"{name} over 12 s"), atol=0.05)
    for name in ("peakedness", "duration", "axle pair"):
        assert np.allclose(column(twice, name), column(once, name), atol=1e-3)


def test_a_phone_without_a_gyroscope_has_no_turning(stages: Stages) -> None:
    table = features_of(replace(stages, gyroscope=None), SETTINGS.features)
    assert np.isnan(column(table, "turning, largest")).all()
    assert np.isfinite(column(table, "speed")).all()


def test_no_peaks_have_no_features(stages: Stages) -> None:
    assert features_of(replace(stages, peaks=stages.peaks[:0]), SETTINGS.features).shape == (0, len(FEATURES))
