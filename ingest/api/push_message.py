"""One message of Sensor Logger's HTTP push: what of it is kept, checked reading by reading.

The format is another's and grows with its versions: members and sensors that we do not know are passed over. A reading that makes
no sense is left out and counted, for the app does not send a message again in pieces.
"""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass
from typing import Any

from detection.readers.sensorlogger_push import PUSHED
from ingest.api.plausible import AHEAD_S, EARLIEST_S
from ingest.api.problems import Problem
from ingest.store.readings import Columns

MOST_NAME = 200  # characters of a session's name; the app writes a UUID
MOST_ID = 2**53  # whole numbers that JavaScript counts exactly
_REQUIRED = {"x", "y", "z", "latitude", "longitude"}
_RANGE = {"latitude": 90.0, "longitude": 180.0}


@dataclass(frozen=True)
class Message:
    """session: the app's name of it. readings: sensor → columns. dropped: readings of our sensors left out, by reason."""

    session: str
    message_id: int
    readings: dict[str, Columns]
    dropped: dict[str, int]

    @property
    def kept(self) -> int:
        return sum(len(columns["time"]) for columns in self.readings.values())


def message_of(fields: dict[str, Any], now: float) -> Message:
    """The message. Problems field.missing, field.range, field.text; time.implausible where no reading has a possible time."""
    payload = _member(fields, "payload", list, "a list of readings")
    readings: dict[str, dict[str, list[float]]] = {}
    dropped: Counter[str] = Counter()
    for reading in payload:
        sensor = reading.get("name") if isinstance(reading, dict) else None
        if isinstance(sensor, str) and sensor in PUSHED:
            _take(sensor, reading, now, readings, dropped)
    if dropped["time"] and not readings:
        detail = "no reading has a time from 2015 to tomorrow; times are nanoseconds since 1970, set the phone's clock"
        raise Problem("time.implausible", detail, field="payload.time", value=_first_time(payload))
    if not readings:
        return Message("", 0, {}, dict(dropped))
    return Message(_session(fields), _message_id(fields), dict(readings), dict(dropped))


def _take(
    sensor: str, reading: dict[str, Any], now: float, readings: dict[str, dict[str, list[float]]], dropped: Counter[str]
) -> None:
    time_ns: Any = reading.get("time")
    if not _is_number(time_ns) or not EARLIEST_S * 1e9 <= time_ns <= (now + AHEAD_S) * 1e9:
        dropped["time"] += 1
        return
    values = reading.get("values", reading)  # older versions have them beside the name
    row: list[Any] = [_value(values, name) for name in PUSHED[sensor]] if isinstance(values, dict) else [None]
    if None in row:
        dropped["value"] += 1
        return
    columns = readings.setdefault(sensor, {name: [] for name in ("time", *PUSHED[sensor])})
    for name, value in zip(columns, (int(time_ns), *row), strict=True):
        columns[name].append(value)


def _value(values: dict[str, Any], name: str) -> float | None:
    """The number; NaN for an optional one that is not there, None for what is none or out of range."""
    value: Any = values.get(name)
    if value is None and name not in _REQUIRED:
        return math.nan
    if not _is_number(value) or abs(value) > _RANGE.get(name, 1e300):
        return None
    return float(value)


def _is_number(value: object) -> bool:
    return type(value) is int or (type(value) is float and math.isfinite(value))


def _first_time(payload: list[Any]) -> object:
    return next((reading.get("time") for reading in payload if isinstance(reading, dict)), None)


def _session(fields: dict[str, Any]) -> str:
    name: str = _member(fields, "sessionId", str, "the app's name of the session")
    if not 0 < len(name) <= MOST_NAME or not name.isprintable():
        raise Problem("field.text", f"sessionId must be 1 to {MOST_NAME} printable characters", field="sessionId", value=name)
    return name


def _message_id(fields: dict[str, Any]) -> int:
    number: int = _member(fields, "messageId", int, "a whole number")
    if not 0 <= number < MOST_ID:
        raise Problem("field.range", "messageId must be a whole number from 0", field="messageId", value=number)
    return number


def _member(fields: dict[str, Any], name: str, kind: type, what: str) -> Any:
    if name not in fields:
        raise Problem("field.missing", f"give {name}, {what}; set the app's push format to JSON", field=name)
    if type(fields[name]) is not kind:
        raise Problem("field.range", f"{name} must be {what}", field=name, value=fields[name])
    return fields[name]
