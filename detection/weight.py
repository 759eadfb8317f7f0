"""How good a recording is, as weights in [0, 1]: one small factor a cause, multiplied; a default for unknown."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from detection.columns import Columns, Texts
from detection.trace import Floats

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class DeviceTrust(Columns):
    """device: id, sorted. trust: 0..1, what its word is worth; invents: rate of hits where nothing is; invented: how many of
    its hits are such. Columns (d,)."""

    device: Texts
    trust: Floats
    invents: Floats
    invented: Floats

    def of(self, names: Texts) -> Floats:
        """Trust (n,) of each name; 1 of devices not known."""
        known, own = np.r_[self.device.astype(str), [""]], np.asarray(names).astype(str)
        at = np.searchsorted(known[:-1], own)
        return np.where(known[at] == own, np.r_[self.trust, 1.0][at], 1.0)


def observed_well(rate_hz: float, speed_mps: Floats) -> Floats:
    """How surely a jolt would be noticed at this sampling rate and at these speeds (n,), NaN unknown: (n,)."""
    return _rate(rate_hz) * _speed(speed_mps)


def discounted(confidence: Floats, weight: Floats) -> Floats:
    """Confidence (n,) whose odds are multiplied by the weight (n,) of the recording: a poor one convinces less, never more."""
    return np.asarray(confidence * weight / np.maximum(confidence * weight + 1.0 - confidence, 1e-12))


def votes(passes: Floats, correlation: float) -> Floats:
    """What each of a device's passes (n,), counted in weights, is worth: 1 / (1 + (n − 1) ρ), the effective sample size
    of a cluster (Kish 1965). One commuter's passes are worth less than 1 / ρ together."""
    return np.asarray(1.0 / (1.0 + np.maximum(passes - 1.0, 0.0) * correlation))


def as_often(of: Ints, device: Ints) -> Floats:
    """How many rows (n,) there are of the same candidate and device as each."""
    _, which, count = np.unique(of * (int(device.max(initial=0)) + 1) + device, return_inverse=True, return_counts=True)
    return np.asarray(count[which], np.float64)


def _rate(rate_hz: float) -> float:
    """50 Hz carries the whole band; 5 Hz a quarter of its amplitude, aliased."""
    return float(np.clip((rate_hz - 2.0) / 48.0, 0.1, 1.0) ** 0.5)


def _speed(speed_mps: Floats) -> Floats:
    """Below 5 m/s things shake a car less and less."""
    return np.where(np.isfinite(speed_mps), np.clip(speed_mps / 5.0, 0.0, 1.0), 0.5)
