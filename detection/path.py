"""Where the car was at any time, how fast, and which way it was heading: the fixes, made continuous.

The fixes of a phone lag: a fix stamped t shows where the car was at t − lag. The lag, and which horizontal
direction is forward, come from the trace itself: forward acceleration, integrated between two fixes, must give
the change of GPS speed, and does so best at the right shift.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.interpolate import CubicSpline

from detection.geo import LocalMetres, heading_of, turn_deg
from detection.grid import Grid, sums_of
from detection.settings import FixSettings
from detection.trace import Fixes, Floats

TOLD = 0.3  # share of the variance of speed changes that forward must explain before anything is built on it
LAG_STEP_S = 0.1  # at which the likelihood is computed; it is smooth over the length of a braking, and interpolated


@dataclass(frozen=True, eq=False)
class Path:
    """Fixes in local metres with their speed, ready to be asked for any time of the trip.

    t_s (m,) as stamped; x_m, y_m east and north; speed_mps never NaN; heading as unit vectors east, north.
    """

    t_s: Floats
    x_m: Floats
    y_m: Floats
    speed_mps: Floats
    east: Floats
    north: Floats
    plane: LocalMetres
    max_gap_s: float
    max_speed_gap_s: float
    lag_s: float = 0.0
    lag_sigma_s: float = 0.0

    def speed_at(self, t_s: Floats) -> Floats:
        """m/s, (k,); NaN in gaps too long to assume that the car just drove on."""
        return self._at(t_s, self.speed_mps, self.max_speed_gap_s)

    def place_at(self, t_s: Floats, ahead_m: float = 0.0) -> tuple[Floats, Floats]:
        """Latitude and longitude in degrees, each (k,), of a point `ahead_m` in front of the phone; NaN in gaps."""
        x, y = self._at(t_s, self.x_m), self._at(t_s, self.y_m)
        if ahead_m:
            heading = np.radians(self.heading_at(t_s))
            x, y = x + ahead_m * np.sin(heading), y + ahead_m * np.cos(heading)
        placed = np.isfinite(x)
        latitude, longitude = np.full(len(x), np.nan), np.full(len(x), np.nan)
        latitude[placed], longitude[placed] = self.plane.to_degrees(x[placed], y[placed])
        return latitude, longitude

    def heading_at(self, t_s: Floats) -> Floats:
        """Degrees clockwise from north, (k,); NaN in gaps."""
        return heading_of(self._at(t_s, self.east), self._at(t_s, self.north))

    def _at(self, t_s: Floats, values: Floats, max_gap_s: float | None = None) -> Floats:
        stamped = t_s + self.lag_s
        out = np.interp(stamped, self.t_s, values, left=np.nan, right=np.nan)
        gap = np.flatnonzero(np.diff(self.t_s) > (max_gap_s or self.max_gap_s))
        if len(gap):
            edges = np.stack([self.t_s[gap], self.t_s[gap + 1]], axis=1).ravel()
            out[np.searchsorted(edges, stamped) % 2 == 1] = np.nan
        return out


def make_path(fixes: Fixes, settings: FixSettings) -> Path | None:
    """The path of at least two fixes, not yet corrected for lag; None where the trip has fewer."""
    if len(fixes) < 2:
        return None
    plane = LocalMetres.around(fixes.latitude_deg, fixes.longitude_deg)
    x, y = plane.to_xy(fixes.latitude_deg, fixes.longitude_deg)
    # central differences over the neighbours: one fix's error of 1 m turns a heading at 10 m/s by 3°
    east, north = np.gradient(x, fixes.t_s), np.gradient(y, fixes.t_s)
    speed = np.where(np.isnan(fixes.speed_mps), np.hypot(east, north), fixes.speed_mps)
    heading = np.radians(_settled_heading(fixes, heading_of(east, north), speed, settings))
    return Path(fixes.t_s, x, y, speed, np.sin(heading), np.cos(heading), plane, settings.max_gap_s, settings.max_speed_gap_s)


def _settled_heading(fixes: Fixes, course_deg: Floats, speed_mps: Floats, settings: FixSettings) -> Floats:
    """The phone's bearing where it gives one that the course does not contradict, else the course, held while standing."""
    believable = np.abs(turn_deg(course_deg, fixes.bearing_deg)) < 45.0  # NaN compares false
    heading = np.where(believable, fixes.bearing_deg, course_deg)
    moving = np.flatnonzero(speed_mps > settings.stand_mps)
    if not len(moving):
        return heading
    latest = moving[np.searchsorted(moving, np.arange(len(heading)), side="right").clip(1) - 1]
    return np.asarray(heading[latest])


@dataclass(frozen=True)
class Forward:
    """Forward as weights of the two horizontal axes (unit vector), lag_s with its 1 σ, and the share of the
    variance of speed changes explained (0..1)."""

    weights: tuple[float, float]
    lag_s: float
    lag_sigma_s: float
    explained: float

    @property
    def told(self) -> bool:
        """Whether the trip tells which way is forward; a phone that changed its pose on the way hides it."""
        return self.explained >= TOLD


