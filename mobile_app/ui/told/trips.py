"""The list of trips: when, how far, and where each stands."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass

from mobile_app import deleting
from mobile_app.diary import Diary
from mobile_app.home import Home
from mobile_app.outbox import Outbox
from mobile_app.said import Said
from mobile_app.status import Status
from mobile_app.trips import Standing, TripView, trip_views
from mobile_app.ui.words import N_, _, clock_time, day, distance, duration, n_, number, size

DAY_S = 86_400.0
# words, icon and colour (of `theme.Palette`) of each standing
STANDINGS = {
    Standing.RECORDING: (N_("Recording"), "play", "good"),
    Standing.WAITING: (N_("Waiting to be sent"), "clock", "quiet"),
    Standing.SENDING: (N_("Being sent"), "upload", "accent"),
    Standing.SENT: (N_("Sent"), "check", "good"),
    Standing.REFUSED: (N_("Partly refused"), "warning", "trouble"),
    Standing.STUCK: (N_("Needs a look"), "warning", "trouble"),
    Standing.NOTHING_TO_SEND: (N_("Stayed on this phone"), "lock", "quiet"),
    Standing.GONE: (N_("Deleted on the server"), "bin", "quiet"),
}


@dataclass(frozen=True)
class Row:
    """One trip. title: when; more: how far; standing: in words, with an icon and the name of a colour."""

    trip_id: str
    title: str
    more: str
    standing: str
    icon: str
    colour: str


@dataclass(frozen=True)
class Day:
    title: str
    rows: tuple[Row, ...]


def look(home: Home, status: Status, now_s: float) -> list[TripView]:
    """All trips of this phone, newest first, without those the person deleted."""
    outbox, entries = Outbox(home.outbox), Diary(home.diary).entries()
    waiting, refused, done = outbox.trips(), outbox.refused(), outbox.sent()
    known = (
        {str(one["trip_id"]) for one in (*refused, *done)} | {one.trip_id for one in entries} | {one.trip_id for one in waiting}
    )
    fresh = not status.stale(now_s)
    return trip_views(
        entries,
        waiting,
        refused,
        done,
        recorded=[status.trip_id] if fresh and status.trip_id else [],
        hidden=[trip_id for trip_id in known if deleting.is_wished_away(home, trip_id)],
        sending=fresh and status.sending,
        why=Said("{sentence}", {"sentence": status.unsent_why}) if fresh and status.unsent_why else None,  # it may hold braces
    )


def days(views: Iterable[TripView], now_s: float) -> list[Day]:
    """The rows under their days."""
    found: list[tuple[str, list[Row]]] = []
    for view in views:
        title = day_words(view.began_s, now_s)
        if not found or found[-1][0] != title:
            found.append((title, []))
        found[-1][1].append(row(view))
    return [Day(title, tuple(rows)) for title, rows in found]


def row(view: TripView) -> Row:
    words, icon, colour = STANDINGS[view.standing]
    standing = _(words)
    if view.standing in (Standing.WAITING, Standing.SENDING) and view.of and view.sent:
        standing = _("{standing}, {sent} of {of} parts done").format(
            standing=standing, sent=number(view.sent), of=number(view.of)
        )
    return Row(view.trip_id, time_words(view), length_words(view), standing, icon, colour)


def time_words(view: TripView) -> str:
    """From when to when."""
    if view.entry is None:
        return _("since {time}").format(time=clock_time(view.began_s))
    return f"{clock_time(view.entry.began_s)} – {clock_time(view.entry.ended_s)}"


def length_words(view: TripView) -> str:
    """How far, how long, how many jolts, how much data."""
    parts = []
    if view.entry is not None:
        jolts = len(view.entry.jolts)
        parts = [_("{n}\u00a0km").format(n=distance(view.entry.km)), duration(view.entry.ended_s - view.entry.began_s)]
        parts += [n_("{n} jolt", "{n} jolts", jolts).format(n=number(jolts))]
    if view.sent_bytes:
        parts.append(size(view.sent_bytes))
    return " · ".join(part.replace(" ", "\u00a0") for part in parts)  # a line breaks between them


def day_words(at_s: float, now_s: float) -> str:
    """Today, yesterday, or which day."""
    of, today, yesterday = (time.localtime(one)[:3] for one in (at_s, now_s, now_s - DAY_S))
    return _("Today") if of == today else _("Yesterday") if of == yesterday else day(at_s)
