"""The manoeuvres of one trip: hard stops and swerves, from how the car itself accelerates (`detection.car_motion`).

Where a crowd of drivers brakes hard or swerves, something is wrong with the place even if no wheel meets it.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from detection.car_motion import CarMotion, CarMotionSettings, car_motion
from detection.columns import Codes, Columns, Floats, words
from detection.path import Path
from detection.settings import SurveySettings
from detection.stages import DEFAULT, Stages, follow
from detection.trace import Trace

MANOEUVRES = ("hard_stop", "swerve")  # the index is the code kept in `Manoeuvres.kind`
HARD_STOP, SWERVE = 0, 1

Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class ManoeuvreSettings:
    """What counts as hard."""

    # 8.76 ft/s²: hard braking in the connected-vehicle data of Indiana (Desai et al., J. Big Data Anal. Transp. 2 (2020) 27);
    # insurers count from 7 mph in a second, 3.1 m/s² (Zendrive), Mukai et al. (J. Transp. Tech. 16 (2026) 1) from 0.25 g
    hard_mps2: float = 2.67
    begins_mps2: float = 1.2  # half of that: what a calm driver does not exceed for long; onset and end of a manoeuvre
    joined_s: float = 1.5  # two pushes on the brake, the two sides of one swerve, a turn entered and left
    yaw_radps: float = 0.08  # across the road, 2.67 m/s² turn a car faster than this at any speed below 120 km/h
    rotating_deg: float = 30.0  # with neither fixes nor gyroscope: a force that turns so far is steering, not braking
    strong_share: float = 0.6  # … while it is at least so much of its peak (a weak force has no clear direction);
    push_s: float = (
        0.7  # so is one that pushes shorter: each side of a quick change of lane lasts half a second, a stop a whole one
    )
    told_by_yaw: float = 0.9  # certainty of the kind when the gyroscope tells it: a hard start looks like a stop …
    guessed: float = 0.5  # … and when nothing does
    even_slope: float = 6.0  # of the logistic in log peak: 3.2 m/s² is 0.75
    motion: CarMotionSettings = field(default_factory=CarMotionSettings)


@dataclass(frozen=True, eq=False)
class Manoeuvres(Columns):
    """Hard stops and swerves of one trip, in order of time; every column (n,).

    t_s: s from the start of the trip at which it begins. duration_s. latitude_deg, longitude_deg, heading_deg, speed_mps: where
    and how fast the car was then, NaN without fixes. kind: code, index into `MANOEUVRES`. peak_mps2: largest acceleration
    against (hard stop) or across (swerve) the direction of travel. confidence: 0..1 that it is one of this kind.
    """

    WORDS = words(kind=MANOEUVRES)

    t_s: Floats
    duration_s: Floats
    latitude_deg: Floats
    longitude_deg: Floats
    heading_deg: Floats
    speed_mps: Floats
    kind: Codes
    peak_mps2: Floats
    confidence: Floats


def find_manoeuvres(
    trace: Trace,
    settings: ManoeuvreSettings | None = None,
    *,
    stages: Stages | None = None,
    survey_settings: SurveySettings = DEFAULT,
) -> Manoeuvres:
    """The hard stops and swerves of one trip.

    stages: of the same trace, where they are at hand. With fixes or a gyroscope the direction of travel is found and stops
    are told from starts; without either, any hard force counts, and its kind is a guess of half the confidence.
    Raises SamplingRateTooLow.
    """
    settings = settings or ManoeuvreSettings()
    stages = stages or follow(trace, survey_settings)
    if stages is None:
        return Manoeuvres.empty()
    motion = car_motion(trace, stages, settings.motion)
    return manoeuvres_of(motion, stages.path, settings)


def manoeuvres_of(motion: CarMotion, path: Path | None, settings: ManoeuvreSettings) -> Manoeuvres:
    """The same from the motion of the car; path None without fixes."""
    if len(motion) < 2:
        return Manoeuvres.empty()
    unknown = np.isnan(motion.ahead_mps2)
    undirected = np.where(unknown, np.nan_to_num(motion.force_mps2), 0.0)
    found = [
        _runs(np.nan_to_num(-motion.ahead_mps2), motion, HARD_STOP, settings),
        _runs(np.abs(np.nan_to_num(motion.left_mps2)), motion, SWERVE, settings),
        _undirected(undirected, motion, settings),
    ]
    t_s, duration_s, peak, kind, certainty = np.concatenate(found, axis=1)
    order = np.argsort(t_s, kind="stable")
    t_s, peak = t_s[order], peak[order]
    latitude, longitude, heading, speed = _placed(t_s, path)
    sure = certainty[order] / (1.0 + (settings.hard_mps2 / np.maximum(peak, 1e-6)) ** settings.even_slope)
    return Manoeuvres(t_s, duration_s[order], latitude, longitude, heading, speed, kind[order].astype(np.int8), peak, sure)


def _runs(force: Floats, motion: CarMotion, kind: int, settings: ManoeuvreSettings) -> Floats:
    """Stretches in which force (k,) stays above `begins` and somewhere reaches `hard`: rows start, duration, peak, kind,
    certainty, (5, n)."""
    labels, count = _labelled(force, motion, settings)
    if not count:
        return np.empty((5, 0))
    index = np.arange(1, count + 1)
    peak = np.asarray(ndimage.maximum(force, labels, index))
    first, last = (np.asarray(f(motion.t_s, labels, index)) for f in (ndimage.minimum, ndimage.maximum))
    certainty = np.asarray(ndimage.mean(motion.certainty, labels, index))
    rows = np.stack([first, last - first + _step_s(motion), peak, np.full(count, float(kind)), certainty])
    return np.asarray(rows[:, peak >= settings.hard_mps2])


def _labelled(force: Floats, motion: CarMotion, settings: ManoeuvreSettings) -> tuple[npt.NDArray[np.int32], int]:
    above = force >= settings.begins_mps2
    joined = max(1, round(settings.joined_s / _step_s(motion)))
    whole = np.pad(above, joined)
    closed = ndimage.binary_closing(whole, np.ones(joined + 1, bool))[joined:-joined] | above
    labels, count = ndimage.label(closed)
    return np.asarray(labels, np.int32), int(count)


def _undirected(force: Floats, motion: CarMotion, settings: ManoeuvreSettings) -> Floats:
    """The same where no direction is known: a swerve turns the car; without a gyroscope, the force itself turns or is brief."""
    rows = _runs(force, motion, HARD_STOP, settings)
    for column in range(rows.shape[1]):  # a loop over manoeuvres: few
        first, end = np.searchsorted(motion.t_s, [rows[0, column], rows[0, column] + rows[1, column]])
        push = _strongest(force[first:end], settings.strong_share) + int(first)
        yaw = np.abs(motion.yaw_radps[push])
        by_yaw = bool(np.isfinite(yaw).all())
        steered = yaw.max() > settings.yaw_radps if by_yaw else _turns(motion.angle_rad[push], _step_s(motion), settings)
        rows[3, column] = SWERVE if steered else HARD_STOP
        rows[4, column] = settings.told_by_yaw if by_yaw else settings.guessed
    return rows


def _strongest(force: Floats, share: float) -> npt.NDArray[np.intp]:
    """Indices of the stretch around the peak of (k,) that stays above a share of it."""
    labels, _ = ndimage.label(force >= share * force.max())
    return np.flatnonzero(labels == labels[np.argmax(force)])


def _turns(angle_rad: Floats, step_s: float, settings: ManoeuvreSettings) -> bool:
    turned = np.degrees(np.ptp(np.unwrap(angle_rad)))
    return bool(turned > settings.rotating_deg or len(angle_rad) * step_s < settings.push_s)


def _placed(t_s: Floats, path: Path | None) -> tuple[Floats, Floats, Floats, Floats]:
    if path is None:
        nothing = np.full(len(t_s), np.nan)
        return nothing, nothing.copy(), nothing.copy(), nothing.copy()
    return *path.place_at(t_s), path.heading_at(t_s), path.speed_at(t_s)


def _step_s(motion: CarMotion) -> float:
    return float(np.median(np.diff(motion.t_s)))