def find_forward(horizontal: Floats, grid: Grid, path: Path, settings: FixSettings) -> Forward:
    """Forward direction and lag by least squares at every lag of the search range, combined with the prior lag.

    horizontal: (2, n) m/s² on the grid. For each lag τ the change of speed between fixes k and k+1 is regressed on
    the two integrals of horizontal acceleration from t_k − τ to t_(k+1) − τ; the residuals give the likelihood of τ
    (independent Gaussian errors), the prior closes what the trip leaves open.
    """
    usable = _steps_between_fixes(path, grid)
    step_s = max(LAG_STEP_S, 1.0 / grid.rate_hz)
    lags = np.arange(settings.lag_search_s[0], settings.lag_search_s[1] + 1e-9, step_s)
    prior = -0.5 * ((lags - settings.lag_prior_s) / settings.lag_prior_sigma_s) ** 2
    if usable.sum() < 20:  # two unknowns and a lag from fewer steps say nothing
        return Forward((1.0, 0.0), settings.lag_prior_s, settings.lag_prior_sigma_s, 0.0)
    change = _speed_gained(horizontal, grid, path.t_s, lags)[:, :, usable]
    target = np.diff(path.speed_mps)[usable]
    weights, left = _regress(change, target)
    total = float(np.sum((target - target.mean()) ** 2)) + 1e-9
    # neighbouring steps share a fix and gravity's error: count every second one as independent
    log_likelihood = -0.25 * usable.sum() * np.log(left / total + 1e-6)
    fine, posterior = _between_lags(lags, log_likelihood + prior)
    lag_s = float(posterior @ fine)
    sigma_s = float(np.sqrt(posterior @ (fine - lag_s) ** 2 + 0.02**2))
    best = int(np.argmax(log_likelihood + prior))
    size = float(np.hypot(*weights[:, best])) or 1.0
    direction = (float(weights[0, best]) / size, float(weights[1, best]) / size)
    return Forward(direction, lag_s, sigma_s, float(np.clip(1.0 - left[best] / total, 0.0, 1.0)))


def _between_lags(lags_s: Floats, log_posterior: Floats) -> tuple[Floats, Floats]:
    """The posterior on ten times as many lags, by a cubic through its logarithm, which is smooth: (k,), sums to 1."""
    fine = np.linspace(lags_s[0], lags_s[-1], 10 * (len(lags_s) - 1) + 1)
    smooth = CubicSpline(lags_s, log_posterior)(fine)
    density = np.exp(smooth - smooth.max())
    return fine, density / density.sum()


def _speed_gained(horizontal: Floats, grid: Grid, t_s: Floats, lags_s: Floats) -> Floats:
    """Integral of horizontal acceleration between consecutive times (m,), each shifted back by each lag: (2, lags, m − 1)."""
    step = max(1, round(0.5 * LAG_STEP_S * grid.rate_hz))  # the integral is smooth: two values a lag step are enough
    gained = sums_of(horizontal, step) / grid.rate_hz
    integral = np.concatenate([np.zeros((2, 1)), np.cumsum(gained, axis=1)], axis=1)
    at = np.interp(t_s, grid.t_s[: gained.shape[1] * step : step], np.arange(gained.shape[1]))
    shift = np.round(lags_s * grid.rate_hz / step).astype(np.int64)
    left = np.floor(at).astype(np.int64)[None, :] - shift[:, None]
    np.clip(left, 0, gained.shape[1] - 1, out=left)
    moved = gained.take(left, axis=1)
    moved *= at - np.floor(at)
    moved += integral.take(left, axis=1)
    return np.diff(moved, axis=2)


def _steps_between_fixes(path: Path, grid: Grid) -> npt.NDArray[np.bool_]:
    steps = np.diff(path.t_s)
    inside = (path.t_s[:-1] > grid.t_s[0] + 1.5) & (path.t_s[1:] < grid.t_s[-1] - 0.5)
    moving = np.maximum(path.speed_mps[:-1], path.speed_mps[1:]) > 1.0
    return np.asarray((steps < 3.0) & inside & moving)


def _regress(change: Floats, target: Floats) -> tuple[Floats, Floats]:
    """Least squares of target (k,) on change (2, lags, k) for every lag: weights (2, lags), squared residuals (lags,)."""
    change = change - change.mean(axis=2, keepdims=True)
    target = target - target.mean()
    normal = np.einsum("alk,blk->lab", change, change) + 1e-6 * np.eye(2)
    right = np.einsum("alk,k->la", change, target)
    weights = np.linalg.solve(normal, right[..., None])[..., 0].T
    left = np.sum((target - np.einsum("al,alk->lk", weights, change)) ** 2, axis=1)
    return weights, left
