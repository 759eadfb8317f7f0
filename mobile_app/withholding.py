"""A trip that has ended, without its ends: from the parts as they were recorded to the chunks that may be sent.

What is sent must not tell what was withheld: times count from the first instant that is sent, chunks are cut by that clock and
numbered from 0 without a gap, and their bytes follow from the samples in them alone.
"""

from __future__ import annotations

import contextlib
from array import array
from collections.abc import Iterator, Mapping
from pathlib import Path

from mobile_app import durable
from mobile_app.account import Account
from mobile_app.diary import Diary
from mobile_app.open_part import Arrays, no_samples, part_key, read_part
from mobile_app.outbox import Outbox
from mobile_app.packing import packed
from mobile_app.places import Places
from mobile_app.privacy import Fix, Fixes, Span, holds, kept_spans
from mobile_app.wire import Withheld

CHUNK_US = 60_000_000
LATE_CHUNKS = 2  # a sample that comes later than this goes into the next chunk that is written
MOST_SAMPLES = 65_536  # in one chunk, of all streams; the rest of that minute goes into a chunk of its own


def release(outbox: Outbox, trip_id: str, diary: Diary | None = None, dropped: Mapping[str, int] | None = None) -> int:
    """Puts what may be sent into chunks, ends the trip and deletes its parts; returns how many chunks.

    May be cut off anywhere and done again: the same parts give the same bytes, and nothing is sent before the end. diary: told
    of the trip just before that, so that none ends without its entry. dropped: samples that the writer left out, by reason.
    """
    rules, places = outbox.ends(trip_id), Places(outbox.folder)
    assert rules is not None
    parts = _parts(outbox, trip_id)
    until_s = outbox.ended_until_s(trip_id)
    # what follows the last of them is withheld
    fixes = Fixes(fix for fix in _fixes(parts, trip_id) if until_s is None or fix.t_s <= until_s)
    spans, ends = kept_spans(fixes, rules, places.ends, places.added)
    started_at_us = outbox.started_at_us(trip_id) or 0
    account = Account(trip_id, started_at_us / 1e6, dropped) if diary else None
    if account:
        account.drove(fixes, ends, places.added, rules)
    del fixes
    withheld, number = Withheld(round(rules.cell_m), round(rules.margin_m)), 0
    first_us = round(spans[0].begin_s * 1e6) if spans else 0
    for samples in _minutes(_seen(parts, trip_id, spans, first_us)):
        data, repeated = packed(trip_id, number, started_at_us + first_us, samples, withheld)
        outbox.add(trip_id, number, data)
        if account:
            account.sends(samples, repeated)
        number += 1
    if account and diary:
        diary.write(account.entry())
    outbox.finish(trip_id, number)
    places.remember(ends)
    forget_parts(outbox, trip_id)
    return number


def part_of(outbox: Outbox, trip_id: str, number: int) -> Path:
    return outbox.trip_folder(trip_id) / f"{number}.part"


def last_time_s(outbox: Outbox, trip_id: str) -> float | None:
    """The newest stamp that is kept of a trip under way, s from its start; None where nothing is."""
    for path in reversed(_parts(outbox, trip_id)):
        stamps = [max(columns[0]) for columns in _read(path, trip_id).values() if len(columns[0])]
        if stamps:
            return max(stamps)
    return None


def forget_parts(outbox: Outbox, trip_id: str) -> None:
    """Deletes what was recorded and not sent; all of it but what the phone's flash keeps of deleted files."""
    parts = _parts(outbox, trip_id)
    for path in parts:
        path.unlink(missing_ok=True)
    if parts:
        with contextlib.suppress(FileNotFoundError):  # the uploader may have sent the trip and closed it meanwhile
            durable.sync_folder(outbox.trip_folder(trip_id))


def _parts(outbox: Outbox, trip_id: str) -> list[Path]:
    return sorted(outbox.trip_folder(trip_id).glob("*.part"), key=lambda path: int(path.stem))


def _fixes(parts: list[Path], trip_id: str) -> Iterator[Fix]:
    for path in parts:
        t_s, latitude, longitude, _, _, accuracy_m = _read(path, trip_id)["location"]
        yield from map(Fix, t_s, latitude, longitude, accuracy_m)


def _seen(parts: list[Path], trip_id: str, spans: list[Span], first_us: int) -> Iterator[dict[str, Arrays]]:
    """What of each part lies in the spans, its times counted from first_us: whole µs, so that no rounding tells of the start."""
    for path in parts:
        samples = _read(path, trip_id)
        for name, columns in samples.items():
            rows = [row for row, t_s in enumerate(columns[0]) if holds(spans, t_s)]
            kept = [array("d", map(column.__getitem__, rows)) for column in columns]
            kept[0] = array("d", ((round(t_s * 1e6) - first_us) / 1e6 for t_s in kept[0]))
            samples[name] = tuple(kept)
        yield samples


def _minutes(parts: Iterator[dict[str, Arrays]]) -> Iterator[dict[str, Arrays]]:
    """The samples of each minute that has any, in order; at most a few minutes are held at a time."""
    held: dict[int, dict[str, Arrays]] = {}
    done = -1
    for part in parts:
        for name, columns in part.items():
            for row in zip(*columns, strict=True):
                minute = max(round(row[0] * 1e6) // CHUNK_US, done + 1)
                into = held.setdefault(minute, no_samples())
                for column, value in zip(into[name], row, strict=True):
                    column.append(value)
        while held and (min(held) < max(held) - LATE_CHUNKS or _count(held[min(held)]) > MOST_SAMPLES):
            done = min(held)
            yield from _bounded(held.pop(done))
    for minute in sorted(held):
        yield from _bounded(held[minute])


def _bounded(samples: dict[str, Arrays]) -> Iterator[dict[str, Arrays]]:
    """In pieces of at most MOST_SAMPLES a stream."""
    longest = max(len(columns[0]) for columns in samples.values())
    for first in range(0, longest, MOST_SAMPLES):
        yield {name: tuple(column[first : first + MOST_SAMPLES] for column in columns) for name, columns in samples.items()}


def _count(samples: dict[str, Arrays]) -> int:
    return sum(len(columns[0]) for columns in samples.values())


def _read(path: Path, trip_id: str) -> dict[str, Arrays]:
    samples, _ = read_part(path, part_key(trip_id, int(path.stem)))
    return samples
