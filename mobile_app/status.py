"""What the recorder is doing now, in one small file that the screens read: a glance, not a log.

Replaced whole about once a second without waiting for the disk: after a power cut it is old, and says so by `at_s`.
"""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass, fields
from enum import StrEnum
from pathlib import Path

from mobile_app import durable

STALE_S = 10.0  # a status older than this was written by a recorder that is gone


class State(StrEnum):
    """Of the recorder."""

    IDLE = "idle"  # it rests: no sensor runs but what wakes it
    WATCHING = "watching"  # something moves; is it a drive?
    RECORDING = "recording"
    FINISHING = "finishing"  # the car stands; the trip ends soon unless it goes on
    STOPPED = "stopped"  # it may not or cannot record: `why` says the reason


class Why(StrEnum):
    """Why nothing is recorded. Each has its sentence and its way out on the screens."""

    NO_CONSENT = "no_consent"
    PAUSED = "paused"
    NO_PERMISSION = "no_permission"  # of location
    LOCATION_OFF = "location_off"
    BATTERY_LOW = "battery_low"
    STORAGE_FULL = "storage_full"
    NO_SENSOR = "no_sensor"  # the accelerometer is missing or has died


@dataclass(frozen=True)
class Status:
    """NaN-free; None: unknown. Times are seconds since 1970, UTC, of the wall clock."""

    at_s: float = 0.0
    state: State = State.IDLE
    why: Why | None = None
    trip_id: str | None = None
    trip_began_s: float | None = None
    trip_km: float = 0.0
    trip_jolts: int = 0
    today_km: float = 0.0  # of all trips of this day, this one too
    today_jolts: int = 0
    speed_mps: float | None = None
    accuracy_m: float | None = None  # of the last fix
    fix_age_s: float | None = None
    rate_hz: float | None = None  # of the accelerometer, as it is achieved
    latitude: float | None = None  # of the last fix, for the map and the alert; never leaves the phone by this file
    longitude: float | None = None
    heading: float | None = None
    battery: float | None = None  # 0 to 1
    charging: bool | None = None
    waiting_chunks: int = 0
    waiting_bytes: int = 0
    sending: bool = False
    unsent_why: str | None = None  # a sentence: why what waits is not being sent
    retry_at_s: float | None = None

    def stale(self, now_s: float) -> bool:
        """Whether its recorder seems to be gone. A clock that was set back makes nothing stale."""
        return now_s - self.at_s > STALE_S


def write_status(path: Path, status: Status) -> None:
    """Raises OSError where the disk is full; the one before stays."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}{durable.TEMPORARY}")
    handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)  # it holds a place
    with os.fdopen(handle, "w") as file:
        file.write(json.dumps(asdict(status)))
    os.replace(temporary, path)


def read_status(path: Path) -> Status:
    """The last that was written; the empty one where there is none."""
    told = durable.read_json(path) or {}
    known = {field.name: told[field.name] for field in fields(Status) if field.name in told}
    try:
        known["state"] = State(known.get("state", State.IDLE))
        known["why"] = Why(known["why"]) if known.get("why") else None
    except ValueError:  # a newer recorder
        return Status()
    return Status(**known)
