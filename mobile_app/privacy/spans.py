"""When a trip may be seen: spans of time in which it was certainly outside all that is withheld."""

from __future__ import annotations

import math
from array import array
from bisect import bisect_right
from collections.abc import Collection, Iterable, Sequence
from itertools import pairwise
from typing import NamedTuple

from mobile_app.privacy.cells import Cell, outside_m
from mobile_app.privacy.ends import Ends, Fix, cells_to_withhold, trusted

HURRY_MPS = 40.0  # between two fixes a car may have gone into what is withheld and come back, at this speed at most


class Span(NamedTuple):
    """begin_s ≤ t ≤ end_s, on the clock of the fixes."""

    begin_s: float
    end_s: float


def kept_spans(
    fixes: Iterable[Fix], rules: Ends, known: Collection[Cell] = (), always: Collection[Cell] = ()
) -> tuple[list[Span], set[Cell]]:
    """The spans in order, and the cells of the trip's ends. always: cells of places that a person added.

    What lies outside the spans is withheld, of every sensor: before the first trusted fix and after the last one, inside
    the cells of the ends and within `rules.reach_m` around them, whenever the trip was there, and wherever nobody can tell.
    """
    seen = trusted(fixes, rules)
    ends = cells_to_withhold(seen, rules, known)
    withheld = [*ends, *always]
    far_m = array("d", (_far_m(fix, withheld, rules) for fix in seen))
    spans: list[Span] = []
    for i, (before, after) in enumerate(pairwise(seen)):
        begin_s, end_s = before.t_s, after.t_s
        if far_m[i] > 0 < far_m[i + 1] and far_m[i] + far_m[i + 1] > HURRY_MPS * (end_s - begin_s):
            joins = spans and spans[-1].end_s == begin_s
            spans.append(Span(spans.pop().begin_s if joins else begin_s, end_s))
    settled = [Span(span.begin_s + rules.settle_s, span.end_s - rules.settle_s) for span in spans]
    return [span for span in settled if span.end_s - span.begin_s >= rules.least_s], ends


def holds(spans: Sequence[Span], t_s: float) -> bool:
    """Whether the instant lies in one of the spans."""
    at = bisect_right(spans, (t_s, math.inf)) - 1
    return at >= 0 and spans[at].begin_s <= t_s <= spans[at].end_s


def _far_m(fix: Fix, cells: Collection[Cell], rules: Ends) -> float:
    """How far the fix lies from what is withheld; 0 or less inside."""
    return min((outside_m(cell, fix.latitude, fix.longitude) for cell in cells), default=math.inf) - rules.reach_m
