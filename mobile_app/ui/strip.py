"""The strip of Live: which samples are in sight, how the line, its ground and the jolts on it lie. Arrays, nothing of Kivy."""

from __future__ import annotations

from array import array
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mobile_app.ring import RATE_HZ

Floats = NDArray[np.float32]

SPAN_S = 12.0  # in sight: a jolt can be watched as it goes by, and its shape seen
BEHIND_S = 0.6  # what is shown lags behind what was written, for it is written in bursts and shall flow
LOST_S = 3.0  # further behind it jumps
JOLT_MPS2 = 3.5  # half of what a wheel in a small pothole does to a phone, twice of what asphalt does
APART_S = 0.6  # both axles over one hole are one mark
RANGES_MPS2 = (4.0, 6.0, 10.0, 16.0, 24.0, 40.0)  # half the height of the strip; the least that holds what is in sight


@dataclass
class Flow:
    """How many samples have been shown, as a number that grows evenly while the count of those written grows by leaps."""

    shown: float = 0.0

    def advance(self, count: int, elapsed_s: float) -> float:
        """One frame later, with `count` samples written by now."""
        goal = count - BEHIND_S * RATE_HZ
        ahead = goal - self.shown
        if not 0 <= count - self.shown <= LOST_S * RATE_HZ:
            self.shown = max(goal, 0.0)  # just begun, a new ring, or a stall
        else:  # as fast as time goes, a tenth faster or slower towards the goal
            self.shown += elapsed_s * RATE_HZ * min(max(1.0 + ahead / RATE_HZ, 0.0), 1.3)
        self.shown = min(self.shown, float(count))
        return self.shown


@dataclass(frozen=True)
class Strip:
    """x: 0 (left) to 1 (the newest). values: m/s². jolts: indices of their peaks."""

    x: Floats
    values: Floats
    jolts: NDArray[np.intp]


def in_sight(values: array[float], count: int, shown: float) -> Strip:
    """Of the ring's values, of which `count` were ever written, those of the last `SPAN_S` before `shown`."""
    every = np.frombuffer(values, dtype=np.float32) if len(values) else np.empty(0, np.float32)
    number = np.arange(count - len(every), count)
    begin = np.searchsorted(number, shown - SPAN_S * RATE_HZ - 1)
    end = np.searchsorted(number, shown, side="right")
    seen = every[begin:end]
    finite = np.where(np.isfinite(seen), seen, np.float32(0.0))
    x = 1.0 - (shown - number[begin:end]) / (SPAN_S * RATE_HZ)
    return Strip(x.astype(np.float32), finite, peaks(finite))


def peaks(values: Floats) -> NDArray[np.intp]:
    """Where the value is largest, upward or down, of each shock above `JOLT_MPS2`; those close together are one."""
    strong = np.flatnonzero(np.abs(values) >= JOLT_MPS2)
    if not len(strong):
        return strong
    groups = np.split(strong, np.flatnonzero(np.diff(strong) > APART_S * RATE_HZ) + 1)
    return np.array([group[np.argmax(np.abs(values[group]))] for group in groups], dtype=np.intp)


def range_of(values: Floats, before: float) -> float:
    """Half the height of the strip in m/s². It widens at once and narrows only when much smaller, so as not to flicker."""
    top = float(np.max(np.abs(values), initial=0.0))
    fits = next((one for one in RANGES_MPS2 if top <= one * 0.95), RANGES_MPS2[-1])
    return before if fits < before and top > before * 0.35 else fits


def ground_vertices(x: Floats, y: Floats, zero: float) -> Floats:
    """A triangle strip between the line and zero: rows of x, y, u, v; pixels."""
    rows = np.zeros((2 * len(x), 4), np.float32)
    rows[0::2, 0] = rows[1::2, 0] = x
    rows[0::2, 1], rows[1::2, 1] = y, zero
    return rows.ravel()


def line_vertices(x: Floats, y: Floats, width: float) -> Floats:
    """A triangle strip along the line, a pixel wider on each side than `width` for its soft edge; v runs across it."""
    rows = np.zeros((2 * len(x), 4), np.float32)
    if len(x) > 1:
        along_x, along_y = np.gradient(x), np.gradient(y)
        half = (width / 2 + 1.0) / np.maximum(np.hypot(along_x, along_y), 1e-6)
        rows[0::2, 0], rows[1::2, 0] = x - along_y * half, x + along_y * half
        rows[0::2, 1], rows[1::2, 1] = y + along_x * half, y - along_x * half
        rows[1::2, 3] = 1.0
    return rows.ravel()


def edge_alpha(width: float, count: int = 32) -> bytes:
    """How opaque the line is across, as `count` texels of RGBA: one pixel of slope at both edges."""
    across = np.abs((np.arange(count) + 0.5) / count - 0.5) * (width + 2.0)
    texels = np.full((count, 4), 255, np.uint8)
    texels[:, 3] = np.clip((width / 2 + 0.5) - across, 0.0, 1.0) * 255
    return texels.tobytes()
