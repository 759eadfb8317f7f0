"""Whatever clock a driver stamps by, samples come out on the clock of the fixes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mobile_app.sensors.android.timebase import Clocks, TimeBase

RATE_HZ = 100.0
TOLERANCE_S = {"elapsed_s": 1.0, "uptime_s": 1.0, "wall_s": 1e-3, "unknown": 0.1}


class Phone:
    """Measures at RATE_HZ and hands over a batch once its oldest sample is batch_s old, a little late."""

    def __init__(self, clock: str, asleep_s: float, batch_s: float, off_s: float = 0.0) -> None:
        self.elapsed_s, self.asleep_s, self.clock, self.off_s, self.batch_s = 100_000.0, asleep_s, clock, off_s, batch_s
        self.came: list[tuple[float, float]] = []  # stamp and, as x, when it truly was
        self.base = TimeBase(self.clocks, lambda t, x, _y, _z: self.came.append((t, x)), batch_s)

    def clocks(self) -> Clocks:
        return Clocks(self.elapsed_s, self.elapsed_s - self.asleep_s, self.elapsed_s + 1.7e9)

    def runs(self, seconds: float, delay_s: float) -> None:
        count = max(1, round(self.batch_s * RATE_HZ))
        for _ in range(max(2, round(seconds * RATE_HZ / count))):
            began_s = self.elapsed_s
            self.elapsed_s += count / RATE_HZ
            for i in range(count):
                true_s = began_s + i / RATE_HZ
                shift_s = getattr(self.clocks(), self.clock) - self.elapsed_s if self.clock != "unknown" else self.off_s
                self.elapsed_s += delay_s / count
                self.base.feed(true_s + shift_s, true_s, 0.0, 0.0)


@given(
    clock=st.sampled_from(["elapsed_s", "uptime_s", "wall_s"]),
    asleep_s=st.sampled_from([0.0, 0.5, 3.0, 12.0, 80_000.0]),
    batch_s=st.sampled_from([0.0, 1.0, 10.0]),
    delay_s=st.floats(0.0, 0.15),
)
def test_each_sample_is_stamped_when_it_was_whatever_the_drivers_clock(clock, asleep_s, batch_s, delay_s):
    phone = Phone(clock, asleep_s, batch_s)
    phone.runs(40.0, delay_s)
    assert len(phone.came) > 1000, "none is held for ever"
    worst_s = max(abs(t - true_s) for t, true_s in phone.came)
    assert worst_s <= TOLERANCE_S[clock], phone.base.clock
    trues = [true_s for _, true_s in phone.came]
    assert trues == sorted(trues)
    assert trues[0] == 100_000.0, "those held are handed over, too"


def test_a_driver_that_counts_from_anywhere_is_stamped_by_arrival():
    phone = Phone("unknown", 0.0, 0.0, off_s=-77_777.0)
    phone.runs(10.0, 0.0)
    assert phone.base.clock == "unknown"
    assert max(abs(t - true_s) for t, true_s in phone.came) <= TOLERANCE_S["unknown"]


def test_sleep_in_between_moves_the_stamps_of_uptime_with_it():
    phone = Phone("uptime_s", 600.0, 0.0)
    phone.runs(5.0, 0.0)
    assert phone.base.clock == "uptime_s"
    phone.elapsed_s += 3_600.0
    phone.asleep_s += 3_600.0
    phone.came.clear()
    phone.runs(5.0, 0.0)
    later = [t - true_s for t, true_s in phone.came if true_s > phone.came[0][1] + 0.6]
    assert later == pytest.approx([0.0] * len(later), abs=1e-6)
