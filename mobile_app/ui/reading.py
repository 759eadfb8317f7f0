"""What Live tells of a status: speed, satellites, rate, the trip so far. Nothing of Kivy."""

from __future__ import annotations

from dataclasses import dataclass

from mobile_app.status import State, Status
from mobile_app.ui import words
from mobile_app.ui.seen import Seen
from mobile_app.ui.words import N_, _

FIX_OLD_S = 10.0  # after that the place is a memory
# up to so many metres of 1 sigma, how many bars of four, in words
_QUALITIES = ((5.0, 4, N_("very good")), (12.0, 3, N_("good")), (25.0, 2, N_("fair")), (50.0, 1, N_("poor")))
NOTHING = "–"


@dataclass(frozen=True)
class Reading:
    """bars: of satellites, 0 to 4. note: why the strip stands still, "" while it moves."""

    speed_kmh: str
    bars: int
    satellites: str
    rate: str
    km: str
    jolts: str
    lasted: str
    note: str


def reading(seen: Seen) -> Reading:
    status = seen.status
    if seen.recorder_gone:
        return Reading(NOTHING, 0, NOTHING, NOTHING, NOTHING, NOTHING, NOTHING, _("The recorder is not running."))
    bars, satellites = _satellites(status)
    began_s = status.trip_began_s
    on_trip = status.trip_id is not None or status.state in (State.RECORDING, State.FINISHING)
    return Reading(
        words.number(status.speed_mps * 3.6) if status.speed_mps is not None and bars else NOTHING,
        bars,
        satellites,
        f"{words.number(status.rate_hz)}\u00a0Hz" if status.rate_hz else NOTHING,
        words.distance(status.trip_km) if on_trip else NOTHING,
        words.number(status.trip_jolts) if on_trip else NOTHING,
        words.duration(seen.now_s - began_s) if on_trip and began_s is not None else NOTHING,
        _note(seen),
    )


def _satellites(status: Status) -> tuple[int, str]:
    if status.accuracy_m is None or (status.fix_age_s or 0.0) > FIX_OLD_S:
        return 0, _("none in sight")
    for most_m, bars, said in _QUALITIES:
        if status.accuracy_m <= most_m:
            return bars, f"{_(said)}, ±{words.number(status.accuracy_m)}\u00a0m"
    return 0, _("too far off, ±{count}\u00a0m").format(count=words.number(status.accuracy_m))


def _note(seen: Seen) -> str:
    if seen.choices.paused(seen.now_s):
        return _("Paused")
    if not seen.choices.agreed or seen.status.state is State.STOPPED:
        return _("Not recording")
    return _("It moves as soon as you drive.") if seen.status.state is State.IDLE else ""
