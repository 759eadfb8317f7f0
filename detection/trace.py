"""The trace: one trip's recording as immutable arrays, with its invariants checked once.

Everything below a `Trace` may rely on: SI units, float64, strictly increasing finite times, equal
lengths, positions in range. What a recording app got wrong is put in order by `Trace.build` and counted
in the provenance; judging what the numbers *mean* (teleports, handling) is `detection.clean`'s job.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import UTC, datetime
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pandas as pd

from detection.errors import InvalidTrace

Floats = npt.NDArray[np.float64]

STANDARD_GRAVITY_MPS2 = 9.80665  # exact by definition: CGPM 1901, ISO 80000-3
SENSOR_LIMIT = 1000.0  # m/s² or rad/s; phones end at 16 g and 35 rad/s: beyond is a fault of the transport, not a shock


@dataclass(frozen=True, eq=False)
class Samples:
    """Three-axis samples of one sensor in phone axes.

    t_s: (n,) seconds from the start of the trip, strictly increasing.
    xyz: (n, 3) m/s² for an accelerometer, rad/s for a gyroscope.
    """

    t_s: Floats
    xyz: Floats

    def __post_init__(self) -> None:
        _check_times("t_s", self.t_s)
        if self.xyz.shape != (len(self.t_s), 3):
            raise InvalidTrace("xyz", self.xyz.shape, f"shape is not ({len(self.t_s)}, 3)", "give three values a sample")
        _check_finite("xyz", self.xyz)
        _freeze(self.t_s, self.xyz)

    def __len__(self) -> int:
        return len(self.t_s)

    @cached_property
    def rate_hz(self) -> float:
        """Achieved rate: the inverse of the median interval (0.0 below two samples); never the nominal one."""
        return float(1.0 / np.median(np.diff(self.t_s))) if len(self) > 1 else 0.0

    @cached_property
    def axes(self) -> Floats:
        """The values an axis a row, (3, n), contiguous: what goes along time goes several times faster."""
        return np.ascontiguousarray(self.xyz.T)

    def to_frame(self) -> pd.DataFrame:
        """t_s, x, y, z: m/s² of an accelerometer, rad/s of a gyroscope."""
        return pd.DataFrame({"t_s": self.t_s.copy()} | {name: self.xyz[:, i].copy() for i, name in enumerate("xyz")})

    @classmethod
    def empty(cls) -> Samples:
        return cls(np.empty(0), np.empty((0, 3)))


@dataclass(frozen=True, eq=False)
class Fixes:
    """Location fixes, all arrays (m,); NaN where the phone did not say (never in time or position).

    t_s from the start of the trip, strictly increasing; WGS 84 degrees; speed m/s ≥ 0; bearing degrees
    clockwise from north in [0, 360); accuracy m > 0 (68 % radius as Android and iOS define it).
    """

    t_s: Floats
    latitude_deg: Floats
    longitude_deg: Floats
    speed_mps: Floats
    bearing_deg: Floats
    accuracy_m: Floats

    def __post_init__(self) -> None:
        _check_times("t_s", self.t_s)
        for name, low, high, optional in _FIX_RANGES:
            column = getattr(self, name)
            if column.shape != self.t_s.shape:
                raise InvalidTrace(name, column.shape, f"shape is not {self.t_s.shape}", "give one value a fix")
            bad = ~((column >= low) & (column <= high) | (optional & np.isnan(column)))
            if bad.any():
                raise InvalidTrace(name, float(column[bad][0]), f"outside {low} to {high}", "drop or mend the fix")
            _freeze(column)
        _freeze(self.t_s)

    def __len__(self) -> int:
        return len(self.t_s)

    def __getitem__(self, which: npt.NDArray[np.bool_] | npt.NDArray[np.intp] | slice) -> Fixes:
        return Fixes(self.t_s[which], *(getattr(self, name)[which] for name, *_ in _FIX_RANGES))

    def to_frame(self) -> pd.DataFrame:
        """A copy, a column each."""
        return pd.DataFrame({f.name: getattr(self, f.name).copy() for f in fields(self)})

    @classmethod
    def empty(cls) -> Fixes:
        return cls(*(np.empty(0) for _ in range(6)))


_FIX_RANGES = (  # name, lowest, highest, may be NaN
    ("latitude_deg", -90.0, 90.0, False),
    ("longitude_deg", -180.0, 180.0, False),
    ("speed_mps", 0.0, 150.0, True),  # 540 km/h: no car; a faster fix is an error of units
    ("bearing_deg", 0.0, 360.0, True),
    ("accuracy_m", 0.0, np.inf, True),
)


@dataclass(frozen=True)
class Provenance:
    """Where a trace came from and what was done to it on the way in.

    reader: name of the format that was recognised; source: file or URL as the user named it; notes: what
    was inferred ("accelerometer in g, converted"); dropped: how many samples or fixes were left out, by reason.
    """

    reader: str = ""
    source: str = ""
    notes: tuple[str, ...] = ()
    dropped: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Trace:
    """One trip's recording.

    trip_id: UUID chosen on the phone, or a name derived from the file. started_at: UTC instant of t = 0, None
    where the recording has no clock. device: random id of the phone, None where unknown. gravity_included:
    False for recordings from which the phone already subtracted gravity.
    """

    trip_id: str
    accelerometer: Samples
    fixes: Fixes
    gyroscope: Samples | None = None
    started_at: datetime | None = None
    device: str | None = None
    gravity_included: bool = True
    provenance: Provenance = field(default_factory=Provenance)

    def __post_init__(self) -> None:
        if not self.trip_id:
            raise InvalidTrace("trip_id", self.trip_id, "is empty", "give each trip a name of its own")
        if self.started_at is not None and self.started_at.utcoffset() is None:
            raise InvalidTrace("started_at", self.started_at.isoformat(), "has no time zone", "give it in UTC")

    @property
    def duration_s(self) -> float:
        t = self.accelerometer.t_s
        return float(t[-1] - t[0]) if len(t) else 0.0

    @property
    def started_at_s(self) -> float:
        """Seconds since 1970-01-01 UTC of t = 0, NaN where the recording has no clock."""
        return self.started_at.timestamp() if self.started_at else float("nan")

    @classmethod
    def build(
        cls,
        trip_id: str,
        *,
        accelerometer: tuple[npt.ArrayLike, npt.ArrayLike],
        gyroscope: tuple[npt.ArrayLike, npt.ArrayLike] | None = None,
        location: Mapping[str, npt.ArrayLike] | None = None,
        started_at: datetime | float | None = None,
        device: str | None = None,
        gravity_included: bool = True,
        reader: str = "",
        source: str = "",
        notes: tuple[str, ...] = (),
    ) -> Trace:
        """A trace from columns as a recording app wrote them: any order, repeats, gaps of NaN.

        accelerometer, gyroscope: (t (n,) s, xyz (n, 3)). location: columns t, latitude, longitude and optionally
        speed, bearing, accuracy, each (m,). started_at: aware datetime or seconds since 1970.
        Non-finite samples, repeated stamps, and samples and fixes out of range are dropped and counted in
        `provenance.dropped`; negative speed, bearing or accuracy means unknown, as phones write it.
        Raises InvalidTrace when columns of one sensor differ in length, lack or hold no numbers, or the start is no date.
        """
        dropped: dict[str, int] = {}
        samples = _ordered(*accelerometer, "accelerometer", dropped)
        gyro = _ordered(*gyroscope, "gyroscope", dropped) if gyroscope is not None else None
        return cls(
            trip_id,
            samples,
            _ordered_fixes(location, dropped) if location else Fixes.empty(),
            gyro if gyro is not None and len(gyro) else None,
            _instant(started_at),
            device,
            gravity_included,
            Provenance(reader, source, notes, dropped),
        )


def _instant(started_at: datetime | float | None) -> datetime | None:
    if started_at is None or isinstance(started_at, datetime):
        return started_at
    seconds = float(started_at)
    try:
        return datetime.fromtimestamp(seconds, UTC) if np.isfinite(seconds) else None
    except (OverflowError, OSError, ValueError):  # each of them, depending on how far out of range
        raise InvalidTrace("started_at", seconds, "is no date", "give seconds since 1970, not ms or ns") from None


def _numbers(values: npt.ArrayLike, field: str) -> Floats:
    try:
        return np.asarray(values, np.float64)
    except (TypeError, ValueError):
        raise InvalidTrace(field, str(values)[:40], "is not a number", "give floats, NaN where unknown") from None


def _ordered(t: npt.ArrayLike, xyz: npt.ArrayLike, sensor: str, dropped: dict[str, int]) -> Samples:
    t_s, values = _numbers(t, sensor), _numbers(xyz, sensor)
    if t_s.ndim != 1 or values.shape != (len(t_s), 3):
        raise InvalidTrace(
            sensor, values.shape, f"{t_s.size} times but values of this shape", "give (n,) times and (n, 3) values"
        )
    finite = np.isfinite(t_s) & np.isfinite(values).all(axis=1)
    if not finite.all():
        dropped[f"{sensor} not a number"] = int((~finite).sum())
        t_s, values = t_s[finite], values[finite]
    sound = (np.abs(values) <= SENSOR_LIMIT).all(axis=1)
    if not sound.all():
        dropped[f"{sensor} out of range"] = int((~sound).sum())
        t_s, values = t_s[sound], values[sound]
    keep = _first_of_each_stamp(t_s, sensor, dropped)
    return Samples(t_s[keep], values[keep]) if keep is not None else Samples(t_s.copy(), values.copy())


def _ordered_fixes(location: Mapping[str, npt.ArrayLike], dropped: dict[str, int]) -> Fixes:
    for name in ("t", "latitude", "longitude"):
        if name not in location:
            raise InvalidTrace(f"location.{name}", None, "is missing", "give t, latitude and longitude of every fix")
    t_s = _numbers(location["t"], "location.t")
    columns = [_numbers(location.get(name, np.full(t_s.shape, np.nan)), f"location.{name}") for name in _WIRE_NAMES]
    for name, column in zip(_WIRE_NAMES, columns, strict=True):
        if column.shape != t_s.shape or t_s.ndim != 1:
            raise InvalidTrace(f"location.{name}", column.shape, f"shape is not {t_s.shape}", "give one value a fix")
    latitude, longitude, speed, bearing, accuracy = columns
    with np.errstate(invalid="ignore"):
        good = np.isfinite(t_s) & (np.abs(latitude) <= 90) & (np.abs(longitude) <= 180) & ~(speed > 150)
        speed = np.where(speed >= 0, speed, np.nan)
        bearing = np.where(bearing >= 0, bearing % 360.0, np.nan)
        accuracy = np.where((accuracy > 0) & np.isfinite(accuracy), accuracy, np.nan)
    if not good.all():
        dropped["fix out of range"] = int((~good).sum())
    t_s = t_s[good]
    keep = _first_of_each_stamp(t_s, "fix", dropped)
    order = keep if keep is not None else slice(None)
    return Fixes(t_s[order], *(column[good][order].copy() for column in (latitude, longitude, speed, bearing, accuracy)))


_WIRE_NAMES = ("latitude", "longitude", "speed", "bearing", "accuracy")  # INTERFACE: location columns of a chunk


def _first_of_each_stamp(t_s: Floats, what: str, dropped: dict[str, int]) -> npt.NDArray[np.intp] | None:
    """Indices that sort t and keep the first of equal stamps; None where t is strictly increasing already."""
    steps = np.diff(t_s)
    if (steps > 0).all():
        return None
    if (steps < 0).any():
        dropped[f"{what} out of order, sorted"] = int((steps < 0).sum())
    order = np.argsort(t_s, kind="stable")
    fresh = np.r_[True, np.diff(t_s[order]) > 0]
    if not fresh.all():
        dropped[f"{what} repeated stamp"] = int((~fresh).sum())
    return order[fresh]


def _check_times(name: str, t_s: Floats) -> None:
    if t_s.ndim != 1:
        raise InvalidTrace(name, t_s.shape, "is not one column", "give times as a flat array")
    _check_finite(name, t_s)
    steps = np.diff(t_s)
    if len(steps) and not steps.min() > 0:
        at = int(np.argmin(steps))
        raise InvalidTrace(name, float(t_s[at + 1]), "time does not increase", "use Trace.build, which sorts and drops repeats")


def _check_finite(name: str, values: Floats) -> None:
    if not np.isfinite(values).all():
        raise InvalidTrace(name, "NaN or infinity", "is not a number", "use Trace.build, which drops such rows")


def _freeze(*arrays: Floats) -> None:
    for array in arrays:
        array.setflags(write=False)
