"""Inertia: a map that is let go while moving glides on and comes to rest."""

from __future__ import annotations

import math
from collections import deque

RECENT_S = 0.08  # of the finger's last way tells how fast it was; a finger that rested first throws nothing
FRICTION_HZ = 4.5  # speed falls to a third in 0.24 s: as the lists on a phone do
SLOWEST_PX_S = 25.0  # below this nobody sees it glide
FASTEST_PX_S = 6000.0


class Finger:
    """Remembers where a finger was lately. Times in s on any one clock, places in px."""

    def __init__(self) -> None:
        self._seen: deque[tuple[float, float, float]] = deque(maxlen=32)

    def moved(self, t_s: float, px: float, py: float) -> None:
        self._seen.append((t_s, px, py))

    def speed(self, now_s: float) -> tuple[float, float]:
        """px/s east and north when it was let go."""
        recent = [one for one in self._seen if now_s - one[0] <= RECENT_S]
        if len(recent) < 2 or recent[-1][0] <= recent[0][0]:
            return 0.0, 0.0
        took_s = recent[-1][0] - recent[0][0]
        vx, vy = (recent[-1][1] - recent[0][1]) / took_s, (recent[-1][2] - recent[0][2]) / took_s
        share = min(1.0, FASTEST_PX_S / max(math.hypot(vx, vy), 1e-9))
        return vx * share, vy * share


def glided(vx: float, vy: float, took_s: float) -> tuple[float, float, float, float]:
    """How far it went in a time, and its speed after that; 0 once it rests. The way does not depend on the rate of frames."""
    left = math.exp(-FRICTION_HZ * took_s)
    way = (1.0 - left) / FRICTION_HZ
    rests = math.hypot(vx, vy) * left < SLOWEST_PX_S
    return vx * way, vy * way, 0.0 if rests else vx * left, 0.0 if rests else vy * left
