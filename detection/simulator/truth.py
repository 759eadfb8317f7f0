"""The truth of a drive: which things it passed, met and felt."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.signal import find_peaks

from detection.columns import Codes, Columns, Counts, Floats
from detection.simulator.driver import RATE_HZ, Motion
from detection.simulator.things import TrueDefects

MET_SHARE = 0.25  # of a tyre's tread on the thing
FELT_SPEED_MPS = 4.0  # slower, no one's jolt tells a hole from a kerb
FELT_MPS2 = 0.8  # peak of the body that the thing alone causes; as r.m.s. ISO 2631-1 annex C calls it "uncomfortable"
FELT_OVER_BACKGROUND = 3.0  # times the r.m.s. of what the street alone does within BACKGROUND_S
BACKGROUND_S = 4.0
SHOCK_OVER_BACKGROUND = 4.0  # a Gaussian street at 8 Hz does that to the body every three minutes: 2·8·exp(-4²/2) times a second
APART_S = 0.6  # of two shocks of the bare street


@dataclass(frozen=True, eq=False)
class TrueJolts(Columns):
    """Passes of one drive over things of one table, in order of time; columns (n,).

    t_s: front axle over the thing's centre. defect: index in the table. share: of a tyre's tread on it, the better wheel.
    peak_mps2: largest |vertical| acceleration of the body that the thing alone causes; background_mps2: r.m.s. of the same
    without any things. met, felt: 0 or 1; felt = met, faster than 4 m/s, peak ≥ 0.8 m/s² and ≥ 3 times the background.
    """

    t_s: Floats
    defect: Counts
    kind: Codes
    size_m: Floats
    speed_mps: Floats
    share: Floats
    peak_mps2: Floats
    background_mps2: Floats
    met: Codes
    felt: Codes


def judge(
    things: TrueDefects,
    index: npt.NDArray[np.intp],
    share: Floats,
    t_s: Floats,
    motion: Motion,
    wheelbase_m: float,
    vertical_mps2: Floats,
    background_mps2: Floats,
) -> TrueJolts:
    """Passes over things[index] at t_s (k,); vertical and background (n,) are the body's with and without things."""
    speed = np.interp(t_s, motion.t_s, motion.speed_mps)
    slowest = np.maximum(speed, 1.0)
    half = 0.5 * things.length_m[index] / slowest
    first = _at(t_s - half - 0.1, len(vertical_mps2))
    last = _at(t_s + half + wheelbase_m / slowest + 0.4, len(vertical_mps2))
    own = np.abs(vertical_mps2 - background_mps2)
    peak = np.array([own[a : b + 1].max() for a, b in zip(first, last, strict=True)])
    quiet = _rms_around(t_s, background_mps2)
    met = share >= MET_SHARE
    felt = met & (speed > FELT_SPEED_MPS) & (peak >= FELT_MPS2) & (peak >= FELT_OVER_BACKGROUND * quiet)
    order = np.argsort(t_s)
    columns: list[npt.NDArray[Any]] = [t_s, index, things.kind[index], things.size_m[index], speed, share, peak, quiet, met, felt]
    return TrueJolts.from_columns({n: c[order] for n, c in zip(TrueJolts.__dataclass_fields__, columns, strict=True)})


def bare_shocks(motion: Motion, background_mps2: Floats) -> Floats:
    """When (k,) in s the street alone shakes the body as much as a felt thing does: a rough place that no table names.

    Peaks of at least FELT_MPS2 and SHOCK_OVER_BACKGROUND times the r.m.s. around them, itself included.
    """
    size = np.abs(background_mps2)
    peak, _ = find_peaks(size, height=FELT_MPS2, distance=round(APART_S * RATE_HZ))
    t_s = motion.t_s[peak]
    loud = size[peak] >= SHOCK_OVER_BACKGROUND * _rms_around(t_s, background_mps2)
    return np.asarray(t_s[loud & (motion.speed_mps[peak] > FELT_SPEED_MPS)])


def _rms_around(t_s: Floats, vertical_mps2: Floats) -> Floats:
    """r.m.s. (k,) within BACKGROUND_S of each time."""
    energy = np.r_[0.0, np.cumsum(vertical_mps2**2)]
    a, b = _at(t_s - BACKGROUND_S, len(vertical_mps2)), _at(t_s + BACKGROUND_S, len(vertical_mps2))
    return np.asarray(np.sqrt((energy[b] - energy[a]) / np.maximum(b - a, 1)))


def _at(t_s: Floats, n: int) -> npt.NDArray[np.intp]:
    return np.clip((t_s * RATE_HZ).astype(np.intp), 0, n - 1)
