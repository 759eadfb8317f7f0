"""A linear mechanical system M·q'' + C·q' + K·q = F·u split into its modes, each a filter of one pole.

No loop over samples: every mode is a first-order recursion, which `lfilter` runs, and outputs are sums of modes. Between
samples u is taken as a straight line, for which the recursion is exact.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.signal import lfilter

from detection.columns import Floats


@dataclass(frozen=True, eq=False)
class LinearSystem:
    """mass, damping, stiffness: (d, d); force: (d, k) from the inputs to each coordinate. SI units."""

    mass: Floats
    damping: Floats
    stiffness: Floats
    force: Floats

    def state_matrix(self) -> Floats:
        """A (2d, 2d) of x' = A·x + B·u, x = (q, q')."""
        d = len(self.mass)
        below = np.linalg.solve(self.mass, np.hstack([-self.stiffness, -self.damping]))
        return np.vstack([np.hstack([np.zeros((d, d)), np.eye(d)]), below])

    def input_matrix(self) -> Floats:
        """B (2d, k)."""
        return np.vstack([np.zeros_like(self.force), np.linalg.solve(self.mass, self.force)])

    def respond(self, outputs: Floats, inputs: Floats, rate_hz: float) -> Floats:
        """outputs (m, 2d) times the state (2d, n) under inputs (k, n), at rest before inputs that begin at 0."""
        poles, shapes = np.linalg.eig(self.state_matrix())
        kept = np.flatnonzero(poles.imag >= 0)  # of a conjugate pair one is enough
        drive = np.linalg.solve(shapes, self.input_matrix().astype(complex))[kept]
        seen = (outputs @ shapes[:, kept]) * np.where(poles[kept].imag > 0, 2.0, 1.0)
        out = np.zeros((len(outputs), inputs.shape[1]))
        for pole, driven, weight in zip(poles[kept], drive, seen.T, strict=True):
            mode = lfilter(*one_pole(complex(pole), rate_hz), sum(w * u for w, u in zip(driven, inputs, strict=True)))
            real, imag = mode.real.copy(), mode.imag.copy()
            for row, w in zip(out, weight, strict=True):  # by rows: products of few rows are slower through BLAS threads
                row += w.real * real - w.imag * imag
        return out


def one_pole(pole: complex, rate_hz: float) -> tuple[list[complex], list[complex]]:
    """(b, a) of x' = pole·x + u sampled at rate_hz, exact for u straight between samples (first-order hold)."""
    x = pole / rate_hz
    grown, scale = np.exp(x), 1 / (pole * x)
    return [scale * (grown - 1 - x), scale * (grown * (x - 1) + 1)], [1.0, -grown]
