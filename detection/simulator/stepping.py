"""A linear system with forces that are not: integrated in many pieces of the drive at once.

The linear part is exact (matrix exponential, inputs straight between samples), the rest of second order (exponential
Runge-Kutta: Cox & Matthews, J. Comput. Phys. 176 (2002) 430, ETD2RK). A drive is cut into pieces that advance together, one numpy
call a step for all; each begins WARM_S early from what the linear system alone does, so that what it leaves out has died away.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.linalg import expm

from detection.columns import Floats
from detection.simulator.modes import LinearSystem

WARM_S, PIECE_S = (
    1.5,
    1.5,
)  # bodies bounce at 1 to 2 Hz with a third of critical damping: e^-5 of what is left out remains
COARSE = 8  # the starts need only every eighth sample of the road


@dataclass(frozen=True, eq=False)
class Nonlinear:
    """x' = A·x + B·u + G·forces(looks·(x, u)); x = (q, q') of `linear`; directions (d, f): G of the forces (f, b)."""

    linear: LinearSystem
    directions: Floats
    looks: Floats
    forces: Callable[[Floats], Floats]

    def respond(self, outputs: Floats, inputs: Floats, rate_hz: float, piece_s: float = PIECE_S) -> Floats:
        """outputs (m, 2d + k + f) times (x, u, forces) under inputs (k, n) that begin at 0, from rest."""
        n, warm, piece = inputs.shape[1], round(WARM_S * rate_hz), max(1, round(piece_s * rate_hz))
        pieces = -(-n // piece)
        road = self._pieces(inputs, warm, piece, pieces)
        state = self._starts(inputs, rate_hz, piece * np.arange(pieces) - warm)
        step, carry = self._steps(rate_hz)
        out = np.empty((piece, len(outputs), pieces))
        force = self.forces(self.looks @ np.concatenate([state, road[0]]))
        for i in range(warm + piece):
            if i >= warm:
                out[i - warm] = outputs @ np.concatenate([state, road[i], force])
            ahead = step @ np.concatenate([state, road[i], road[i + 1], force])
            there = self.forces(self.looks @ np.concatenate([ahead, road[i + 1]]))
            state = ahead + carry @ (there - force)
            force = self.forces(self.looks @ np.concatenate([state, road[i + 1]]))
        return np.asarray(out.transpose(1, 2, 0).reshape(len(outputs), -1)[:, :n])

    def _pieces(self, inputs: Floats, warm: int, piece: int, pieces: int) -> Floats:
        """(warm + piece + 1, k, pieces): the inputs of every piece beside one another, step by step."""
        padded = np.pad(inputs, [(0, 0), (warm, piece * pieces + 1 - inputs.shape[1])], mode="edge")
        windows = np.lib.stride_tricks.sliding_window_view(padded, warm + piece + 1, axis=1)[:, ::piece]
        return np.ascontiguousarray(windows[:, :pieces].transpose(2, 0, 1))

    def _starts(self, inputs: Floats, rate_hz: float, at: Floats) -> Floats:
        """(2d, pieces): what the linear system alone does there; rest before the first sample."""
        rest = np.eye(2 * len(self.linear.mass))
        alone = self.linear.respond(rest, inputs[:, ::COARSE], rate_hz / COARSE)
        return np.where(at >= 0, alone[:, np.maximum(at, 0) // COARSE], 0.0)

    def _steps(self, rate_hz: float) -> tuple[Floats, Floats]:
        """(2d, 2d + 2k + f): to the next state from state, both inputs and forces held; (2d, f): what their change adds."""
        a, b = self.linear.state_matrix(), self.linear.input_matrix()
        g = np.vstack([np.zeros_like(self.directions), np.linalg.solve(self.linear.mass, self.directions)])
        d, h = len(a), 1 / rate_hz
        grown = np.zeros((3 * d, 3 * d))
        grown[:d, :d], grown[:d, d : 2 * d], grown[d : 2 * d, 2 * d :] = a, np.eye(d), np.eye(d) / h
        whole = expm(grown * h)
        over, held, rising = whole[:d, :d], whole[:d, d : 2 * d], whole[:d, 2 * d :]
        return np.hstack([over, (held - rising) @ b, rising @ b, held @ g]), rising @ g
