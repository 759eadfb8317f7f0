"""Whether the battery allows recording. How it is read is for whoever knows the phone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


class Battery(Protocol):
    """Asked about twice a minute; answers at once."""

    def read(self) -> tuple[float | None, bool | None]:
        """Charge from 0 to 1, and whether it is being charged; None: unknown."""


@dataclass(frozen=True)
class GivenBattery:
    """One that says what it was told: a desktop, which has none, or a test."""

    level: float | None = None
    charging: bool | None = None

    def read(self) -> tuple[float | None, bool | None]:
        return self.level, self.charging


@dataclass(frozen=True)
class PowerSettings:
    stop_below: float = 0.15  # a driver whose phone dies on the way never installs this again
    resume_at: float = 0.20  # or a phone at the limit would start and stop with each percent that it regains


class Power:
    """Asked with each reading; remembers that it said no. What is unknown forbids nothing."""

    def __init__(self, settings: PowerSettings | None = None) -> None:
        self._s, self._low = settings or PowerSettings(), False

    def allows(self, level: float | None, charging: bool | None) -> bool:
        if level is None or charging:
            self._low = False
        else:
            self._low = level < (self._s.resume_at if self._low else self._s.stop_below)
        return not self._low
