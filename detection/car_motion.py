"""How the car itself accelerates, ahead and to the left, during one trip.

Accelerometer and location, each where it is good: quick changes from the accelerometer, slow ones from the fixes
(a complementary filter). Which way is ahead follows from the trip, for each stretch between two handlings of the phone.
Road shaking is none of this module's business.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from detection.columns import Columns, Floats
from detection.grid import on_grid
from detection.path import Path
from detection.pose import across
from detection.stages import Stages
from detection.trace import Samples, Trace

Complex = npt.NDArray[np.complex128]
Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class CarMotionSettings:
    """From samples and fixes to the acceleration of the car."""

    rate_hz: float = 10.0  # braking and steering take 0.3 s and more; a driver's foot is no faster
    smooth_s: float = 0.25  # σ: below 1 Hz drivers act, above wheels and suspension do
    level_s: float = 30.0  # the zero of the accelerometer is its median over this: slopes change slower, manoeuvres are shorter
    stretch_s: float = 20.0  # a stretch between two handlings shorter than this tells no direction
    crossover_s: float = 2.5  # σ above which fixes are believed: a fix each second, speed good to 0.1 to 0.3 m/s
    fixes_alone_s: float = 0.4  # the same where the accelerometer's direction is unknown: all a fix each second can resolve
    coherence: float = 0.1  # share of the force that the direction must explain; chance reaches 1 over the seconds, 0.01 to 0.03
    brief_s: float = 20.0  # an emergency stop, the start after it, and what the pose's rules mark around them
    same_pose_over_s: float = 20.0  # before and after what looks like handling: longer than a manoeuvre …
    same_pose_deg: float = (
        8.0  # … gravity lies closer than this: over 20 s braking leaves 1 to 5°, a hand 18° and more (simulator)
    )
    real_share: float = 0.3  # of a force's square that must show in the length of the whole vector, else gravity leaked into it


@dataclass(frozen=True, eq=False)
class CarMotion(Columns):
    """Acceleration of the car every 1/rate_hz, columns (k,).

    t_s: s from the start of the trip. ahead_mps2, left_mps2: NaN where the direction is unknown. force_mps2: length of the
    horizontal acceleration, known without any direction; NaN while handled. angle_rad: direction of that force across the
    phone's own up. yaw_radps: to the left; NaN without a gyroscope. certainty: 0..1, of the direction.
    """

    t_s: Floats
    ahead_mps2: Floats
    left_mps2: Floats
    force_mps2: Floats
    angle_rad: Floats
    yaw_radps: Floats
    certainty: Floats


@dataclass(frozen=True, eq=False)
class _Stretch:
    """Between two handlings: t_s (k,), horizontal force (k,) as complex m/s², yaw rate to the left (k,) rad/s or NaN, and
    where the force is one of the car's, not gravity leaked into it."""

    t_s: Floats
    force: Complex
    yaw_radps: Floats
    real: Mask


def car_motion(trace: Trace, stages: Stages, settings: CarMotionSettings) -> CarMotion:
    """The whole trip; a recording without gravity, whose up nobody knows, is told by its fixes alone."""
    grid = stages.grid
    step = max(1, round(grid.rate_hz / settings.rate_hz))
    hz = grid.rate_hz / step
    handled, seam = (_means(mask[None], step)[0] > 0.0 for mask in (stages.upright.handled, grid.seam))
    t_s = _means(grid.t_s[None], step)[0]
    acceleration = _sensed(trace.accelerometer, stages, step, settings)
    turning = _sensed(trace.gyroscope, stages, step, settings)
    still = ~seam & ~_left_changed(handled, acceleration, hz, settings)
    columns = np.full((6, len(t_s)), np.nan)
    columns[-1] = 0.0
    for (run,) in ndimage.find_objects(ndimage.label(still)[0]):
        if run.stop - run.start >= settings.stretch_s * hz:
            stretch = _level(t_s[run], acceleration[:, run], turning[:, run], hz, settings)
            if not trace.gravity_included:
                stretch = replace(stretch, force=np.zeros_like(stretch.force), yaw_radps=np.full_like(stretch.t_s, np.nan))
            columns[:, run] = _directed(stretch, stages.path, hz, settings)
    return CarMotion(t_s, *columns)


def _left_changed(handled: Mask, acceleration: Floats, hz: float, settings: CarMotionSettings) -> Mask:
    """`handled` (k,) without what left the phone as it lay: an emergency stop leans gravity as far as a hand does."""
    out = handled.copy()
    reach = round(settings.same_pose_over_s * hz)
    for (run,) in ndimage.find_objects(ndimage.label(handled)[0]):
        before, after = acceleration[:, max(0, run.start - reach) : run.start], acceleration[:, run.stop : run.stop + reach]
        if min(before.shape[1], after.shape[1]) < reach // 2 or run.stop - run.start > settings.brief_s * hz:
            continue
        up, then = np.median(before, axis=1), np.median(after, axis=1)
        cosine = up @ then / max(float(np.linalg.norm(up) * np.linalg.norm(then)), 1e-9)
        out[run] = cosine < np.cos(np.radians(settings.same_pose_deg))
    return out


