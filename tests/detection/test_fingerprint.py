"""A copy of a trace is found again, and two drives of one street are two drives."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from detection.fingerprint import DEFAULT, Marks, is_copy, marks_of, match, peaks_of, probes
from detection.simulator import Drive
from detection.trace import Samples


def copies(sensor: Samples) -> dict[str, Samples]:
    """The same drive as a cheat or another app would hand it in."""
    rng, t, xyz = np.random.default_rng(3), sensor.t_s, sensor.xyz
    even = np.arange(t[0], t[-1], 0.02)
    turned = xyz @ np.linalg.qr(rng.normal(size=(3, 3)))[0]
    jitter = np.sort(t + rng.uniform(-0.003, 0.003, len(t)))
    return {
        "shifted": Samples(t + 1234.5, xyz.copy()),
        "noisy": Samples(t.copy(), xyz + rng.normal(0.0, 0.1, xyz.shape)),
        "turned and jittered": Samples(jitter[np.r_[True, np.diff(jitter) > 0]], turned[np.r_[True, np.diff(jitter) > 0]]),
        "at 50 Hz": Samples(even, np.stack([np.interp(even, t, axis) for axis in xyz.T], axis=1)),
        "rounded": Samples(t.copy(), np.round(xyz, 1)),
    }


def naive_peaks_in_common(one: np.ndarray, other: np.ndarray) -> int:
    """The largest number of peaks of one that lie on peaks of the other, at any shift that lays one peak on another."""
    shifts = {float(b - a) for a, b in itertools.product(one, other)}
    return max(sum(min(abs(other - a - shift)) <= DEFAULT.same_peak_s for a in one) for shift in shifts)


def test_copies_are_found_however_they_were_changed(town_drives: list[Drive]):
    found: dict[str, list[bool]] = {}
    for drive in town_drives[:8]:
        of = peaks_of(drive.trace.accelerometer)
        if len(of) < 2 * DEFAULT.least_peaks:
            continue  # half a minute of shocks is asked for
        for name, copy in copies(drive.trace.accelerometer).items():
            found.setdefault(name, []).append(is_copy(match(peaks_of(copy), of)))
    assert all(len(hits) >= 3 for hits in found.values())
    assert {name: all(hits) for name, hits in found.items()} == dict.fromkeys(found, True)


def test_the_shift_of_a_copy_is_told(town_drives: list[Drive]):
    peaks = max((peaks_of(drive.trace.accelerometer) for drive in town_drives), key=len)
    found = match(peaks, peaks + 77.7)
    assert found.shift_s == pytest.approx(77.7)
    assert (found.peaks, found.of) == (len(peaks), len(peaks))


def test_drives_of_one_street_are_not_copies_of_each_other(town_drives: list[Drive]):
    peaks = [peaks_of(drive.trace.accelerometer) for drive in town_drives]
    assert not any(is_copy(match(one, other)) for one, other in itertools.combinations(peaks, 2))


def test_what_is_matched_at_the_shift_found_is_what_trying_every_shift_finds(town_drives: list[Drive]):
    peaks = max((peaks_of(drive.trace.accelerometer) for drive in town_drives), key=len)[:25]
    moved = peaks + 5.0 + np.random.default_rng(1).uniform(-0.01, 0.01, len(peaks))
    assert match(peaks, moved).peaks == naive_peaks_in_common(peaks, moved) == len(peaks)


def test_marks_stand_under_one_of_their_probes_when_each_time_is_a_step_off():
    marks = marks_of(np.array([0.0, 2.0, 5.0, 7.0]))
    for off in itertools.product((-1, 0, 1), repeat=3):
        near = marks_of(np.cumsum([0.0, *(np.array([2.0, 3.0, 2.0]) + np.array(off) * DEFAULT.step_s)]))
        assert near.mark[0] in probes(marks)


@pytest.mark.parametrize("samples", [Samples.empty(), Samples(np.arange(10.0), np.ones((10, 3)))])
def test_a_trace_without_shocks_has_no_marks_and_matches_nothing(samples: Samples):
    peaks = peaks_of(samples)
    assert len(peaks) == 0
    assert len(marks_of(peaks)) == 0
    assert not is_copy(match(peaks, peaks))
    assert len(probes(Marks.empty())) == 0
