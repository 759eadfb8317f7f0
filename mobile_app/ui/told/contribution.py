"""What one's drives were good for: the server's figures as they were last fetched, and one's own weeks from the diary."""

from __future__ import annotations

import math
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from mobile_app.diary import Entry
from mobile_app.ui.words import _, distance, n_, number

WEEKS = 8
MOST_DOTS = 24  # more are told by their number
DAY_S = 86_400.0


@dataclass(frozen=True)
class Contribution:
    """The answer of `GET /v1/me`. first_km: of streets nobody's phone had covered before; None where the server tells no such."""

    km: float
    trips: int
    jolts: int
    defects: int
    repairs: int
    first_km: float | None = None


@dataclass(frozen=True)
class Week:
    """began_s: its Monday, 0:00 where the phone is. km: driven; sent_km: of these, not withheld."""

    began_s: float
    km: float = 0.0
    sent_km: float = 0.0


@dataclass(frozen=True)
class Figure:
    value: str
    words: str
    icon: str


def read(fields: Mapping[str, Any] | None) -> Contribution | None:
    """None where nothing was fetched yet or it is damaged."""
    if fields is None:
        return None
    try:
        trips, jolts, defects, repairs = (int(fields[name]) for name in ("trips", "jolts", "defects", "repairs"))
        first = fields.get("first_km")
        told = Contribution(float(fields["km"]), trips, jolts, defects, repairs, None if first is None else float(first))
    except (KeyError, TypeError, ValueError, OverflowError):
        return None
    return told if math.isfinite(told.km) and math.isfinite(told.first_km or 0.0) else None


def weeks(entries: Iterable[Entry], now_s: float, count: int = WEEKS) -> tuple[Week, ...]:
    """The last weeks, oldest first, this one last; those without a drive too."""
    starts = [_monday_s(now_s)]
    while len(starts) < count:
        starts.append(_monday_s(starts[-1] - DAY_S))
    driven = {start: [0.0, 0.0] for start in starts}
    for entry in entries:
        of = driven.get(_monday_s(entry.began_s))
        if of is not None:
            of[0] += entry.km
            of[1] += min(entry.sent_km, entry.km)
    return tuple(Week(start, *driven[start]) for start in reversed(starts))


def figures(told: Contribution) -> tuple[Figure, ...]:
    """What is shown large."""
    found = [
        Figure(
            _("{n}\u00a0km").format(n=distance(told.km)),
            n_("on {n} trip", "on {n} trips", told.trips).format(n=number(told.trips)),
            "road",
        ),
        Figure(number(told.jolts), n_("jolt felt", "jolts felt", told.jolts), "jolt"),
    ]
    if told.first_km:
        found.insert(
            1,
            Figure(_("{n}\u00a0km").format(n=distance(told.first_km)), _("that nobody had driven for the city before"), "place"),
        )
    return tuple(found)


def confirmed(told: Contribution) -> str:
    """The sentence about defects and repairs. Nothing yet is no failure: it takes several cars to confirm a defect."""
    if told.defects == 0:
        return (
            _("A defect counts as confirmed once several cars have felt it. Yours are waiting for company.")
            if told.jolts
            else _("Smooth roads so far: that is worth knowing, too.")
        )
    found = n_("You helped to confirm {n} defect.", "You helped to confirm {n} defects.", told.defects).format(
        n=number(told.defects)
    )
    if told.repairs == 0:
        return found + " " + _("Repairs show here as soon as they are done.")
    mended = n_("{n} of them has been repaired since.", "{n} of them have been repaired since.", told.repairs)
    return found + " " + mended.format(n=number(told.repairs))


def dots(told: Contribution) -> tuple[int, int]:
    """How many dots to draw filled (repaired) and hollow (confirmed, not yet repaired)."""
    share = min(1.0, MOST_DOTS / max(told.defects, 1))
    repaired = min(told.repairs, told.defects)
    filled = max(math.floor(repaired * share), min(repaired, 1))
    return filled, min(told.defects, MOST_DOTS) - filled


def below_bars(shown: Iterable[Week]) -> tuple[str, ...]:
    """The Monday of each week; its month only where it is the first that is seen of it."""
    months = _("Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec").split()
    before, words = -1, list[str]()
    for week in shown:
        at = time.localtime(week.began_s)
        words.append(f"{at.tm_mday} {months[at.tm_mon - 1]}" if at.tm_mon != before else f"{at.tm_mday}")
        before = at.tm_mon
    return tuple(words)


def _monday_s(at_s: float) -> float:
    """0:00 of the Monday before; mktime knows of the days that have 23 or 25 hours."""
    at = time.localtime(at_s)
    return time.mktime((at.tm_year, at.tm_mon, at.tm_mday - at.tm_wday, 0, 0, 0, 0, 0, -1))
