"""Whether a trace can be of a car on a road: told before anything is learnt from it, so that an invented one does no harm.

Only what physics forbids is refused, with a wide margin: a bad phone is discounted elsewhere (`detection.weight`,
`detection.faults`, `detection.trust`), not called a liar.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from detection.errors import CahotError
from detection.geo import steps_m
from detection.trace import Fixes, Floats, Samples, Trace


@dataclass(frozen=True)
class PlausibleSettings:
    """Of `check_plausible`."""

    gravity_mps2: tuple[float, float] = (8.3, 11.3)  # phones' accelerometers are off by up to 10 %
    block_s: float = 2.0  # shaking and braking cancel out …
    least_blocks: int = 5  # … over so many; a shorter trace says nothing of gravity
    driving_mps: float = 5.0
    least_driving_s: float = 30.0  # below, a trace says too little about itself
    still_mps2: float = 0.06  # RMS: a phone on a table; the smoothest car on new asphalt shakes three times as much
    shaking_s: float = 1.0  # taken second by second
    flight_mps: float = 100.0  # between two fixes, beyond their accuracy
    leap_share: float = 0.2  # of the fixes that leap, and at least so many:
    least_leaps: int = 5
    path_ratio: float = 3.0  # speeds told and distance covered; km/h for m/s is 3.6
    least_path_m: float = 500.0
    travel_mps: float = 280.0  # from one trip's end to the next one's begin: an airliner
    travel_slack_m: float = 2000.0  # clocks of phones, and fixes that come late


DEFAULT = PlausibleSettings()


class Implausible(CahotError):
    """No car on a road gives such a trace; the text is for its driver."""


@dataclass(frozen=True)
class Stay:
    """When (s since 1970) and where (degrees) a trip was seen first and last."""

    begin_s: float
    end_s: float
    begin: tuple[float, float]
    end: tuple[float, float]


def check_plausible(trace: Trace, settings: PlausibleSettings = DEFAULT) -> None:
    """Raises Implausible, with figures, for a trace that no car on a road gives."""
    for check in _CHECKS:
        check(trace, settings)


def check_travel(one: Stay, other: Stay, settings: PlausibleSettings = DEFAULT) -> None:
    """Raises Implausible where one device cannot have made both trips: too far apart for the time between them."""
    first, last = (one, other) if one.begin_s <= other.begin_s else (other, one)
    pause_s = last.begin_s - first.end_s
    apart_m = _apart_m(first.end, last.begin)
    if pause_s < 0.0:  # at the same time: in one car, or nowhere
        apart_m = min(apart_m, _apart_m(first.begin, last.begin))
    if apart_m > settings.travel_slack_m + settings.travel_mps * max(pause_s, 0.0):
        told = f"{apart_m / 1000:.0f} km from another trip of the same device, {max(pause_s, 0.0):.0f} s after it"
        raise Implausible(f"the trip begins {told}; send what other phones recorded under a token of their own")


def _check_gravity(trace: Trace, settings: PlausibleSettings) -> None:
    sensor = trace.accelerometer
    if not trace.gravity_included or len(sensor) < 100:
        return
    size = max(2, round(sensor.rate_hz * settings.block_s))
    blocks = len(sensor) // size
    if blocks < settings.least_blocks:
        return
    means = sensor.xyz[: blocks * size].reshape(blocks, size, 3).mean(axis=1)
    gravity = float(np.median(np.linalg.norm(means, axis=1)))
    low, high = settings.gravity_mps2
    if not low <= gravity <= high:
        raise Implausible(f"gravity is {gravity:.2f} m/s², not 9.81; the accelerometer is broken, or the trace made up")


def _check_shaking(trace: Trace, settings: PlausibleSettings) -> None:
    sensor, t_s = trace.accelerometer, _driving_s(trace.fixes, settings)
    if len(t_s) < settings.least_driving_s or len(sensor) < 100:
        return
    rms = _shaking(sensor, t_s, settings)
    rms = rms[np.isfinite(rms)]
    if len(rms) >= settings.least_driving_s and float(np.median(rms)) < settings.still_mps2:
        told = f"the phone shakes by {np.median(rms):.3f} m/s² while driving"
        raise Implausible(f"{told}, as on a table; the places are not of the drive, or the trace is made up")


def _check_leaps(trace: Trace, settings: PlausibleSettings) -> None:
    fixes = trace.fixes
    if len(fixes) < 2:
        return
    slack = np.nan_to_num(fixes.accuracy_m, nan=20.0)
    far = steps_m(fixes.latitude_deg, fixes.longitude_deg) - slack[:-1] - slack[1:]
    leaps = int((far > settings.flight_mps * np.diff(fixes.t_s)).sum())
    if leaps >= settings.least_leaps and leaps > settings.leap_share * (len(fixes) - 1):
        raise Implausible(f"{leaps} of {len(fixes)} fixes leap faster than {settings.flight_mps:.0f} m/s; the places are made up")


def _check_path(trace: Trace, settings: PlausibleSettings) -> None:
    fixes = trace.fixes
    if len(fixes) < 30:
        return
    step_s = np.diff(fixes.t_s)
    steady = (step_s < 5.0) & np.isfinite(fixes.speed_mps[1:]) & (fixes.speed_mps[1:] > settings.driving_mps)
    step_m = steps_m(fixes.latitude_deg, fixes.longitude_deg)
    steady &= step_m < settings.flight_mps * step_s  # a lone false fix is the phone's error
    told, went = float((fixes.speed_mps[1:] * step_s)[steady].sum()), float(step_m[steady].sum())
    if told > settings.least_path_m and not told / settings.path_ratio <= went <= told * settings.path_ratio:
        raise Implausible(f"speeds add up to {told:.0f} m where the fixes go {went:.0f} m; give speeds in m/s")


_CHECKS: tuple[Callable[[Trace, PlausibleSettings], None], ...] = (_check_gravity, _check_leaps, _check_path, _check_shaking)


def _driving_s(fixes: Fixes, settings: PlausibleSettings) -> Floats:
    """Whole seconds in which the fixes say that it drove."""
    if len(fixes) < 2:
        return np.empty(0)
    covered = steps_m(fixes.latitude_deg, fixes.longitude_deg) / np.diff(fixes.t_s)
    speed = np.where(np.isfinite(fixes.speed_mps[1:]), fixes.speed_mps[1:], covered)
    fast = (np.minimum(speed, covered) > settings.driving_mps) & (np.diff(fixes.t_s) < 5.0)
    return np.asarray(np.unique(np.floor(fixes.t_s[1:][fast])))


def _shaking(sensor: Samples, seconds: Floats, settings: PlausibleSettings) -> Floats:
    """RMS (n,) of what is left of |a| without its mean in each of these seconds, NaN where there are too few samples."""
    length = np.linalg.norm(sensor.xyz, axis=1)
    begin, end = np.searchsorted(sensor.t_s, seconds), np.searchsorted(sensor.t_s, seconds + settings.shaking_s)
    count = end - begin
    first, second = (np.r_[0.0, np.cumsum((length - length.mean()) ** power)] for power in (1, 2))
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = (first[end] - first[begin]) / count
        power = (second[end] - second[begin]) / count - mean**2
    return np.where(count >= 3, np.sqrt(np.maximum(power, 0.0)), np.nan)


def _apart_m(one: tuple[float, float], other: tuple[float, float]) -> float:
    latitude, longitude = np.array([one, other]).T
    return float(steps_m(latitude, longitude)[0])
