"""One call of a sink as a value, and a chunk as the calls that a phone would make of it."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from heapq import merge
from operator import attrgetter

from mobile_app.wire import Chunk, Series


@dataclass(frozen=True, slots=True)
class Moment:
    """kind: a method of `Sink`; t: s on the source's clock; values: what follows t in the call."""

    t: float
    kind: str
    values: tuple[float | None, ...]


def moments_of(chunk: Chunk) -> Iterator[Moment]:
    """All samples and fixes in order of time, t from the start of the trip."""
    streams = {"accelerometer": chunk.accelerometer, "gyroscope": chunk.gyroscope, "location": chunk.location}
    return merge(*(_rows(kind, series) for kind, series in streams.items() if series is not None), key=attrgetter("t"))


def _rows(kind: str, series: Series) -> Iterator[Moment]:
    columns = [values.tolist() for values in series.columns.values()]
    for t, *values in zip(series.t_s.tolist(), *columns, strict=True):
        yield Moment(t, kind, tuple(None if math.isnan(value) else value for value in values))
