"""The vertical shock of one pass over the metres of road around a place, so that passes at any speed lie on one another.

Pure: samples in, a curve out. For looking at; what is measured of a shock is `detection.waveform`'s.
"""

from __future__ import annotations

import numpy as np

from detection.columns import Floats

METRES = np.round(np.arange(-3.0, 7.01, 0.25), 2)  # a wheelbase after the front axle, and a little of before and after
CALM_S = 10.0  # gravity is the mean of so much before and after: a phone in its holder turns with the car, slowly
LEAST_MPS = 2.0  # slower, a metre takes longer than the body swings


def over_metres(t_s: Floats, xyz_mps2: Floats, at_s: float, speed_mps: float) -> Floats | None:
    """Vertical acceleration without gravity, m/s², at `METRES` of road from where the front axle was at `at_s`.

    t_s (n,), xyz_mps2 (n, 3): as the phone lay. None where the samples do not reach over all metres, or the car stood.
    """
    if not speed_mps >= LEAST_MPS:
        return None
    first, last = (at_s + edge / speed_mps for edge in (METRES[0], METRES[-1]))
    if not len(t_s) or t_s[0] > first or t_s[-1] < last:
        return None
    near = (t_s >= first - CALM_S) & (t_s <= last + CALM_S)
    t_s, xyz = t_s[near], xyz_mps2[near]
    gravity = xyz.mean(axis=0)
    strength = float(np.linalg.norm(gravity))
    if not strength > 0:
        return None
    vertical = xyz @ (gravity / strength) - strength
    return np.asarray(np.interp(at_s + METRES / speed_mps, t_s, vertical))
