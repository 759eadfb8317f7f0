"""What the phone's location service says: late, wrong by some metres that drift slowly, sometimes silent."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.signal import lfilter

from detection.columns import Floats
from detection.geo import LocalMetres, heading_of


@dataclass(frozen=True)
class Receiver:
    """Errors of one trip's fixes. Ranges: docs/simulator.md."""

    sigma_m: float  # per axis, slow part
    correlation_s: float  # of the slow part: first-order Gauss-Markov
    white_m: float  # per axis, independent at each fix
    lag_s: float  # a fix stamped t is where the car was at t - lag
    speed_sigma_mps: float
    junk_first: bool  # the first fix comes from the mobile network
    dropouts_per_s: float


def draw_receiver(rng: np.random.Generator) -> Receiver:
    late = rng.random() < 0.08  # assumption: some phones' location stack buffers
    return Receiver(
        sigma_m=rng.uniform(2.0, 5.0),
        correlation_s=rng.uniform(30.0, 60.0),
        white_m=rng.uniform(0.3, 0.8),
        lag_s=rng.uniform(0.6, 1.5) if late else rng.uniform(0.0, 0.6),
        speed_sigma_mps=rng.uniform(0.1, 0.3),
        junk_first=bool(rng.random() < 0.5),
        dropouts_per_s=rng.choice([0.0, 1 / 300.0]),
    )


def locate(
    t_s: Floats, xy_m: Floats, speed_mps: Floats, receiver: Receiver, plane: LocalMetres, rng: np.random.Generator
) -> dict[str, Floats]:
    """Location columns as `Trace.build` wants them, from the true path: t_s (n,), xy_m (n, 2), speed_mps (n,)."""
    t = np.arange(rng.uniform(0.2, 8.0), t_s[-1], 1.0)
    t = t + rng.normal(0, 0.01, len(t))
    then = t - receiver.lag_s
    true = np.stack([np.interp(then, t_s, c) for c in xy_m.T], axis=1)
    ahead = np.stack([np.interp(then + 0.25, t_s, c) - np.interp(then - 0.25, t_s, c) for c in xy_m.T], axis=1)
    error = drift(len(t), receiver, rng)
    speed = np.interp(then, t_s, speed_mps)
    slow = speed < 0.7  # assumption: below walking pace phones give no course
    bearing = heading_of(*ahead.T) + np.degrees(rng.normal(0, 0.25, len(t)) / np.maximum(speed, 0.7))
    seen_speed = np.where(slow, 0.0, np.maximum(speed + rng.normal(0, receiver.speed_sigma_mps, len(t)), 0.0))
    accuracy = np.clip(1.5 * np.hypot(receiver.sigma_m, receiver.white_m) * rng.lognormal(0, 0.25, len(t)), 2.0, None)
    if receiver.junk_first:
        error[0] += rng.normal(0, 300.0, 2)
        accuracy[0], seen_speed[0], slow[0] = rng.uniform(200, 1500), -1.0, True
    latitude, longitude = plane.to_degrees(*(true + error).T)
    columns = {"t": t, "latitude": latitude, "longitude": longitude, "speed": seen_speed}
    columns |= {"bearing": np.where(slow, -1.0, bearing % 360), "accuracy": accuracy}
    kept = _heard(t, receiver, rng)
    return {name: column[kept] for name, column in columns.items()}


def drift(n: int, receiver: Receiver, rng: np.random.Generator) -> Floats:
    """Position error (n, 2) in m at n fixes a second apart."""
    phi = np.exp(-1.0 / receiver.correlation_s)
    steps = rng.standard_normal((n, 2)) * np.sqrt(1 - phi**2)
    steps[:1] /= np.sqrt(1 - phi**2)
    slow = lfilter([1.0], [1.0, -phi], steps, axis=0)
    return np.asarray(receiver.sigma_m * slow + receiver.white_m * rng.standard_normal((n, 2)))


def _heard(t: Floats, receiver: Receiver, rng: np.random.Generator) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Which fixes are delivered: dropouts of 3 to 25 s, and one in 200 lost."""
    kept = rng.random(len(t)) > 0.005
    for start in t[rng.random(len(t)) < receiver.dropouts_per_s]:
        kept &= ~((t >= start) & (t < start + rng.uniform(3.0, 25.0)))
    return kept
