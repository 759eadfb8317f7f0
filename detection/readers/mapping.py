"""Which column of a table is what: told by the user (`--columns`) or by the names that recording apps use.

Our names are t, x, y, z (accelerometer), gx, gy, gz (gyroscope), latitude, longitude, speed, bearing, accuracy.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from detection.errors import CahotError
from detection.readers.source import Member
from detection.readers.table import Header
from detection.readers.units import FACTORS, factor_of, written_factor
from detection.trace import STANDARD_GRAVITY_MPS2

OURS = tuple(FACTORS)


class InvalidColumns(CahotError):
    """A `--columns` text that cannot be understood: names the part, what is wrong and what is right."""

    def __init__(self, part: str, why: str, remedy: str) -> None:
        self.part, self.why, self.remedy = part, why, remedy
        super().__init__(f"--columns {part!r}: {why}; {remedy}")


@dataclass(frozen=True)
class Column:
    """A column of the file: its index, and the factor to SI where its unit is known."""

    index: int
    factor: float | None


def columns_from_text(text: str) -> dict[str, str]:
    """`t=timestamp:ms, x=accX:g` → {"t": "timestamp:ms", "x": "accX:g"}. Raises InvalidColumns."""
    columns: dict[str, str] = {}
    for part in filter(None, (part.strip() for part in text.split(","))):
        ours, equals, theirs = (piece.strip() for piece in part.partition("="))
        if not equals or not theirs:
            raise InvalidColumns(part, "is not of the form name=header", "write such as t=timestamp:ms,x=accX:g")
        if ours in columns:
            raise InvalidColumns(part, f"{ours} is given twice", "give each name once")
        columns[ours] = theirs
    check(columns)
    return columns


def check(columns: Mapping[str, str]) -> None:
    """Raises InvalidColumns where names are not ours, or time, or acceleration and place, are missing."""
    for ours, theirs in columns.items():
        if ours not in OURS:
            raise InvalidColumns(f"{ours}={theirs}", f"{ours} is not one of our names", f"use {', '.join(OURS)}")
    given = ", ".join(f"{ours}={theirs}" for ours, theirs in columns.items())
    if "t" not in columns:
        raise InvalidColumns(given, "t is missing", "name the column of times, such as t=timestamp:ms")
    if not {"x", "y", "z"} <= columns.keys() and not {"latitude", "longitude"} <= columns.keys():
        raise InvalidColumns(given, "x, y, z or latitude, longitude are missing", "name all three axes, or both of the position")
    for group in (("x", "y", "z"), ("gx", "gy", "gz"), ("latitude", "longitude")):
        if 0 < len(columns.keys() & set(group)) < len(group):
            raise InvalidColumns(given, f"{', '.join(group)} belong together", "name all of them or none")


def told(columns: Mapping[str, str], header: Header, member: Member) -> dict[str, Column]:
    """The columns a user named, found in a header. Raises InvalidColumns, or UnreadableRecording for a header that lacks one."""
    check(columns)
    found = {}
    for ours, theirs in columns.items():
        name, colon, unit = theirs.rpartition(":")
        factor = factor_of(ours, unit) if colon else None
        index = header.index(name) if factor is not None else header.index(theirs)
        if index is None:
            if colon and header.index(name) is not None:
                raise InvalidColumns(f"{ours}={theirs}", f"unit {unit!r} is unknown", f"use one of {', '.join(FACTORS[ours])}")
            why = f"has no column {name if factor is not None else theirs!r}"
            raise member.error(why, f"its columns are {', '.join(filter(None, header.names))}", header.line)
        found[ours] = Column(index, factor if factor is not None else written_factor(ours, header.names[index]))
    for group in (("x", "y", "z"), ("gx", "gy", "gz")):
        if len({found[ours].factor for ours in group if ours in found}) > 1:
            raise InvalidColumns(
                ", ".join(columns[ours] for ours in group), "are in different units", "name one unit for the three"
            )
    return found


def guessed(header: Header) -> dict[str, Column]:
    """The columns whose names are those of a known habit; groups that are not whole are left out."""
    found: dict[str, Column] = {}
    for ours, patterns in _HABITS.items():
        for pattern in patterns:
            index = next((at for at, name in enumerate(header.names) if re.fullmatch(pattern, _bare(name))), None)
            if index is not None:
                factor = written_factor(ours, header.names[index])
                force = ours in "xyz" and _bare(header.names[index]).startswith(("gf", "gforce"))
                found[ours] = Column(index, STANDARD_GRAVITY_MPS2 if force else factor)
                break
    for group in (("x", "y", "z"), ("gx", "gy", "gz"), ("latitude", "longitude")):
        if not set(group) <= found.keys():
            found = {ours: column for ours, column in found.items() if ours not in group}
    return found


def time_candidates(header: Header) -> list[int]:
    """Every column that may be the time, the likeliest first."""
    bare = [_bare(name) for name in header.names]
    return [at for pattern in _HABITS["t"] for at, name in enumerate(bare) if re.fullmatch(pattern, name)]


def _bare(name: str) -> str:
    """`Accel_X (m/s^2)` → `accelx`."""
    return re.sub(r"[^a-z0-9]", "", re.sub(r"[(\[].*?[)\]]", "", name.lower()))


_UNIT = r"(mps2?|ms2?|g|kmh|kph|mph|rads?|rps|degs?|dps|m|deg)?"  # `acc_x_g`, `speed_kmh`
_ACCELEROMETER = (
    "(raw)?(accelerometer|acceleration|accel|acc|gforce|gf|a|total(acceleration|acc))(data|raw)?",
    "lin(ear)?acc.*|useracc.*",
)
_HABITS: dict[str, tuple[str, ...]] = {
    "t": (
        r"(unix|epoch|utc)?(timestamp|time|epoch)(utc|unix|epoch)?(s|sec|seconds|ms|millis|us|ns|nanos)?",
        r"(sensor|event|elapsedrealtime|uptime|elapsed)(timestamp|time)?(s|sec|seconds|ms|millis|us|ns|nanos|nano)?",
        r"t|ts|ms|seconds?|secondselapsed|timeseconds|datetime|loggingtime.*|date",
    ),
    **{axis: (*(f"{name}{axis}{_UNIT}" for name in _ACCELEROMETER), axis) for axis in "xyz"},
    **{f"g{axis}": (rf"(raw)?(gyroscope|gyro|gyr|rotationrate|angularvelocity|omega|w|g){axis}{_UNIT}",) for axis in "xyz"},
    "latitude": (r"(gps|location|loc)?(latitude|lat)(deg)?",),
    "longitude": (r"(gps|location|loc)?(longitude|long|lon|lng)(deg)?",),
    "speed": (rf"(gps|location|loc|ground)?(speed|velocity){_UNIT}",),
    "bearing": (r"(gps|location|loc)?(bearing|heading|course|direction|track)(deg)?",),
    "accuracy": (r"(gps|location|loc)?(horizontal|h)?(accuracy|acc)m?",),
}  # fmt: skip
