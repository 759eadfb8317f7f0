"""What the screens tell of each trip: where it stands between this phone and the server, and why. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from mobile_app import reasons
from mobile_app.diary import Entry
from mobile_app.outbox import TripState
from mobile_app.said import Said


class Standing(StrEnum):
    """Where a trip stands."""

    RECORDING = "recording"
    WAITING = "waiting"
    SENDING = "sending"
    SENT = "sent"
    REFUSED = "refused"  # parts of it, which stay here
    STUCK = "stuck"  # a person must do something
    NOTHING_TO_SEND = "nothing_to_send"  # all of it was withheld
    GONE = "gone"  # deleted on the server


@dataclass(frozen=True)
class TripView:
    """One trip. began_s: s since 1970. entry: what the diary tells, None until it has ended. sent, of: chunks; of is None before
    it is known. why: a sentence for all that is not simply sent.
    """

    trip_id: str
    began_s: float
    standing: Standing
    why: Said | None = None
    entry: Entry | None = None
    sent: int = 0
    of: int | None = None
    sent_bytes: int = 0


def trip_views(
    entries: Sequence[Entry],
    waiting: Sequence[TripState],
    refused: Sequence[Mapping[str, Any]],
    done: Sequence[Mapping[str, Any]],
    *,
    recorded: Collection[str] = (),
    hidden: Collection[str] = (),
    sending: bool = False,
    why: Said | None = None,
) -> list[TripView]:
    """All trips, newest first, from `Diary.entries`, `Outbox.trips`, `.refused` and `.sent`.

    recorded: trips under way; hidden: those the person wished away (`deleting`); sending, why: of `sync.SyncState`. What goes on
    under another id (`TripState.continues`) is told with the trip it belongs to.
    """
    parts: dict[str, list[TripState]] = {}
    for state in waiting:
        parts.setdefault(state.continues or state.trip_id, []).append(state)
    lines: dict[str, list[Mapping[str, Any]]] = {}
    for line in done:
        lines.setdefault(str(line.get("continues") or line["trip_id"]), []).append(line)
    words: dict[str, list[str]] = {}
    for one in refused:
        words.setdefault(str(one["trip_id"]), []).append(str(one["reason"]))
    told = {entry.trip_id: entry for entry in entries}
    first = next((state.trip_id for state in waiting if state.pending), None) if sending else None
    views = []
    for trip_id in {*told, *parts, *lines, *words} - set(hidden):
        mine = parts.get(trip_id, [])
        known = _Known(trip_id, told.get(trip_id), mine, lines.get(trip_id, []), words.get(trip_id, []))
        views.append(_view(known, trip_id in recorded, any(state.trip_id == first for state in mine), why))
    return sorted(views, key=lambda view: (-view.began_s, view.trip_id))


@dataclass(frozen=True)
class _Known:
    trip_id: str
    entry: Entry | None
    waiting: Sequence[TripState]
    done: Sequence[Mapping[str, Any]]
    refused: Sequence[str]


def _view(known: _Known, recorded: bool, sending: bool, why: Said | None) -> TripView:
    sent = sum(len(state.sent) for state in known.waiting) + sum(int(line["chunks"]) for line in known.done)
    size = sum(state.sent_bytes for state in known.waiting) + sum(int(line["bytes"]) for line in known.done)
    standing, said = _standing(known, recorded, sending, sent, why)
    starts = [state.started_at_us for state in known.waiting] + [line["started_at_us"] for line in known.done]
    began_s = known.entry.began_s if known.entry else min(starts, default=0) / 1e6
    return TripView(known.trip_id, began_s, standing, said, known.entry, sent, _chunks(known), size)


def _chunks(known: _Known) -> int | None:
    if known.entry is not None:
        return known.entry.chunks
    counts = [state.finished for state in known.waiting] + [int(line["chunks"]) for line in known.done]
    return sum(count for count in counts if count is not None) if counts and None not in counts else None


def _standing(known: _Known, recorded: bool, sending: bool, sent: int, why: Said | None) -> tuple[Standing, Said | None]:
    """The first that holds; what a person must know comes before what passes by itself."""
    stuck = next((state.stuck for state in known.waiting if state.stuck), None)
    if recorded:
        return Standing.RECORDING, None
    if known.refused:
        of = _chunks(known) or len(known.refused) + sent
        values = {"count": len(known.refused), "of": of, "reason": known.refused[0]}
        return Standing.REFUSED, Said(reasons.PARTS_REFUSED, values)
    if stuck is not None:
        return Standing.STUCK, Said(reasons.CANNOT_CLOSE, {"reason": stuck})
    if sending:
        return Standing.SENDING, None
    if any(state.finished is None for state in known.waiting):
        return Standing.WAITING, Said(reasons.BEING_CUT)
    if known.waiting:
        return Standing.WAITING, why
    if known.done:
        return Standing.SENT, None
    if known.entry is not None and known.entry.chunks == 0:
        return Standing.NOTHING_TO_SEND, Said(reasons.ALL_WITHHELD)
    return Standing.GONE, Said(reasons.GONE)
