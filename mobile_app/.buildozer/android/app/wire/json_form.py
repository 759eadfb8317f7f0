"""The JSON form of a chunk, for scripts and other apps: the same columns, checked as strictly as the bytes."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, NoReturn

from mobile_app.wire import layout
from mobile_app.wire.chunk import Chunk, ChunkError, Series, Withheld

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]

_FIELDS = ("started_at", "accelerometer", "gyroscope", "location", "trip_id", "device", "withheld")
_INSTANT = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d{1,9})?([Zz]|[+-]\d\d:\d\d)", re.ASCII)  # RFC 3339
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def decode_json(
    data: bytes | str | dict[str, Any],
    trip_id: str | None = None,
    number: int | None = None,
    *,
    max_samples: int = layout.MAX_SAMPLES,
) -> Chunk:
    """The chunk in a JSON text or in the object already parsed from one.

    trip_id, number: what the caller knows from elsewhere, as a URL; an object that names another trip is refused. Without
    them the trip is what the object names, or "", and the number 0. max_samples: raise it for whole recordings in a file.
    Raises ChunkError: not JSON, unknown or doubled fields, NaN, texts or booleans for numbers, columns of unequal
    length, times that do not increase by at least 1 µs, values out of range.
    """
    fields = data if isinstance(data, dict) else parse(data)
    for name in fields:
        if name not in _FIELDS:
            raise ChunkError(str(name), fields[name], "is not a field of a chunk", f"known are {', '.join(_FIELDS)}")
    if fields.get("accelerometer") is None:
        raise ChunkError("accelerometer", None, "is missing", "give its columns t, x, y and z, be they empty")
    series = {name: _series(name, fields[name], max_samples) for name in layout.STREAM_IDS if fields.get(name) is not None}
    layout.check_not_empty([len(one) for one in series.values()])
    return Chunk(
        _trip(fields.get("trip_id"), trip_id),
        layout.check_number(0 if number is None else number),
        _instant(fields.get("started_at")),
        series["accelerometer"],
        series.get("gyroscope"),
        series.get("location"),
        _device(fields.get("device")),
        _withheld(fields.get("withheld")),
    )


def parse(data: bytes | str) -> dict[str, Any]:
    """The JSON object in the text, without doubled keys, NaN or Infinity. Raises ChunkError."""
    try:
        text = data if isinstance(data, str) else bytes(data).decode("utf-8-sig")
        value = json.loads(text, object_pairs_hook=_once, parse_constant=_not_json)
    except RecursionError:
        raise ChunkError("body", "deeply nested", "is not the JSON of a chunk", "nest objects and lists once") from None
    except ChunkError:
        raise
    except ValueError as error:  # includes UnicodeDecodeError, JSONDecodeError and integers of thousands of digits
        raise ChunkError("body", str(error), "is not JSON in UTF-8", "write RFC 8259 JSON") from None
    if not isinstance(value, dict):
        raise ChunkError("body", value, "is not a JSON object", "write one object a chunk")
    return value


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    fields = dict(pairs)
    if len(fields) != len(pairs):
        names = [name for name, _ in pairs]
        doubled = next(name for name in names if names.count(name) > 1)
        raise ChunkError(doubled, "twice", "the field stands there twice", "write each field once")
    return fields


def _not_json(literal: str) -> NoReturn:
    raise ChunkError("body", literal, "JSON knows no such number", "leave faulty samples out; write null for an unknown speed")


def _series(stream: str, columns: object, max_samples: int) -> Series:
    """One stream, its columns checked one by one."""
    import numpy as np

    names = layout.COLUMNS[stream]
    if not isinstance(columns, dict):
        raise ChunkError(stream, columns, "is not an object of columns", f"give t, {', '.join(names)}")
    for name in columns:
        if name != "t" and name not in names:
            raise ChunkError(f"{stream}.{name}", columns[name], "is not a column", f"known are t, {', '.join(names)}")
    t_s = _numbers(f"{stream}.t", columns.get("t"), None)
    layout.check_count(stream, len(t_s), max_samples)
    _check_times(f"{stream}.t", t_s)
    values = {}
    for name in names:
        field, given = f"{stream}.{name}", columns.get(name)
        if name in layout.MOTION:
            values[name] = np.full(len(t_s), np.nan) if given is None else _motion(field, name, given, len(t_s))
        else:
            limit = layout.PLACE_LIMIT_DEG[name] if name in layout.PLACE else layout.LIMIT[stream]
            values[name] = _within(field, _numbers(field, given, len(t_s)), limit)
    return Series(t_s, values)


def _numbers(field: str, values: object, count: int | None, may_be: tuple[type, ...] = ()) -> Floats:
    """The list as float64, every item a finite JSON number; bool is none. `may_be`: further types taken as NaN."""
    import numpy as np

    if not isinstance(values, list):
        raise ChunkError(field, values, "is not a list of numbers", "give one number a sample")
    if count is not None and len(values) != count:
        raise ChunkError(field, len(values), f"has {len(values)} values for {count} times", "give one value a sample")
    allowed = {int, float, *may_be}
    if not set(map(type, values)) <= allowed:
        at = _first(values, lambda value: type(value) not in allowed)
        raise ChunkError(f"{field}[{at}]", values[at], "is not a number", "give a JSON number, not a text, boolean or list")
    try:
        numbers = np.array(values, np.float64)
    except OverflowError:
        at = _first(values, lambda value: type(value) is int and abs(value) > 2**1023)
        raise ChunkError(f"{field}[{at}]", values[at], "is too large", "give SI units") from None
    wrong = ~np.isfinite(numbers)
    if wrong.any():
        at = _first(values, lambda value: value is not None and not abs(value) < float("inf"))
        if at >= 0:
            raise ChunkError(f"{field}[{at}]", values[at], "is not a finite number", "leave faulty samples out")
    return numbers


def _motion(field: str, name: str, values: object, count: int) -> Floats:
    """speed, bearing or accuracy: null or a negative number is unknown, as phones write it; 360° is 0°."""
    import numpy as np

    numbers = _numbers(field, values, count, (type(None),))
    numbers[numbers < 0] = np.nan
    _within(field, numbers, layout.MOTION_LIMIT[name])
    return numbers % 360.0 if name == "bearing" else numbers


def _within(field: str, numbers: Floats, limit: float) -> Floats:
    import numpy as np

    beyond = np.abs(numbers) > limit
    if beyond.any():
        at = int(beyond.argmax())
        raise ChunkError(
            f"{field}[{at}]", float(numbers[at]), f"is beyond {limit:g}", "give SI units and leave faulty samples out"
        )
    return numbers


def _check_times(field: str, t_s: Floats) -> None:
    import numpy as np

    low, high = layout.MIN_T_US / 1e6, layout.MAX_T_US / 1e6
    outside = (t_s < low) | (t_s > high)
    if outside.any():
        at = int(outside.argmax())
        why = "is not within -1 hour to 7 days"
        raise ChunkError(f"{field}[{at}]", float(t_s[at]), why, "count seconds from the start of the trip")
    stuck = np.diff(np.rint(t_s * 1e6)) <= 0
    if stuck.any():
        at = int(stuck.argmax()) + 1
        raise ChunkError(f"{field}[{at}]", float(t_s[at]), "time does not increase", "sort by time and drop repeated stamps")


def _first(values: list[Any], wrong: Callable[[Any], bool]) -> int:
    return next((i for i, value in enumerate(values) if wrong(value)), -1)


def _instant(text: object) -> int:
    """UTC µs since 1970 of an RFC 3339 instant."""
    remedy = "write RFC 3339 with its time zone, e.g. 2026-05-04T07:12:00Z"
    if not isinstance(text, str) or not _INSTANT.fullmatch(text):
        raise ChunkError("started_at", text, "is not an instant", remedy)
    try:
        elapsed = datetime.fromisoformat(text.upper()) - _EPOCH
    except (ValueError, OverflowError):
        raise ChunkError("started_at", text, "is no date and time of day", remedy) from None
    return layout.check_started_at(elapsed // timedelta(microseconds=1))


def _trip(named: object, expected: str | None) -> str:
    if named is None:
        return expected or ""
    trip = layout.check_trip_id(named)
    if expected is not None and expected.lower() != trip:
        raise ChunkError("trip_id", trip, f"is not the trip {expected} that was expected", "send a chunk to its own trip")
    return trip


def _device(named: object) -> str | None:
    if named is None:
        return None
    if not isinstance(named, str) or not 1 <= len(named) <= 200 or not named.isprintable():
        raise ChunkError("device", named, "is not a text of 1 to 200 printable characters", "leave it out")
    return named


def _withheld(told: object) -> Withheld | None:
    if told is None:
        return None
    remedy = "give cell_m and margin_m in whole metres, or leave it out"
    if not isinstance(told, dict) or set(told) != {"cell_m", "margin_m"}:
        raise ChunkError("withheld", told, "is not an object of cell_m and margin_m", remedy)
    for name, metres in told.items():
        if type(metres) is not int or not 0 <= metres <= 65_535:
            raise ChunkError(f"withheld.{name}", metres, "is not a whole number from 0 to 65535", remedy)
    return Withheld(told["cell_m"], told["margin_m"])
