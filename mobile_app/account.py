"""The account of one trip for the diary, made while the trip is released: from what is sent, in one pass and constant memory.

Of what is withheld it takes two figures, how far was driven and when, and the squares; never a place. Jolts are the preview's
(`preview`), and none where numpy is not there.
"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from mobile_app.diary import Entry, Jolt, Place
from mobile_app.open_part import Arrays
from mobile_app.privacy import Cell, Fix, outside_m
from mobile_app.privacy.ends import apart_m, trusted

STEP_M = 10.0  # between points of the path: what the screen of a phone shows of a street
MOST_POINTS = 16_384  # of a path; a longer trip is told with steps of twice, four times … the length: memory stays constant
GAP_S = 6.0  # without a fix for so long the path breaks off: at a withheld piece, in a tunnel
DIGITS = 5  # of a degree, 1 m: the path is for looking at


class Account:
    """Told of the trip's fixes and of what is sent of it; then `entry`. trip_id, started_at_s: of the trip, s since 1970."""

    def __init__(self, trip_id: str, started_at_s: float, dropped: Mapping[str, int] | None = None) -> None:
        self._trip_id, self._started_at_s = trip_id, started_at_s
        self._dropped = None if dropped is None else Counter(dropped)
        self._driven_m = self._sent_m = self._began_s = self._ended_s = 0.0
        self._cells: list[Cell] = []
        self._chunks = self._samples = 0
        self._pieces: list[list[Place]] = []
        self._points, self._step_m = 0, STEP_M
        self._last: Fix | None = None
        self._shown: Fix | None = None
        self._jolts: list[Jolt] = []
        self._preview = _new_preview()

    def drove(self, fixes: Iterable[Fix], ends: Iterable[Cell], added: Iterable[Cell], rules: Any) -> None:
        """All of the trip: its length and its time, the cells of its ends, and of the added ones those that it went through."""
        seen = trusted(fixes, rules)
        self._driven_m = sum(itertools.starmap(apart_m, itertools.pairwise(seen)))
        self._began_s, self._ended_s = (seen[0].t_s, seen[-1].t_s) if seen else (0.0, 0.0)
        near = [cell for cell in added if any(outside_m(cell, fix.latitude, fix.longitude) <= rules.reach_m for fix in seen)]
        self._cells = sorted({*ends, *near})

    def sends(self, samples: dict[str, Arrays], repeated: Mapping[str, int]) -> None:
        """One chunk, in order; its times count from the first that is sent."""
        self._chunks += 1
        self._samples += len(samples["accelerometer"][0])
        if self._dropped is not None:
            self._dropped.update(repeated)
        for row in zip(*samples["location"], strict=True):
            self._goes(Fix(row[0], row[1], row[2]))
        if self._preview is not None:
            self._jolts += self._preview.feed(samples["accelerometer"], samples["gyroscope"], samples["location"])

    def entry(self) -> Entry:
        """What the diary keeps of it."""
        if self._preview is not None:
            self._jolts += self._preview.flush()
        return Entry(
            self._trip_id,
            self._started_at_s + self._began_s,
            self._started_at_s + self._ended_s,
            round(self._driven_m / 1000, 3),
            round(self._sent_m / 1000, 3),
            tuple(tuple(piece) for piece in self._pieces if len(piece) > 1),
            tuple((cell.size_m, cell.row, cell.column) for cell in self._cells),
            tuple(self._jolts),
            self._chunks,
            self._samples,
            None if self._dropped is None else dict(+self._dropped),
        )

    def _goes(self, fix: Fix) -> None:
        last, self._last = self._last, fix
        if last is None or not 0 < fix.t_s - last.t_s <= GAP_S or self._shown is None:
            if last is not None and fix.t_s - last.t_s <= 0:
                self._last = last  # came late; the path goes on
                return
            self._pieces.append([])
            self._shows(fix)
            return
        self._sent_m += apart_m(last, fix)
        if apart_m(self._shown, fix) >= self._step_m:
            self._shows(fix)

    def _shows(self, fix: Fix) -> None:
        self._pieces[-1].append(_rounded(fix))
        self._shown = fix
        self._points += 1
        if self._points > MOST_POINTS:
            self._step_m *= 2
            self._pieces = [piece[::2] for piece in self._pieces]
            self._points = sum(map(len, self._pieces))


def _rounded(fix: Fix) -> Place:
    return round(fix.latitude, DIGITS), round(fix.longitude, DIGITS)


def _new_preview() -> Any:
    """None where numpy is not there: then nothing is told of jolts."""
    try:
        from mobile_app.preview import Preview
    except ImportError:
        return None
    return Preview()