def _sensed(samples: Samples | None, stages: Stages, step: int, settings: CarMotionSettings) -> Floats:
    """Smoothed samples, (3, k); NaN without a sensor."""
    if samples is None or len(samples) < 2:
        return np.full((3, len(stages.grid) // step), np.nan)
    sigma = settings.smooth_s * stages.grid.rate_hz / step
    return np.asarray(ndimage.gaussian_filter1d(_means(on_grid(samples, stages.grid), step), sigma, axis=1, mode="nearest"))


def _level(t_s: Floats, acceleration: Floats, turning: Floats, hz: float, settings: CarMotionSettings) -> _Stretch:
    """What lies across gravity, slopes and sensor bias taken out by a running median.

    An app that turns samples upright by itself lets up follow a long push: the push fades and comes back reversed when it
    ends. Only a real force makes the whole vector longer than gravity.
    """
    axes = np.linalg.eigh(acceleration @ acceleration.T)[1]  # medians along axes that turn with the phone
    up = axes @ np.median(axes.T @ acceleration, axis=1)
    up = up / max(float(np.linalg.norm(up)), 1e-9)
    flat = np.stack(across(up)) @ acceleration
    flat = _unmirrored(np.linalg.eigh(flat @ flat.T)[1].T) @ flat
    second = max(1, round(hz))
    size = round(settings.level_s * hz / second) | 1
    slow = ndimage.median_filter(flat[:, ::second], (1, size), mode="nearest")
    flat = flat - np.stack([np.interp(t_s, t_s[::second], row) for row in slow])
    square = np.sum(acceleration**2, axis=0)
    real = square - np.median(square) >= settings.real_share * np.sum(flat**2, axis=0)
    yaw = up @ turning
    return _Stretch(t_s, flat[0] + 1j * flat[1], yaw - np.median(yaw), real)


def _unmirrored(axes: Floats) -> Floats:
    """Rows (2, 2) with the second to the left of the first, as left is of ahead."""
    return np.asarray(axes * np.array([[1.0], [np.sign(np.linalg.det(axes))]]))


def _directed(stretch: _Stretch, path: Path | None, hz: float, settings: CarMotionSettings) -> Floats:
    """Columns of `CarMotion` after t_s, (6, k)."""
    known, certainty = np.full(len(stretch.t_s), np.nan + 0j), np.zeros(len(stretch.t_s))
    force = np.where(stretch.real, np.abs(stretch.force), 0.0)
    expected = _from_fixes(stretch, path, hz) if path is not None else None
    if path is not None and expected is not None:
        known, certainty = _best_frame(stretch, expected, path, hz, settings)
        known = _fused(known, expected, hz, settings)
        certainty = np.maximum(certainty, np.where(np.isfinite(known), 0.3, 0.0))
        force = np.where(np.isfinite(known), np.abs(known), force)
    return np.stack([known.real, known.imag, force, np.angle(stretch.force), stretch.yaw_radps, certainty])


def _from_fixes(stretch: _Stretch, path: Path, hz: float) -> Complex | None:
    """Change of speed, and speed times yaw rate as the imaginary part, (k,), NaN in gaps; None where there are no fixes."""
    speed = path.speed_at(stretch.t_s)
    if np.isfinite(speed).sum() < 10 * hz:
        return None
    yaw = stretch.yaw_radps
    if np.isnan(yaw).any():
        heading = np.nan_to_num(path.heading_at(stretch.t_s))  # in gaps, where there is no speed either
        yaw = -np.gradient(np.unwrap(np.radians(heading))) * hz
    return np.asarray(np.gradient(speed) * hz + 1j * speed * yaw)


def _best_frame(
    stretch: _Stretch, expected: Complex, path: Path, hz: float, settings: CarMotionSettings
) -> tuple[Complex, Floats]:
    """The force in car axes (k,) and how sure, (k,), in the frame that explains it better: one that stays with the car, as
    phones record it, or with the Earth, as some apps turn it. NaN where neither does."""
    turned = np.nan_to_num(-np.radians(path.heading_at(stretch.t_s)))
    with_car = _aligned(stretch.force, expected, settings)
    with_earth = _aligned(stretch.force * np.exp(-1j * turned), expected, settings)
    return with_car if np.mean(with_car[1]) >= np.mean(with_earth[1]) else with_earth


def _aligned(force: Complex, expected: Complex, settings: CarMotionSettings) -> tuple[Complex, Floats]:
    """Least squares of force = gain · expected with one complex gain: its angle is the direction of ahead. Certainty is the
    root of the coherence."""
    used = np.isfinite(expected)
    e, f = expected[used], force[used]
    cross = np.vdot(e, f)
    coherence = float(np.abs(cross) ** 2 / max(np.vdot(e, e).real * np.vdot(f, f).real, 1e-12))
    if coherence < settings.coherence:
        return np.full(len(force), np.nan + 0j), np.zeros(len(force))
    return force * np.conj(cross) / np.abs(cross), np.full(len(force), np.sqrt(coherence))


def _fused(known: Complex, expected: Complex, hz: float, settings: CarMotionSettings) -> Complex:
    """Quick from the accelerometer, slow from the fixes; only the fixes where the direction is unknown."""
    blind = bool(np.isnan(known).all())
    quick = np.zeros_like(known) if blind else known
    sigma = (settings.fixes_alone_s if blind else settings.crossover_s) * hz
    used = np.isfinite(expected)
    lacking = _smooth(np.where(used, expected - quick, 0.0), sigma)
    share = _smooth(used.astype(np.complex128), sigma).real
    return np.asarray(np.where(share > 0.05, quick + lacking / np.maximum(share, 0.05), known))


def _smooth(values: Complex, sigma: float) -> Complex:
    return np.asarray(ndimage.gaussian_filter1d(values, sigma, mode="constant"))


def _means(signal: npt.NDArray[np.float64 | np.bool_], step: int) -> Floats:
    whole = signal.shape[1] // step * step
    return np.asarray(signal[:, :whole].reshape(len(signal), -1, step).mean(axis=2))
