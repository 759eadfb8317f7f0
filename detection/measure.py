"""The measured properties of each jolt: when the front axle met it, how hard, how long, where, and how surely.

Everything is gathered in one (jolts, window) matrix; no loop over jolts.
"""

from __future__ import annotations

import numpy as np

from detection.features import features_of
from detection.jolts import Jolts
from detection.judge import JUDGED_KINDS, confidence_of, kind_probabilities
from detection.settings import LazyPhoneSettings, SlowPhoneSettings, SurveySettings
from detection.stages import Stages
from detection.trace import Floats
from detection.weight import observed_well
from detection.windows import around

REACH_S = 0.6  # before and after: reaches both axles at 5 m/s
CIRCLE_68 = 1.51  # phones state the radius that holds 68 % (Android, Location.getAccuracy): so many σ along an axis


def measure_jolts(stages: Stages, settings: SurveySettings) -> Jolts:
    """The peaks of the stages as `Jolts`, in order of time."""
    at = stages.peaks
    windows, t_window = _windows(stages)
    size = np.abs(windows)
    peak = size.max(axis=1, initial=0.0)
    onset = _onset(size, peak)
    t_s = stages.t_s[at] + t_window[onset]
    speed = stages.speed_mps[at]
    level = stages.level[at]
    latitude, longitude, heading, sigma = _placed(stages, t_s, settings)
    harm = severity(level, speed, settings)
    confidence, kinds = _judged(stages, settings)
    if not isinstance(settings.statistic_at(stages.grid.rate_hz), LazyPhoneSettings):  # whose envelope misses a part
        confidence = confidence * felt(harm, settings)
    jolts = Jolts(
        t_s=t_s,
        latitude_deg=latitude,
        longitude_deg=longitude,
        heading_deg=heading,
        speed_mps=speed,
        severity=harm,
        peak_mps2=peak,
        kind=np.where(kinds.any(axis=1), kinds.argmax(axis=1) + 1, 0).astype(np.int8),
        confidence=confidence,
        score=stages.score[at],
        duration_s=(size > 0.4 * peak[:, None]).sum(axis=1) / stages.grid.rate_hz,
        first_swing_mps2=np.take_along_axis(windows, onset[:, None], axis=1)[:, 0] if len(at) else np.empty(0),
        position_sigma_m=sigma,
        weight=observed_well(stages.grid.rate_hz, speed),
        **dict(zip(JUDGED_KINDS, kinds.T.copy(), strict=True)),
    )
    order = np.argsort(t_s, kind="stable")
    return jolts[order[confidence[order] >= settings.statistic.min_confidence]]


def peak_times(stages: Stages) -> Floats:
    """Seconds at which the front axle met what caused each peak, (peaks,), in the order of the peaks."""
    windows, t_window = _windows(stages)
    size = np.abs(windows)
    return np.asarray(stages.t_s[stages.peaks] + t_window[_onset(size, size.max(axis=1, initial=0.0))])


def _judged(stages: Stages, settings: SurveySettings) -> tuple[Floats, Floats]:
    """Confidence (n,) and probability of each kind (n, 4) of each peak: by trees over its features; by score and without a
    kind where the band is aliased away."""
    rules = settings.statistic_at(stages.grid.rate_hz)
    if isinstance(rules, SlowPhoneSettings):
        confidence = 1.0 / (1.0 + (rules.even_score / np.maximum(stages.score[stages.peaks], 1e-6)) ** rules.even_slope)
        return confidence, np.zeros((len(confidence), len(JUDGED_KINDS)))
    features = features_of(stages, settings.features)
    confidence = confidence_of(features)
    kinds = np.zeros((len(confidence), len(JUDGED_KINDS)))
    sure = confidence >= rules.min_confidence
    kinds[sure] = kind_probabilities(features[sure])
    return confidence, kinds


def severity(level: Floats, speed_mps: Floats, settings: SurveySettings) -> Floats:
    """Envelope (n,) m/s² RMS as it would have been at the reference speed, in units of just being felt."""
    rules = settings.severity
    speed = np.where(np.isfinite(speed_mps), np.maximum(speed_mps, settings.statistic.min_speed_mps), rules.reference_mps)
    return np.asarray(level / rules.felt_mps2 * (rules.reference_mps / speed) ** rules.speed_exponent)


def felt(severity: Floats, settings: SurveySettings) -> Floats:
    """Weight (n,) in [0, 1] of how surely a person would have felt it: a joint that nobody feels is no jolt.

    The trees were taught what can be felt, too, but on streets rougher than a smooth real one, where every joint stands out.
    """
    rules = settings.severity
    return np.asarray(1.0 / (1.0 + (rules.half_felt / np.maximum(severity, 1e-6)) ** rules.felt_slope))


def _windows(stages: Stages) -> tuple[Floats, Floats]:
    """The band around each peak, (jolts, w), and the times of the columns relative to it (w,)."""
    hz = stages.grid.rate_hz
    reach = round(REACH_S * hz)
    centre = stages.peaks * stages.step + stages.step // 2
    return around(stages.banded, centre, reach), np.arange(-reach, reach + 1) / hz


def _onset(size: Floats, peak: Floats) -> np.ndarray:
    """Column of the first swing of at least half the peak: the front axle, not the loudest one."""
    return np.asarray((size >= 0.5 * peak[:, None]).argmax(axis=1)) if len(peak) else np.empty(0, np.intp)


def _placed(stages: Stages, t_s: Floats, settings: SurveySettings) -> tuple[Floats, Floats, Floats, Floats]:
    """Latitude, longitude, heading and 1 σ along the road of each time."""
    path = stages.path
    if path is None:
        nothing = np.full(len(t_s), np.nan)
        return nothing, nothing.copy(), nothing.copy(), nothing.copy()
    latitude, longitude = path.place_at(t_s, settings.fixes.front_axle_ahead_m)
    accuracy = np.interp(t_s + path.lag_s, stages.fixes.t_s, np.nan_to_num(stages.fixes.accuracy_m, nan=5.0))
    sigma = np.hypot(accuracy / CIRCLE_68, path.lag_sigma_s * np.nan_to_num(path.speed_at(t_s)))
    return latitude, longitude, path.heading_at(t_s), np.where(np.isfinite(latitude), sigma, np.nan)
