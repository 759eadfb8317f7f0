"""The very listeners of the app, called by Java. The classes of Android are stubs, the JVM and pyjnius are real."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from benchmarks import sensor_events
from mobile_app.sensors import troubles


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    """What on_a_jvm.py found."""
    why = sensor_events.missing()
    if why:
        pytest.skip(why)
    classes = sensor_events.compile_java(tmp_path_factory.mktemp("classes"))
    return json.loads(sensor_events.run(classes, str(Path(__file__).with_name("on_a_jvm.py"))))


def test_twenty_thousand_samples_from_java_arrive_each_with_its_own_values_and_stamp(found):
    listening = found["listening"]
    assert listening["accelerometers"] == 20_000
    assert listening["gyroscopes"] == 10_000
    assert listening["gaps"] == 0
    assert listening["first"] == pytest.approx([listening["began_s"], 0.0, 0.5, 9.75], abs=1e-5)
    assert listening["last"] == pytest.approx([listening["began_s"] + 19_999 * 2e-4, 31.0, 31.5, 9.75], abs=1e-5)


def test_rate_batch_and_wake_lock_are_asked_for(found):
    listening = found["listening"]
    assert (listening["period_us"], listening["latency_us"], listening["locks"]) == (10_000, 5_000_000, 1)


def test_fixes_come_one_by_one_and_several_at_once_and_invented_ones_do_not(found):
    listening = found["listening"]
    began_s = listening["began_s"]
    assert listening["fixes"] == [
        [pytest.approx(began_s), 48.5, 2.25, 13.5, None, 4.5],
        [pytest.approx(began_s + 1), 48.625, 2.25, None, None, 4.5],
    ]
    assert listening["troubles"] == [["location", troubles.INVENTED], ["location", troubles.LOCATION_OFF]]


def test_the_clock_is_anchored_and_everything_else_comes_on_the_loopers_thread(found):
    [[elapsed_s, utc_s]] = found["listening"]["clocks"]
    assert elapsed_s == pytest.approx(1000, abs=100)
    assert utc_s > 1.7e9
    assert found["listening"]["threads"] == 2


def test_nothing_comes_after_stop_and_nothing_stays_registered(found):
    assert found["listening"]["after_stop"] == 0
    assert found["listening"]["left"] == [0, 0, 0]


def test_a_resting_phone_waits_for_motion_then_measures_for_a_while(found):
    assert found["resting"] == {"before": [1, 0], "during": [0, 1, 100_000, 1], "after": [0, 0, 0]}


def test_what_is_refused_or_missing_is_told_and_the_rest_goes_on(found):
    assert found["refused"]["troubles"] == [["gyroscope", troubles.MISSING], ["location", troubles.NO_PERMISSION]]
    assert found["refused"]["period_us"] == 5_000, "200 Hz need no permission"


def test_stamps_without_sleep_are_brought_to_the_clock_of_the_fixes(found):
    assert found["asleep"]["off_s"] == pytest.approx(0, abs=0.01)


def test_battery_and_network_are_told_as_far_as_the_phone_knows_them(found):
    assert found["telling"] == {
        "battery": [0.8, False],
        "abroad": "metered",
        "unknown": [None, True],
        "at_home": "unmetered",
        "nowhere": "none",
    }


def test_a_shake_and_a_tone_are_asked_for_in_each_androids_own_way(found):
    assert found["signs"] == {
        "shake": "300 ms at -1",
        "old_shake": "300 ms",
        "tone": "tone 24 for 250 ms",
        "generators": 1,
    }
