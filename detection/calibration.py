"""What a jolt or a roughness would have been in the middle car of the fleet, at 40 km/h: the same from any car and phone.

`CalibrationState` adds up all passes of all devices over all places, trip by trip; `Calibration` is what follows from it:
gain and speed exponent of each device with their standard errors. The solution itself is `detection.gains`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from detection.columns import KINDS, Codes, Columns, Counts, Floats, Texts
from detection.gains import Cells, solve_gains
from detection.jolts import Jolts, Survey, Track
from detection.places import place_codes
from detection.settings import CalibrationSettings, SeveritySettings, StatisticSettings
from detection.weight import DeviceTrust

DEFAULT = CalibrationSettings()
ROAD, SORTS = 0, 1 + len(KINDS)  # sorts of passes: over plain road, then over each kind of jolt


@dataclass(frozen=True, eq=False)
class Severities(Columns):
    """severity: dimensionless, 1 = just felt; low, high: its 90 % interval. Columns (n,)."""

    severity: Floats
    low: Floats
    high: Floats


@dataclass(frozen=True, eq=False)
class DeviceGains(Columns):
    """device: id, sorted. gain: log of how much more than the fleet's middle it shows, gain_se: 1 σ. exponent: what its γ
    differs by from the fleet's, exponent_se: 1 σ. passes: over places. Columns (d,)."""

    device: Texts
    gain: Floats
    gain_se: Floats
    exponent: Floats
    exponent_se: Floats
    passes: Floats


@dataclass(frozen=True, eq=False)
class SpeedExponents(Columns):
    """sort: what is passed over. exponent: γ in level ∝ speed^γ, exponent_se: 1 σ. sigma: log residual of one pass. Columns
    (SORTS,)."""

    sort: Texts
    exponent: Floats
    exponent_se: Floats
    sigma: Floats


@dataclass(frozen=True, eq=False)
class Calibration:
    """devices: a row each. exponent, exponent_se, sigma (SORTS,): γ and log residual of one pass, of road and each kind.
    trust: what the word of each device is worth (`detection.trust`); those not in it are believed."""

    devices: DeviceGains
    exponent: Floats
    exponent_se: Floats
    sigma: Floats
    settings: CalibrationSettings = DEFAULT
    trust: DeviceTrust = field(default_factory=DeviceTrust.empty)

    @property
    def sorts(self) -> SpeedExponents:
        """Exponents and residuals by name, as a table."""
        names = np.array(["road", *KINDS], object)
        return SpeedExponents(names, self.exponent, self.exponent_se, self.sigma)

    def severity(self, level: Floats, speed_mps: Floats, device: Texts, kind: Codes | None = None) -> Severities:
        """Levels (n,) m/s² RMS of single jolts of these devices, at speeds NaN where unknown, as severities.

        The interval holds what the next device would say. A device never seen has the prior's gain and width.
        """
        sort = ROAD + 1 + (np.zeros(len(level), np.int64) if kind is None else kind.astype(np.int64))
        mean, variance = self.told(level, speed_mps, device, sort)
        return self._severities(mean - np.log(self.settings.felt_mps2), variance + self.sigma[sort] ** 2)

    def roughness(self, track: Track, device: str) -> Floats:
        """Roughness (m,) m/s² RMS of a track of this device as the middle car would show it at the reference speed."""
        sort = np.full(len(track), ROAD)
        return np.exp(self.told(track.roughness_mps2, track.speed_mps, np.full(len(track), device, object), sort)[0])

    def told(self, level: Floats, speed_mps: Floats, device: Texts, sort: npt.NDArray[np.int64]) -> tuple[Floats, Floats]:
        """Log level (n,) without what device and speed add, and its variance without the noise of the pass."""
        gain, gain_se, tilt, tilt_se = self._of(device)
        x = np.log(_usable(speed_mps, self.settings) / self.settings.reference_mps)
        mean = np.log(np.maximum(level, 1e-6)) - gain - (self.exponent[sort] + tilt) * x
        return mean, gain_se**2 + x**2 * (tilt_se**2 + self.exponent_se[sort] ** 2)

    def fused(
        self, owner: npt.NDArray[np.int64], count: int, level: Floats, speed_mps: Floats, device: Texts, kind: Codes
    ) -> Severities:
        """Severity of each of `count` things from its hits (h,), each with the thing it belongs to (`owner`) and its kind.

        Hits of one device are one witness whose errors repeat. A wheel that only brushes the thing says too little, never
        too much, so hits above the centre weigh more than those below (an expectile: Newey & Powell, Econometrica 55 (1987)).
        """
        sort = ROAD + 1 + kind.astype(np.int64)
        mean, variance = self.told(level, speed_mps, device, sort)
        names, who = np.unique(device.astype(str), return_inverse=True)
        _, start, which = np.unique(owner * len(names) + who, return_index=True, return_inverse=True)
        hits, repeat = np.bincount(which), self.settings.device_correlation
        noise = self.sigma[sort] ** 2 * (repeat + (1.0 - repeat) / hits[which])
        centre, weight = _centre(owner, count, mean, variance + noise, hits[which], self.settings)
        # what a device's hits have in common does not average out
        of_device = np.bincount(which, weight) ** 2 * (variance + noise)[start]
        spread = np.bincount(owner[start], of_device, count) / np.maximum(np.bincount(owner, weight, count), 1e-12) ** 2
        return self._severities(centre - np.log(self.settings.felt_mps2), spread)

    def _severities(self, log_severity: Floats, variance: Floats) -> Severities:
        reach = self.settings.interval_z * np.sqrt(variance)
        return Severities(*(np.exp(log_severity + side * reach) for side in (0, -1, 1)))

    def _of(self, device: Texts) -> tuple[Floats, Floats, Floats, Floats]:
        """Gain, its standard error, exponent and its standard error of each name (n,)."""
        table, own = self.devices, np.asarray(device).astype(str)
        columns = np.stack([table.gain, table.gain_se, table.exponent, table.exponent_se])
        prior = np.array([0.0, self.settings.device_sigma, 0.0, self.settings.device_exponent_sigma])
        columns = np.c_[columns, prior]  # the last column is for devices not known
        known = np.r_[table.device.astype(str), [""]]
        at = np.searchsorted(known[:-1], own)
        gain, gain_se, tilt, tilt_se = columns[:, np.where(known[at] == own, at, len(table))]
        return gain, gain_se, tilt, tilt_se


