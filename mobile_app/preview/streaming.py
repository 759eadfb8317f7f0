"""Samples in as they come, jolts out some seconds later, in constant memory: windows of fixed times that overlap.

What is found does not depend on how the samples were cut into calls: each window is looked at as a whole, once, and gives the
jolts of its middle.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from mobile_app.diary import Jolt
from mobile_app.preview.judging import confidence_of
from mobile_app.preview.settings import DEFAULT, PreviewSettings
from mobile_app.preview.stages import Floats
from mobile_app.preview.window import Candidates, look
from mobile_app.privacy.cells import METRES_PER_DEGREE

STEP_S = 3.0  # of the middle of a window …
BEFORE_S = 14.0  # … and what is looked at before it: gravity and the street's own normal
AFTER_S = 7.0  # … and after it: so much later a jolt is told
MOST_KEPT = 40_000  # samples of one stream: a window at 1 kHz, whatever the stamps say

Columns = Sequence["Sequence[float] | Floats"]


class Preview:
    """Times in s on any clock, the same for all streams, increasing but for a few stragglers. judge: features to confidence."""

    def __init__(self, settings: PreviewSettings = DEFAULT, judge: Callable[[Floats], Floats] = confidence_of) -> None:
        self._settings, self._judge = settings, judge
        self._motion, self._turning, self._fixes = np.empty((0, 4)), np.empty((0, 4)), np.empty((0, 4))
        self._next: int | None = None  # number of the window whose middle comes next

    def feed(self, accelerometer: Columns, gyroscope: Columns = (), location: Columns = ()) -> list[Jolt]:
        """Columns of equal length, t first: m/s² in phone axes with gravity; rad/s; latitude, longitude, m/s (NaN unknown), rest
        ignored. Returns what is now known for certain, in order of time.
        """
        self._motion = _joined(self._motion, accelerometer, 4)
        self._turning = _joined(self._turning, gyroscope, 4)
        self._fixes = _joined(self._fixes, location, 4)
        return self._look(float(self._motion[-1, 0]) - AFTER_S if len(self._motion) else -np.inf)

    def flush(self) -> list[Jolt]:
        """What is left, nothing more will come."""
        return self._look(float(self._motion[-1, 0]) if len(self._motion) else -np.inf)

    def _look(self, until_s: float) -> list[Jolt]:
        found: list[Jolt] = []
        if not len(self._motion):
            return found
        if self._next is None:
            self._next = int(self._motion[0, 0] // STEP_S)
        while (self._next + 1) * STEP_S <= until_s or (until_s == self._motion[-1, 0] and self._next * STEP_S < until_s):
            found += self._window(self._next * STEP_S)
            self._next += 1
            after = np.searchsorted(self._motion[:, 0], self._next * STEP_S)
            if after == len(self._motion) or self._motion[after, 0] >= (self._next + 1) * STEP_S:  # nothing in the next one
                later = self._motion[after:, 0]
                self._next = int(later[0] // STEP_S) if len(later) else self._next
            self._motion, self._turning, self._fixes = map(self._kept, (self._motion, self._turning, self._fixes))
        return found

    def _kept(self, rows: Floats) -> Floats:
        assert self._next is not None
        return rows[np.searchsorted(rows[:, 0], self._next * STEP_S - BEFORE_S - 2.0) :][-MOST_KEPT:]

    def _window(self, begin_s: float) -> list[Jolt]:
        """The jolts of [begin_s, begin_s + STEP_S)."""
        settings = self._settings
        motion = _between(self._motion, begin_s - BEFORE_S, begin_s + STEP_S + AFTER_S)
        middle = _between(motion, begin_s, begin_s + STEP_S)
        fixes = _between(self._fixes, begin_s - BEFORE_S - 2.0, begin_s + STEP_S + AFTER_S + 2.0)
        if len(middle) < settings.least_hz * STEP_S / 3 or len(fixes) < 2 or _rate_hz(motion) < settings.least_hz:
            return []
        first, last = motion[0, 0], motion[-1, 0]
        count = int((last - first) * settings.rate_hz) // settings.step * settings.step
        if count < 3 * settings.rate_hz:
            return []
        base = round(np.ceil(first * settings.rate_hz))
        turning = _between(self._turning, first, last)
        speed = _speeds(fixes)
        seen = look(
            (motion[:, 0], motion[:, 1:]),
            (turning[:, 0], turning[:, 1:]),
            (fixes[:, 0], speed),
            (base + np.arange(count)) / settings.rate_hz,
            settings,
        )
        here = np.flatnonzero((seen.peak_s >= begin_s) & (seen.peak_s < begin_s + STEP_S))
        return self._placed(seen, here[self._judge(seen.features[here]) >= settings.sure], fixes)

    def _placed(self, seen: Candidates, which: np.ndarray, fixes: Floats) -> list[Jolt]:
        at_s = seen.t_s[which] + self._settings.lag_s
        latitude, longitude = (np.interp(at_s, fixes[:, 0], fixes[:, column]) for column in (1, 2))
        rows = zip(seen.t_s[which], latitude, longitude, seen.severity[which], strict=True)
        return [Jolt(round(float(t), 3), round(float(a), 6), round(float(b), 6), round(float(s), 2)) for t, a, b, s in rows]


def _joined(held: Floats, columns: Columns, width: int) -> Floats:
    """Held rows and new ones, in order of time, one for each stamp."""
    if not len(columns) or not len(columns[0]):
        return held
    new = np.stack([np.asarray(column, np.float64) for column in columns[:width]], axis=1)
    rows = np.concatenate([held, new])
    if np.any(np.diff(rows[max(len(held) - 1, 0) :, 0]) <= 0):
        _, first = np.unique(rows[:, 0], return_index=True)
        rows = rows[first]
    return rows


def _between(rows: Floats, begin_s: float, end_s: float) -> Floats:
    return rows[np.searchsorted(rows[:, 0], begin_s) : np.searchsorted(rows[:, 0], end_s)]


def _rate_hz(rows: Floats) -> float:
    return 1.0 / float(np.median(np.diff(rows[:, 0]))) if len(rows) > 2 else 0.0


def _speeds(fixes: Floats) -> Floats:
    """As the phone says, else from one fix to the next, m/s."""
    north = fixes[:, 1] * METRES_PER_DEGREE
    east = fixes[:, 2] * METRES_PER_DEGREE * np.cos(np.radians(fixes[0, 1]))
    moved = np.hypot(np.gradient(north, fixes[:, 0]), np.gradient(east, fixes[:, 0]))
    return np.where(np.isnan(fixes[:, 3]), moved, fixes[:, 3])
