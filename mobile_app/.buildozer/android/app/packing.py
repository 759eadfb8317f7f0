"""Samples as they were recorded to the bytes of one chunk: sorted by time, repeated stamps dropped and counted."""

from __future__ import annotations

from array import array
from collections import Counter
from itertools import pairwise

from mobile_app.open_part import Arrays
from mobile_app.wire import Withheld, encode
from mobile_app.wire.layout import COLUMNS


def packed(
    trip_id: str, number: int, started_at_us: int, samples: dict[str, Arrays], withheld: Withheld | None = None
) -> tuple[bytes, Counter[str]]:
    """The chunk, sorted by time as the format asks, and counts of the samples whose stamp was there already."""
    streams, repeated = {}, Counter[str]()
    for name, arrays in samples.items():
        rows = _rows_in_time(arrays[0])
        if rows is not None:
            repeated[f"{name} repeated stamp"] = len(arrays[0]) - len(rows)
            arrays = tuple(array("d", map(column.__getitem__, rows)) for column in arrays)
        if len(arrays[0]) or name == "accelerometer":
            streams[name] = dict(zip(("t", *COLUMNS[name]), arrays, strict=True))
    return encode(trip_id, number, started_at_us, **streams, withheld=withheld), +repeated


def _rows_in_time(t_s: array[float]) -> list[int] | None:
    """Rows that sort the times and keep the first of equal µs; None where they are in order already."""
    t_us = [round(t * 1e6) for t in t_s]
    if all(map(int.__lt__, t_us, t_us[1:])):
        return None
    order = sorted(range(len(t_us)), key=t_us.__getitem__)
    return order[:1] + [row for before, row in pairwise(order) if t_us[row] != t_us[before]]
