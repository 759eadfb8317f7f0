"""Which clock a sensor's driver stamps by, found out from when its samples arrive; pure, no Android in it.

The stamps should count from boot with sleep included (elapsedRealtime), as those of locations do. Some drivers count without
sleep (uptime) or since 1970, and some from anywhere. A sample arrives at most as late as its batch, so a stamp that lies in
the future or long in the past of one clock was not made by it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

Row = tuple[float, float, float, float]  # stamp in s, x, y, z


class Clocks(NamedTuple):
    """The phone's clocks at one instant, s: since boot with sleep and without, since 1970."""

    elapsed_s: float
    uptime_s: float
    wall_s: float


@dataclass(frozen=True)
class Patience:
    """How stamps are judged."""

    early_s: float = 0.2  # a stamp may lie so far ahead of its clock: the two are read one after the other
    late_s: float = 5.0  # beyond the batch: a busy phone hands over late
    same_s: float = 1.0  # clocks so close are one: mistaking one for the other misplaces a jolt by less than GPS does
    unknown_after: int = 20  # samples that fit no clock, before they are stamped by their arrival
    look_s: float = 0.5  # how often the clocks are read once all is known: sleep widens the gap between them


class TimeBase:
    """Hands samples on with stamps of elapsedRealtime; holds the first ones until it is known which clock made theirs."""

    def __init__(
        self,
        clocks: Callable[[], Clocks],
        take: Callable[[float, float, float, float], None],
        batch_s: float,
        patience: Patience | None = None,
    ) -> None:
        self._clocks, self._take, self._batch_s = clocks, take, batch_s
        self._patience = patience or Patience()
        self._clock: str | None = None  # that the stamps are made by: a field of Clocks, or "unknown"
        self._offset_s, self._look_again_s = 0.0, float("-inf")
        self._held: list[Row] = []
        self._first_s = 0.0  # when the first one arrived
        self._least_age_s = float("inf")

    def feed(self, stamp_s: float, x: float, y: float, z: float) -> None:
        """A sample as it arrives."""
        if self._look_again_s <= stamp_s or self._clock is None:
            self._look(stamp_s)
        if self._clock is None:
            self._held.append((stamp_s, x, y, z))
            return
        for row in self._held:
            self._take(row[0] + self._offset_s, *row[1:])
        self._held.clear()
        self._take(stamp_s + self._offset_s, x, y, z)

    @property
    def clock(self) -> str | None:
        """elapsed_s, uptime_s, wall_s, unknown; None as long as nobody can tell."""
        return self._clock

    def _look(self, stamp_s: float) -> None:
        now = self._clocks()
        if self._clock is None:
            self._clock = self._made_by(stamp_s, now)
        if self._clock is not None:
            self._look_again_s = stamp_s + self._patience.look_s
            self._offset_s = self._least_age_s if self._clock == "unknown" else now.elapsed_s - getattr(now, self._clock)

    def _made_by(self, stamp_s: float, now: Clocks) -> str | None:
        if not self._held:
            self._first_s = now.elapsed_s
        self._least_age_s = min(self._least_age_s, now.elapsed_s - stamp_s)
        latest_s = self._batch_s + self._patience.late_s
        possible = [name for name in Clocks._fields if -self._patience.early_s <= getattr(now, name) - stamp_s <= latest_s]
        if "elapsed_s" in possible and now.elapsed_s - now.uptime_s < self._patience.same_s:
            return "elapsed_s"  # the phone has hardly slept
        if len(possible) == 1:
            return possible[0]
        if possible:  # a stamp of elapsedRealtime would soon lie in the future of uptime
            waited_s = now.elapsed_s - self._first_s
            return "uptime_s" if "uptime_s" in possible and waited_s > self._batch_s + self._patience.look_s else None
        return "unknown" if len(self._held) >= self._patience.unknown_after else None
