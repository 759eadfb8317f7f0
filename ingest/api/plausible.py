"""Whether a decoded chunk can be what a phone recorded, and what its sender most likely got wrong where it cannot.

Only what one chunk shows by itself. Each refusal names the field, its value and the unit or clock that is suspected.
"""

from __future__ import annotations

import time

import numpy as np
import numpy.typing as npt

from ingest.api.problems import Problem
from mobile_app import wire

EARLIEST_S = 1_420_070_400  # 2015-01-01 UTC: no app that writes chunks is older; a GPS week rollover lands before it
AHEAD_S = 86_400  # a phone's clock may be a time zone off, not more
ROLLOVER_S = 1024 * 7 * 86_400  # GPS counts weeks in ten bits: receivers of the wrong era are this much early
LATE_S = 3 * 365 * 86_400  # a trip sent later than this after it was driven is not taken for a rollover
SLOWEST_S, FASTEST_S = 0.22, 0.9e-3  # median interval of a sensor: 5 Hz and 1 kHz, with a tenth of jitter
ENOUGH = 10  # samples to tell a rate from
APART_S = 3600.0  # between the streams of one chunk, which is about a minute: more is two clocks
MOST_VALUES = 600_000  # numbers in a JSON chunk: a minute at 1 kHz, six axes, has 480 000; each takes 32 bytes to read
ASCII_ABOVE_BYTES = 1 << 20  # one emoji makes four bytes of each character of a text
MOST_QUOTES = 256  # the names of all columns and fields have 44, and a device's name may hold some
MOST_LISTS = 64  # lists and objects in a JSON chunk: three streams have 19


def check_json(text: bytes) -> None:
    """Count before anything is built: reading JSON takes up to fifty times its size. Problems body.malformed, chunk.shape."""
    if text.count(b"[") + text.count(b"{") > MOST_LISTS:
        raise Problem("body.malformed", "a chunk has at most three objects of flat lists; do not nest them", field="body")
    if text.count(b'"') > MOST_QUOTES:
        raise Problem("body.malformed", "a chunk is numbers; leave texts out of its lists", field="body")
    if len(text) > ASCII_ABOVE_BYTES and not text.isascii():
        detail = f"above {ASCII_ABOVE_BYTES} bytes a chunk is ASCII; write other characters as \\u escapes"
        raise Problem("body.malformed", detail, field="body")
    if text.count(b",") > MOST_VALUES:
        detail = f"a chunk has at most {MOST_VALUES} numbers; cut a chunk each minute"
        raise Problem("chunk.shape", detail, field="body", value=text.count(b","))


def check_chunk(chunk: wire.Chunk, now_s: float | None = None) -> None:
    """Dates, rates and clocks. Problems time.implausible, chunk.shape."""
    _check_start(chunk.started_at_us / 1e6, time.time() if now_s is None else now_s)
    streams = {name: getattr(chunk, name) for name in ("accelerometer", "gyroscope", "location")}
    spans = {name: one.t_s for name, one in streams.items() if one is not None and len(one)}
    for name in ("accelerometer", "gyroscope"):
        if len(spans.get(name, ())) >= ENOUGH:
            _check_rate(name, spans[name])
    _check_together(spans)


def _check_start(started_at_s: float, now_s: float) -> None:
    if EARLIEST_S <= started_at_s <= now_s + AHEAD_S:
        return
    detail = "the trip starts before 2015 or more than a day ahead; set the phone's clock, and give UTC since 1970"
    if suspected := _suspected(started_at_s, now_s):
        detail += f" ({suspected})"
    raise Problem("time.implausible", detail, field="started_at", value=started_at_s)


def _suspected(started_at_s: float, now_s: float) -> str:
    """What makes such a start, in words; empty where nothing known does."""
    for per_s, unit in ((1e6, "seconds"), (1e3, "milliseconds")):
        if EARLIEST_S <= started_at_s * per_s <= now_s + AHEAD_S:
            return f"it looks like {unit} where microseconds are meant"
    eras = round((now_s - started_at_s) / ROLLOVER_S)
    if eras >= 1 and -AHEAD_S <= now_s - started_at_s - eras * ROLLOVER_S <= LATE_S:
        weeks = "1024 weeks" if eras == 1 else f"{eras} times 1024 weeks"
        return f"it is {weeks} before a plausible time: the GPS week rolled over; take the phone's clock instead"
    return ""


def _check_rate(name: str, t_s: npt.NDArray[np.float64]) -> None:
    intervals_s = np.diff(t_s)
    within = np.count_nonzero(intervals_s >= FASTEST_S) - np.count_nonzero(intervals_s > SLOWEST_S)
    if within > len(intervals_s) // 2:  # then the median is, too, which takes ten times as long
        return
    interval_s = float(np.median(intervals_s))
    if FASTEST_S <= interval_s <= SLOWEST_S:
        return
    detail = f"{name}: one sample each {interval_s:g} s is not between 5 and 1000 a second"
    wrong = next((unit for unit, size in _UNITS.items() if _is_common(interval_s * size)), None)
    remedy = f"its times look like {wrong}; give seconds" if wrong else "record with another setting of the sensor"
    raise Problem("chunk.shape", f"{detail}; {remedy}", field=f"{name}.t", value=interval_s)


def _check_together(spans: dict[str, npt.NDArray[np.float64]]) -> None:
    first = max(spans, key=lambda name: spans[name][0])
    last = min(spans, key=lambda name: spans[name][-1])
    apart_s = float(spans[first][0] - spans[last][-1])
    if apart_s > APART_S:
        detail = f"{first} begins {apart_s:.0f} s after {last} ends; give all times by one clock, one that runs on in sleep"
        raise Problem("chunk.shape", detail, field=f"{first}.t", value=float(spans[first][0]))


_UNITS = {"milliseconds": 1e-3, "microseconds": 1e-6, "nanoseconds": 1e-9, "minutes": 60.0}


def _is_common(interval_s: float) -> bool:
    """An interval of 10 to 500 Hz, as phones have."""
    return 1 / 500 <= interval_s <= 1 / 10
