"""The phone's preview: the server's filter to the last digit, the same whatever the batches, and near the server's result."""

from __future__ import annotations

import itertools
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from benchmarks.fit_preview import band_taps
from benchmarks.phone_preview import agreement, drives, previewed
from detection import statistic
from detection.settings import FixSettings, PoseSettings, SeveritySettings, StatisticSettings
from mobile_app.preview import Preview, stages
from mobile_app.preview.coefficients import BAND, CENTRE, SPREAD, WEIGHTS
from mobile_app.preview.settings import DEFAULT
from mobile_app.preview.window import FEATURES

REGENERATE = "run `python -m benchmarks.fit_preview` and look at what `python -m benchmarks.phone_preview` then prints"


@pytest.fixture(scope="module")
def traces():
    return list(itertools.islice(drives(5, 900), 5))


def test_it_agrees_with_the_server_on_most_jolts_of_drives_it_was_not_fitted_to(traces):
    found = agreement(iter(traces))
    assert found.server > 25
    assert found.f1 >= 0.85, f"{found}; the benchmark's 40 drives give 0.94"
    assert np.median(found.places_m) < 5.0
    assert np.quantile(np.abs(found.severities), 0.9) < np.log(1.5)


def test_the_filter_is_the_servers():
    assert pytest.approx(band_taps(), abs=1e-7) == BAND, REGENERATE
    noise = np.random.default_rng(1).normal(size=2000)
    mine, _ = stages.envelope(noise, DEFAULT)
    theirs = statistic.band(noise, 100.0, StatisticSettings())
    assert np.abs(mine - theirs)[100:-100].max() < 5e-3, "of a noise of 1: what the taps beyond 0.6 s would add"


def test_the_envelope_is_the_servers():
    noise = np.random.default_rng(2).normal(size=2000)
    banded, mine = stages.envelope(noise, DEFAULT)
    assert mine == pytest.approx(statistic.envelope(banded, DEFAULT.step, 100.0, StatisticSettings()), rel=1e-9)


def test_the_background_is_the_servers_running_median():
    dice = np.random.default_rng(3)
    level, speed = dice.uniform(0.1, 2.0, 600), dice.uniform(5, 20, 600)
    usable = np.ones(600, bool)
    mine = stages.background(level, speed, usable, DEFAULT)
    assert mine == pytest.approx(statistic.background(level, speed, usable, 20.0, StatisticSettings()), rel=1e-9)


def test_the_constants_are_the_servers():
    server = StatisticSettings()
    assert (DEFAULT.bell_s, DEFAULT.usual_s, DEFAULT.speed_exponent) == (
        server.envelope_s,
        server.background_s,
        server.background_speed_exponent,
    )
    assert (DEFAULT.floor_mps2, DEFAULT.threshold, DEFAULT.slowest_mps) == (
        server.floor_mps2,
        server.threshold,
        server.min_speed_mps,
    )
    assert (DEFAULT.apart_s, DEFAULT.apart_m) == (server.apart_s, server.apart_m)
    pose, felt = PoseSettings(), SeveritySettings()
    assert (DEFAULT.hand_deg, DEFAULT.lean_deg, DEFAULT.turn_radps) == (pose.tilt_deg, pose.lean_deg, pose.turn_rate_radps)
    assert (DEFAULT.felt_mps2, DEFAULT.reference_mps) == (felt.felt_mps2, felt.reference_mps)
    assert DEFAULT.severity_exponent == felt.speed_exponent
    assert (DEFAULT.lag_s, DEFAULT.gap_s) == (FixSettings().lag_prior_s, FixSettings().max_gap_s)
    assert len(FEATURES) == len(CENTRE) == len(SPREAD) == len(WEIGHTS), REGENERATE


@pytest.mark.parametrize("seed", [1, 2])
def test_how_samples_are_cut_into_calls_changes_nothing(traces, seed):
    trace, dice = traces[seed], np.random.default_rng(seed)
    whole = previewed(trace, Preview())
    preview, found, begin_s = Preview(), [], -1.0
    while begin_s < trace.duration_s:
        end_s = begin_s + float(dice.choice([0.01, 0.3, 2.0, 40.0]))
        found += preview.feed(*(rows_between(stream, begin_s, end_s) for stream in streams_of(trace)))
        begin_s = end_s
    assert len(whole) > 3
    assert found + preview.flush() == whole


def streams_of(trace):
    fixes, turning = trace.fixes, trace.gyroscope
    yield np.column_stack([trace.accelerometer.t_s, trace.accelerometer.xyz])
    yield np.column_stack([turning.t_s, turning.xyz]) if turning else np.empty((0, 4))
    yield np.column_stack([fixes.t_s, fixes.latitude_deg, fixes.longitude_deg, fixes.speed_mps])


def rows_between(rows, begin_s, end_s):
    return rows[(rows[:, 0] >= begin_s) & (rows[:, 0] < end_s)].T


