"""Reports made by hand: what can be reported, where, and what became of those that were made."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

from mobile_app.privacy.cells import METRES_PER_DEGREE
from mobile_app.reports import Report, State
from mobile_app.status import Status
from mobile_app.ui.map.content import Own
from mobile_app.ui.words import N_, _, number, when

Place = tuple[float, float]  # latitude, longitude

KINDS = {  # of `reports.KINDS`, those a person can tell apart while walking by
    "pothole": N_("Pothole"),
    "lamp": N_("Street lamp"),
    "sign_not_visible": N_("Sign not visible"),
    "graffiti": N_("Graffiti"),
    "unknown": N_("Something else"),
}
STATES = {
    State.WAITING: (N_("Waits to be sent"), "clock", "quiet"),
    State.SENT: (N_("With the city"), "check", "good"),
    State.REFUSED: (N_("The city did not take it: {why}"), "warning", "trouble"),
}
DRIVES_MPS = 2.5  # faster than anyone walks with a phone in the hand
COARSE_M = 50.0  # a place known no better is worth choosing on the map


@dataclass(frozen=True)
class Row:
    """One report that was made."""

    report_id: str
    kind: str
    title: str
    more: str
    state: str
    icon: str
    colour: str
    waits: bool


def rows(reports: Iterable[Report], now_s: float) -> list[Row]:
    return [_row(report, now_s) for report in reports]


def where(own: Own | None, chosen: Place | None) -> str:
    """Which place the report will have."""
    if chosen is None:
        if own is None:
            return _("Your place is not known. Choose it on the map.")
        if own.accuracy_m is None:
            return _("Where you are now")
        text = (
            _("Where you are now, to within {m}\u00a0m")
            if own.accuracy_m <= COARSE_M
            else _("Roughly where you are now ({m}\u00a0m): better choose on the map")
        )
        return text.format(m=number(own.accuracy_m))
    if own is None:
        return _("Chosen on the map")
    away_m = apart_m((own.latitude, own.longitude), chosen)
    return _("Chosen on the map, {m}\u00a0m from you").format(m=number(round(away_m, -1) if away_m > 100 else away_m))


def place(own: Own | None, chosen: Place | None) -> Place | None:
    """None where neither is known."""
    if chosen is not None:
        return chosen
    return None if own is None else (own.latitude, own.longitude)


def drives(status: Status, now_s: float) -> bool:
    """Whether the phone moves as a car does."""
    return not status.stale(now_s) and (status.speed_mps or 0.0) > DRIVES_MPS


def apart_m(one: Place, other: Place) -> float:
    """Between two places near each other."""
    turn = (other[1] - one[1] + 180.0) % 360.0 - 180.0
    east = turn * METRES_PER_DEGREE * math.cos(math.radians(one[0]))
    return math.hypot(east, (other[0] - one[0]) * METRES_PER_DEGREE)


def _row(report: Report, now_s: float) -> Row:
    words, icon, colour = STATES[report.state]
    made = when(report.made_at_s, now_s)
    kind = report.kind if report.kind in KINDS else "unknown"
    return Row(
        report.report_id,
        kind,
        _(KINDS[kind]),
        f"{made} · {report.note}" if report.note else made,
        _(words).format(why=report.why),
        icon,
        colour,
        report.state is State.WAITING,
    )
