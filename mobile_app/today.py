"""How far and over how many jolts today, and on the trip under way: kept through restarts. Not exact to the metre."""

from __future__ import annotations

import time
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from mobile_app import durable


@dataclass(frozen=True)
class Today:
    """day: as the wall clock of the place says it. trip_id: whose km and jolts the trip's are, empty for none."""

    day: str = ""
    km: float = 0.0
    jolts: int = 0
    trip_id: str = ""
    trip_km: float = 0.0
    trip_jolts: int = 0

    def driven(self, km: float, jolts: int, now_s: float) -> Today:
        """More of the trip under way. Past midnight the day begins from 0, the trip goes on."""
        day = time.strftime("%Y-%m-%d", time.localtime(now_s))
        before = self if day == self.day else replace(self, day=day, km=0.0, jolts=0)
        return replace(
            before,
            km=before.km + km,
            jolts=before.jolts + jolts,
            trip_km=before.trip_km + km,
            trip_jolts=before.trip_jolts + jolts,
        )

    def on(self, trip_id: str) -> Today:
        """With this trip under way: from 0 unless it is the one before."""
        return self if trip_id == self.trip_id else replace(self, trip_id=trip_id, trip_km=0.0, trip_jolts=0)


def load_today(path: Path) -> Today:
    told = durable.read_json(path) or {}
    try:
        return Today(
            str(told["day"]),
            float(told["km"]),
            int(told["jolts"]),
            str(told["trip_id"]),
            float(told["trip_km"]),
            int(told["trip_jolts"]),
        )
    except (KeyError, TypeError, ValueError):
        return Today()


def save_today(path: Path, today: Today) -> None:
    """On the disk on return. Raises OSError."""
    durable.write_json(path, asdict(today))