@dataclass(frozen=True, eq=False)
class CalibrationState:
    """All passes so far, a row for each device at each place: what trips add to. names: device ids, sorted; device: index
    into them; code: `places.place_codes` with the sort in its lowest digits; passes, x, y, xx, xy, yy as `gains.Cells`."""

    names: Texts = field(default_factory=lambda: np.empty(0, object))
    device: Counts = field(default_factory=lambda: np.empty(0, np.int64))
    code: Counts = field(default_factory=lambda: np.empty(0, np.int64))
    sums: Floats = field(default_factory=lambda: np.empty((6, 0)))  # passes, x, y, xx, xy, yy
    settings: CalibrationSettings = DEFAULT

    @classmethod
    def of(cls, surveys: Iterable[Survey], settings: CalibrationSettings = DEFAULT) -> CalibrationState:
        """The state after all these trips; any order gives the same up to rounding."""
        names, codes, sums = [], [], []
        for survey in surveys:
            code, table = _passes(survey, settings)
            names.append(np.full(len(code), survey.owner, object))
            codes.append(code)
            sums.append(table)
        if not names:
            return cls(settings=settings)
        return _summed(np.concatenate(names), np.concatenate(codes), np.concatenate(sums, axis=1), settings)

    def add(self, survey: Survey) -> CalibrationState:
        """The state with one more trip."""
        return self.merge(CalibrationState.of([survey], self.settings))

    def merge(self, other: CalibrationState) -> CalibrationState:
        """Both together: states of tiles, workers or days may be added up in any order."""
        names = np.concatenate([self.names[self.device], other.names[other.device]])
        sums = np.concatenate([self.sums, other.sums], axis=1)
        return _summed(names, np.concatenate([self.code, other.code]), sums, self.settings)

    def without(self, device: str) -> CalibrationState:
        """The state as if this device had never driven: for devices that are erased."""
        keep = self.names[self.device] != device
        return _summed(self.names[self.device][keep], self.code[keep], self.sums[:, keep], self.settings)

    def calibration(self) -> Calibration:
        """The gains and exponents that follow; linear in the number of rows."""
        places, place = np.unique(self.code, return_inverse=True)
        cells = Cells(self.device, place, self.code % SORTS, *self.sums)
        prior = np.r_[self.settings.road_exponent, self.settings.jolt_exponent]
        gains = solve_gains(cells, len(self.names), len(places), prior, self.settings)
        passes = np.asarray(np.bincount(self.device, self.sums[0], len(self.names)), np.float64)
        table = DeviceGains(self.names, gains.device, gains.device_se, gains.device_exponent, gains.device_exponent_se, passes)
        return Calibration(table, gains.exponent, gains.exponent_se, gains.sigma, self.settings)


