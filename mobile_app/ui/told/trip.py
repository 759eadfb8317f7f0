"""One trip: what left the phone and what stayed, as a map, in figures and as a receipt."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from mobile_app.diary import Entry, Jolt
from mobile_app.trips import Standing, TripView
from mobile_app.ui.map.content import Content, lines, marks
from mobile_app.ui.map.sprites import number_of
from mobile_app.ui.sentences import translated
from mobile_app.ui.told.trips import STANDINGS
from mobile_app.ui.words import N_, _, distance, n_, number, size, when

SHORT_KM = 0.05  # less is nothing, in a sentence
SMALL_DP, LARGE_DP, SEVERE = 16.0, 26.0, 5.0
HELPED = (Standing.REFUSED, Standing.STUCK)  # trying again may do something
REASONS = {  # of samples that were left out, as `recorder.ChunkWriter` and `packing` count them
    "fix out of range": N_("places that cannot be"),
    "accelerometer out of range": N_("shaking beyond all measure"),
    "gyroscope out of range": N_("turning beyond all measure"),
    "time out of range": N_("of another time"),
    "stray time": N_("of another time"),
    "accelerometer repeated stamp": N_("told twice by the sensor"),
    "gyroscope repeated stamp": N_("told twice by the sensor"),
    "location repeated stamp": N_("told twice by the sensor"),
}


@dataclass(frozen=True)
class Part:
    """One line of the receipt."""

    title: str
    more: str


def content(entry: Entry | None, others: Iterable[Entry] = ()) -> Content:
    """What left the phone as a line with its jolts, what stayed as hatched squares. Keys are indices into the entry's jolts.

    others: trips whose ways show as streets, to find one's way by.
    """
    if entry is None:
        return Content()
    jolts = sorted(enumerate(entry.jolts), key=lambda one: one[1].severity)
    seen = marks(
        [(jolt.latitude, jolt.longitude) for _at, jolt in jolts],
        [jolt.severity for _at, jolt in jolts],
        [number_of("jolt")] * len(jolts),
        [SMALL_DP + (LARGE_DP - SMALL_DP) * min(max(jolt.severity, 0.0) / SEVERE, 1.0) for _at, jolt in jolts],
        [at for at, _jolt in jolts],
    )
    streets = lines([piece for other in others for piece in other.path])
    return Content(streets, lines(entry.path), entry.withheld, marks=seen)


def summary(entry: Entry | None) -> str:
    """In two sentences."""
    if entry is None:
        return _("This trip is still being recorded. What may leave the phone is decided when it ends.")
    stayed = max(entry.km - entry.sent_km, 0.0)
    if entry.chunks == 0:
        return _("All {km}\u00a0km stayed on this phone: the whole trip lies where nothing is ever sent from.").format(
            km=distance(entry.km)
        )
    if stayed < SHORT_KM:
        return _("All {km}\u00a0km of it are meant for the city.").format(km=distance(entry.km))
    text = _("{sent} of {km}\u00a0km are meant for the city. {stayed}\u00a0km, in the hatched squares, stay on this phone.")
    return text.format(sent=distance(entry.sent_km), km=distance(entry.km), stayed=distance(stayed))


def standing(view: TripView) -> tuple[str, str, str, str]:
    """Where it stands and why, in words; an icon and the name of a colour."""
    words, icon, colour = STANDINGS[view.standing]
    return _(words), translated(str(view.why)) if view.why else "", icon, colour


def can_try_again(view: TripView) -> bool:
    return view.standing in HELPED


def can_delete(view: TripView) -> bool:
    """What is being recorded cannot be deleted before it has ended."""
    return view.standing is not Standing.RECORDING


def counted(view: TripView) -> str:
    """How many parts the server has of how many."""
    if not view.of:
        return ""
    if view.sent >= view.of:
        text = n_("{of} part, {size}: all of it is with the city.", "{of} parts, {size}: all of them are with the city.", view.of)
    else:
        text = n_("{sent} of {of} part is with the city ({size}).", "{sent} of {of} parts are with the city ({size}).", view.of)
    return text.format(sent=number(view.sent), of=number(view.of), size=size(view.sent_bytes))


def measured(entry: Entry | None) -> tuple[str, ...]:
    """Samples: how many may be sent, how many were left out and why."""
    if entry is None or entry.chunks == 0:
        return ()
    told = [n_("{n} measurement of shaking", "{n} measurements of shaking", entry.samples).format(n=number(entry.samples))]
    for reason, count in sorted((entry.dropped or {}).items()):
        if count:
            words = _(REASONS[reason]) if reason in REASONS else reason
            told.append(_("{n} left out: {why}").format(n=number(count), why=words))
    return tuple(told)


def receipt(lines_sent: Iterable[Mapping[str, Any]], now_s: float) -> tuple[Part, ...]:
    """Of each part the server has: number, bytes, when, and the checksum both sides computed."""
    return tuple(_part(line, now_s) for line in sorted(lines_sent, key=lambda line: int(line["number"])))


def jolt_words(jolt: Jolt, entry: Entry) -> str:
    """Of one that was tapped."""
    return _("Jolt, strength {severity}").format(severity=number(jolt.severity, 1))


def question(view: TripView) -> str:
    """Before it is deleted."""
    if view.sent:
        return _("Delete this trip here and at the city? The city works out its map anew, without it. It cannot be undone.")
    return _("Delete this trip? None of it was sent. It cannot be undone.")


def _part(line: Mapping[str, Any], now_s: float) -> Part:
    at_s = line.get("at_s")
    title = _("Part {n}, {size}").format(n=number(int(line["number"]) + 1), size=size(int(line["bytes"])))
    if isinstance(at_s, (int, float)):
        title = _("{part}, {when}").format(part=title, when=when(float(at_s), now_s))
    return Part(title, f"SHA-256 {line.get('sha256', '')}")