def road(seconds: float, shocks_s=(), rate_hz: float = 100.0, speed_mps: float = 12.0, begin_s: float = 0.0):
    """Columns of a phone on its back in a car: a little shaking, and at each of the times a kick of the wheels."""
    dice = np.random.default_rng(4)
    t_s = begin_s + np.arange(int(seconds * rate_hz)) / rate_hz
    z = 9.81 + dice.normal(0, 0.3, len(t_s))
    for at_s in shocks_s:
        since_s = np.maximum(t_s - at_s, 0.0)
        z += 9.0 * np.exp(-since_s * 12) * np.sin(2 * np.pi * 11 * since_s)
    fix_s = begin_s + np.arange(0.0, seconds, 1.0)
    fixes = (fix_s, 48.1 + (fix_s - begin_s) * speed_mps / 111_195.0, np.full(len(fix_s), 11.5), np.full(len(fix_s), speed_mps))
    return (t_s, dice.normal(0, 0.1, len(t_s)), dice.normal(0, 0.1, len(t_s)), z), fixes


def jolts_of(motion, fixes, turning=()):
    preview = Preview()
    return preview.feed(motion, turning, fixes) + preview.flush()


@pytest.mark.parametrize("begin_s", [0.0, 1e6 + 0.123, -500.0])
def test_a_shock_is_found_where_and_when_it_was_on_any_clock(begin_s):
    found = jolts_of(*road(80.0, [begin_s + 40.0], begin_s=begin_s))
    assert [jolt.t_s for jolt in found] == [pytest.approx(begin_s + 40.0, abs=0.1)]
    assert (found[0].latitude - 48.1) * 111_195.0 == pytest.approx(12.0 * 40.3, abs=3)
    assert found[0].severity > 2


@pytest.mark.parametrize("rate_hz", [30.0, 50.0, 200.0, 400.0])
def test_phones_of_other_rates_see_it_too(rate_hz):
    assert len(jolts_of(*road(80.0, [40.0], rate_hz))) == 1


def test_turning_the_phone_changes_nothing_and_a_hand_is_no_road():
    motion, fixes = road(80.0, [40.0])
    turned = (motion[0], motion[3], motion[1], motion[2])
    assert len(jolts_of(turned, fixes)) == 1
    spin = np.where(np.abs(motion[0] - 40.0) < 1.0, 2.0, 0.0)
    assert jolts_of(motion, fixes, (motion[0], spin, np.zeros_like(spin), np.zeros_like(spin))) == []


@pytest.mark.parametrize("speed_mps", [0.0, 1.5])
def test_a_car_that_stands_or_creeps_has_no_jolts(speed_mps):
    assert jolts_of(*road(80.0, [40.0], speed_mps=speed_mps)) == []


def test_without_fixes_and_of_slow_phones_nothing_is_claimed():
    motion, fixes = road(80.0, [40.0])
    assert jolts_of(motion, ()) == []
    assert jolts_of(*road(80.0, [40.0], rate_hz=15.0)) == []
    assert jolts_of((), ()) == []
    assert jolts_of(tuple(column[:50] for column in motion), fixes) == []


def test_an_edge_of_a_pause_of_the_sensor_is_no_jolt():
    motion, fixes = road(80.0)
    kept = (motion[0] < 35.0) | (motion[0] > 45.0)
    motion = tuple(column[kept] for column in motion)
    lifted = (*motion[:3], motion[3] + np.where(motion[0] > 45.0, 3.0, 0.0))
    assert jolts_of(lifted, fixes) == []


def test_a_pause_of_an_hour_between_samples_costs_no_time():
    motion, fixes = road(60.0, [30.0])
    preview = Preview()
    found = preview.feed(motion, (), fixes)
    begun = time.process_time()
    later_motion, later_fixes = road(60.0, [36_030.0], begin_s=36_000.0)
    found += preview.feed(later_motion, (), later_fixes) + preview.flush()
    assert time.process_time() - begun < 2.0, "12 000 empty windows are not looked at"
    assert [round(jolt.t_s) for jolt in found] == [30, 36_030]


def test_samples_out_of_order_and_repeated_are_put_in_order():
    motion, fixes = road(80.0, [40.0])
    preview, found = Preview(), []
    for begin in range(0, len(motion[0]), 50):
        batch = np.stack([column[begin : begin + 60] for column in motion])  # ten of the next batch come twice
        found += preview.feed(np.random.default_rng(begin).permutation(batch, axis=1), (), fixes if begin == 0 else ())
    assert [round(jolt.t_s) for jolt in found + preview.flush()] == [40]


def test_memory_stays_constant_over_hours():
    preview = Preview()
    motion, fixes = road(600.0)
    sizes = []
    for hour in range(3):
        shifted = [(stream[0] + 600.0 * hour, *stream[1:]) for stream in (motion, fixes)]
        preview.feed(shifted[0], (), shifted[1])
        sizes.append(len(preview._motion) + len(preview._fixes))
    assert sizes[1] == sizes[2] < 4000


def test_numpy_is_all_it_needs():
    code = "import sys; sys.modules.update(scipy=None, pandas=None, detection=None, ingest=None); import mobile_app.preview"
    root = Path(stages.__file__).parents[2]
    subprocess.run([sys.executable, "-c", code], cwd=root, check=True)