def calibrate(surveys: Iterable[Survey], settings: CalibrationSettings = DEFAULT) -> Calibration:
    """Gain and speed exponent of every device from all passes of these trips."""
    return CalibrationState.of(surveys, settings).calibration()


def uncalibrated(settings: CalibrationSettings = DEFAULT) -> Calibration:
    """Every device alike and one fixed speed exponent: what severity is before calibration, to compare with."""
    fixed = np.full(SORTS, SeveritySettings().speed_exponent)
    residual = np.full(SORTS, 0.3)  # of single passes when nothing is taken out: a little more than `noise_sigma`
    return Calibration(DeviceGains.empty(), fixed, np.zeros(SORTS), residual, settings)


def level_of(jolts: Jolts, severity: SeveritySettings | None = None, statistic: StatisticSettings | None = None) -> Floats:
    """The envelope (n,) m/s² RMS that `measure.severity` was told from: its inverse."""
    rules, least = severity or SeveritySettings(), (statistic or StatisticSettings()).min_speed_mps
    speed = np.where(np.isfinite(jolts.speed_mps), np.maximum(jolts.speed_mps, least), rules.reference_mps)
    return np.asarray(jolts.severity * rules.felt_mps2 * (speed / rules.reference_mps) ** rules.speed_exponent)


def _passes(survey: Survey, settings: CalibrationSettings) -> tuple[Counts, Floats]:
    """Code (k,) and sums (6, k) of each pass of one trip: a run of track points in one place, or one probable jolt."""
    track, jolts = survey.track, survey.jolts
    track = track[(track.weight > 0) & (track.speed_mps >= settings.min_speed_mps) & (track.roughness_mps2 > 0)]
    jolts = jolts[np.isfinite(jolts.latitude_deg) & (jolts.speed_mps >= settings.min_speed_mps)]
    place = place_codes(track.latitude_deg, track.longitude_deg, track.heading_deg, settings.cell_m)
    start = np.flatnonzero(np.diff(place, prepend=-1))
    length = np.diff(np.r_[start, len(place)])
    x = np.log(track.speed_mps / settings.reference_mps)
    mean_x, mean_y = (np.add.reduceat(v, start) / length if len(v) else v for v in (x, np.log(track.roughness_mps2)))
    hit = place_codes(jolts.latitude_deg, jolts.longitude_deg, jolts.heading_deg, settings.cell_m)
    code = np.r_[place[start] * SORTS + ROAD, hit * SORTS + 1 + jolts.kind]
    x = np.r_[mean_x, np.log(jolts.speed_mps / settings.reference_mps)]
    y = np.r_[mean_y, np.log(np.maximum(level_of(jolts), 1e-6))]
    return code, np.stack([np.ones(len(x)), x, y, x * x, x * y, y * y])


def _summed(device: Texts, code: Counts, sums: Floats, settings: CalibrationSettings) -> CalibrationState:
    """Rows of the same device and place added up."""
    names, which = np.unique(device.astype(str), return_inverse=True)
    places, place = np.unique(code, return_inverse=True)
    key, row = np.unique(which * max(len(places), 1) + place, return_inverse=True)
    added = np.array([np.bincount(row, column, len(key)) for column in sums], np.float64)
    held = max(len(places), 1)
    return CalibrationState(names.astype(object), key // held, places[key % held] if len(key) else code, added, settings)


def _centre(
    owner: Counts, count: int, value: Floats, variance: Floats, hits: Counts, settings: CalibrationSettings
) -> tuple[Floats, Floats]:
    """Expectile (count,) of values with variances, Huber weights around it; `hits` (h,) share one vote. And the weights (h,)."""
    robust = np.ones(len(value))
    for _ in range(8):
        weight = robust / (variance * hits)
        centre = np.bincount(owner, weight * value, count) / np.maximum(np.bincount(owner, weight, count), 1e-12)
        off = (value - centre[owner]) / np.sqrt(variance)
        side = np.where(off > 0, settings.upper_share, 1.0 - settings.upper_share)
        robust = side * np.minimum(1.0, settings.huber / np.maximum(np.abs(off), 1e-9))
    return centre, weight


def _usable(speed_mps: Floats, settings: CalibrationSettings) -> Floats:
    known = np.maximum(speed_mps, settings.min_speed_mps)
    return np.asarray(np.where(np.isfinite(speed_mps), known, settings.reference_mps))
