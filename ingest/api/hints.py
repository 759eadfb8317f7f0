"""What a value out of range most likely is: the unit, clock or order that its sender took for another."""

from __future__ import annotations

_EARLIEST_S, _LATEST_S = 1.4e9, 2.9e9  # 2014 to 2061: instants of phones that are with us


def hint(field: str, value: object) -> str:
    """Half a sentence about one value of a chunk that was refused; empty where nobody can say."""
    name = field.partition("[")[0]
    if isinstance(value, tuple):  # first and last of a binary chunk's times
        value = value[-1]
    if not isinstance(value, (int, float)) or isinstance(value, bool) or not -1e30 < value < 1e30:
        return ""  # an integer may have thousands of digits, more than any float
    if name == "location.latitude" and 90 < abs(value) <= 180:
        return "are latitude and longitude swapped?"
    if name == "started_at":
        return _unit_since_1970(value, "UTC microseconds")
    return _unit_of_times(value) if name.endswith(".t") else ""


def _unit_of_times(value: float) -> str:
    suspected = _unit_since_1970(value, "seconds from the start of the trip")
    return suspected or ("are these milliseconds, or of a clock that runs since the phone was started?" if value > 0 else "")


def _unit_since_1970(value: float, wanted: str) -> str:
    for unit, size in (("seconds", 1.0), ("milliseconds", 1e-3), ("microseconds", 1e-6), ("nanoseconds", 1e-9)):
        if _EARLIEST_S <= value * size <= _LATEST_S:
            return f"these look like {unit} since 1970; give {wanted}"
    return ""
