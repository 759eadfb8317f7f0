"""Which way is down and forward in phone axes, and when a hand holds the phone.

Orientation-free: nothing is assumed of how the phone lies. Gravity's direction comes from the accelerometer
alone; forward is the horizontal direction in which acceleration explains the changes of GPS speed.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from detection.grid import PRODUCT, Grid
from detection.settings import PoseSettings
from detection.trace import STANDARD_GRAVITY_MPS2, Floats, Samples

Mask = npt.NDArray[np.bool_]
PIECE = 128  # blocks of a second


@dataclass(frozen=True, eq=False)
class Upright:
    """Acceleration in road terms on the grid.

    vertical (n,) m/s² up positive, gravity removed; horizontal (2, n) m/s² along two fixed directions across gravity;
    handled (n,) true where a hand moves the phone. In phone axes: across (2, 3), those directions; up (3, b), one for each
    block of `block` samples.
    """

    vertical: Floats
    horizontal: Floats
    handled: Mask
    across: Floats
    up: Floats
    block: int

    def up_at(self, index: npt.NDArray[np.intp]) -> Floats:
        """Unit vectors (k, 3), phone axes, against gravity at these samples of the grid."""
        return np.asarray(self.up[:, np.minimum(index // self.block, self.up.shape[1] - 1)].T)


def upright(acceleration: Floats, grid: Grid, gyroscope: Samples | None, settings: PoseSettings) -> Upright:
    """Turn (3, n) m/s² with gravity into road terms. Raises nothing: a phone in free fall is `handled`."""
    gravity = Blocks.of(acceleration, grid, settings.block_s)
    reaction = gravity.median(settings.window_s)  # (3, blocks): a phone at rest measures the push upwards, not gravity
    strength = np.linalg.norm(reaction, axis=0)
    up = reaction / np.maximum(strength, 0.1 * STANDARD_GRAVITY_MPS2)
    handled = gravity.mark(_tilting(up, settings) | _off_axis(gravity.means, up, settings), settings.around_s)
    if gyroscope is not None:
        handled |= _turned(gyroscope, grid, gravity.centres_s, up, settings)
    directions = np.stack(across(_usual(up)))
    vertical = gravity.project(acceleration, up)
    vertical -= gravity.spread(strength[None])[0]
    return Upright(
        vertical=vertical,
        horizontal=_along(directions, acceleration),
        handled=handled,
        across=directions,
        up=up,
        block=gravity.length,
    )


def without_gravity(acceleration: Floats, grid: Grid) -> Upright:
    """The same for recordings from which the phone already took gravity: (3, n) m/s².

    Nothing says which way is up, so the axis along which it shakes most is taken for the vertical: a car's body moves more
    up and down than sideways. Its sign is unknown, and a hand cannot be told from a road.
    """
    _, axes = np.linalg.eigh(np.cov(acceleration))
    directions, up = axes.T[:2], axes.T[2]
    return Upright(
        vertical=_along(up[None], acceleration)[0],
        horizontal=_along(directions, acceleration),
        handled=np.zeros(len(grid), bool),
        across=directions,
        up=up[:, None],
        block=len(grid),
    )


def _along(directions: Floats, signal: Floats) -> Floats:
    """Components (k, n) of (3, n) along fixed directions (k, 3)."""
    out = np.empty((len(directions), signal.shape[1]))
    for first in range(0, signal.shape[1], PRODUCT):
        piece = slice(first, first + PRODUCT)
        np.matmul(directions, signal[:, piece], out=out[:, piece])
    return out


def swing(acceleration: Floats, grid: Grid, settings: PoseSettings) -> Floats:
    """Length of what is left of (3, n) m/s² without settled gravity, (n,): all there is of a shock for slow phones."""
    gravity = Blocks.of(acceleration, grid, settings.block_s)
    return np.asarray(np.linalg.norm(acceleration - gravity.spread(gravity.median(settings.window_s)), axis=0))


@dataclass(frozen=True, eq=False)
class Blocks:
    """A signal averaged over blocks of equal length: means (k, b), centres_s (b,)."""

    means: Floats
    centres_s: Floats
    grid: Grid
    length: int

    @classmethod
    def of(cls, signal: Floats, grid: Grid, block_s: float) -> Blocks:
        length = min(grid.samples(block_s), len(grid))
        whole = len(grid) // length * length
        means = signal[:, :whole].reshape(len(signal), -1, length).mean(axis=2)
        return cls(means, grid.t_s[:whole].reshape(-1, length).mean(axis=1), grid, length)

    def median(self, window_s: float) -> Floats:
        """Running median of the means, (k, b), along their principal axes: it turns with the phone, unlike one along x, y, z."""
        size = max(1, round(window_s * self.grid.rate_hz / self.length)) | 1
        _, axes = np.linalg.eigh(self.means @ self.means.T)
        settled = np.stack([ndimage.median_filter(row, size, mode="nearest") for row in axes.T @ self.means])
        return np.asarray(axes @ settled)

    def spread(self, values: Floats) -> Floats:
        """Block values (k, b) interpolated back to the grid, (k, n): each holds at its block's sample `length / 2`."""
        rows, blocks = values.shape
        half = -(-self.length // 2)
        out = np.empty((rows, len(self.grid)))
        out[:, :half] = values[:, :1]
        out[:, half + (blocks - 1) * self.length :] = values[:, -1:]
        between = out[:, half : half + (blocks - 1) * self.length].reshape(rows, blocks - 1, self.length)
        share = (np.arange(self.length) + half) / self.length - 0.5
        steps = np.diff(values)
        for first in range(0, blocks - 1, PIECE):
            piece = between[:, first : first + PIECE]
            np.multiply(steps[:, first : first + PIECE, None], share, out=piece)
            piece += values[:, first : min(first + PIECE, blocks - 1), None]
        return out

    def project(self, signal: Floats, axis: Floats) -> Floats:
        """Component (n,) of (3, n) along block axes (3, b), which turn linearly within each block."""
        blocks = axis.shape[1]
        turn = np.gradient(axis, axis=1) if blocks > 1 else np.zeros_like(axis)
        ramp = (np.arange(self.length) + 0.5) / self.length - 0.5
        out = np.empty(signal.shape[1])
        for first in range(0, blocks, PIECE):  # of which the signal stays in a processor's cache
            piece = slice(first * self.length, min(first + PIECE, blocks) * self.length)
            cut = signal[:, piece].reshape(3, -1, self.length)
            along = np.einsum("abl,ab->bl", cut, turn[:, first : first + PIECE])
            along *= ramp
            along += np.einsum("abl,ab->bl", cut, axis[:, first : first + PIECE])
            out[piece] = along.ravel()
        whole = blocks * self.length
        out[whole:] = axis[:, -1] @ signal[:, whole:]
        return out

    def mark(self, which: Mask, around_s: float) -> Mask:
        """Blocks (b,) to samples (n,), widened on both sides."""
        reach = int(np.ceil(around_s * self.grid.rate_hz / self.length))
        wide = ndimage.binary_dilation(which, iterations=reach) if which.any() else which
        marked = np.repeat(wide, self.length)
        return np.pad(marked, (0, len(self.grid) - len(marked)), mode="edge")


def _tilting(up: Floats, settings: PoseSettings) -> Mask:
    """Blocks between which the settled direction of gravity moves: a new pose."""
    reach = max(1, round(settings.tilt_over_s / settings.block_s))
    if up.shape[1] <= reach:
        return np.zeros(up.shape[1], bool)
    moved = np.einsum("ab,ab->b", up[:, reach:], up[:, :-reach]) < np.cos(np.radians(settings.tilt_deg))
    out = np.zeros(up.shape[1], bool)
    for shift in range(reach + 1):
        out[shift : shift + len(moved)] |= moved
    return out


def _off_axis(means: Floats, up: Floats, settings: PoseSettings) -> Mask:
    """Blocks whose own mean points away from settled gravity further than any driving leans it."""
    along = np.einsum("ab,ab->b", means, up)
    return np.asarray(along < np.cos(np.radians(settings.lean_deg)) * np.linalg.norm(means, axis=0))


def _turned(gyroscope: Samples, grid: Grid, centres_s: Floats, up: Floats, settings: PoseSettings) -> Mask:
    """Samples in which the phone turns faster than a car can pitch, roll or yaw."""
    length = grid.samples(settings.turn_window_s)  # windows on the grid, not on the clock: nothing is spent on gaps
    first_s = grid.t_s[::length]
    width_s = length / grid.rate_hz
    begin, end = (np.searchsorted(gyroscope.t_s, edge) for edge in (first_s, first_s + width_s))
    edges = np.minimum(np.stack([begin, end], axis=1), len(gyroscope) - 1)
    count = np.diff(edges, axis=1)
    turned = np.add.reduceat(gyroscope.xyz, edges.ravel(), axis=0)[::2]  # of an empty window it gives one sample, not none
    rate = (np.where(count > 0, turned, 0.0) / np.maximum(count, 1)).T
    at = first_s + 0.5 * width_s
    axis_up = np.stack([np.interp(at, centres_s, row) for row in up])
    yaw = np.einsum("ab,ab->b", rate, axis_up)
    across = np.linalg.norm(rate - yaw * axis_up, axis=0)
    hand = (across > settings.turn_rate_radps) | (np.abs(yaw) > settings.yaw_rate_radps)
    if hand.any():
        hand = ndimage.binary_dilation(hand, iterations=int(np.ceil(settings.around_s / settings.turn_window_s)))
    return np.asarray(np.repeat(hand, length)[: len(grid)])


def _usual(up: Floats) -> Floats:
    """The direction (3,) of most blocks, by medians along principal axes, which turn with the phone."""
    _, axes = np.linalg.eigh(up @ up.T)
    usual = axes @ np.median(axes.T @ up, axis=1)
    return np.asarray(usual / max(float(np.linalg.norm(usual)), 1e-9))


def across(up: Floats) -> tuple[Floats, Floats]:
    """Two unit vectors (3,) across `up` and across each other."""
    helper = np.eye(3)[int(np.argmin(np.abs(up)))]
    first = np.cross(up, helper)
    first /= max(float(np.linalg.norm(first)), 1e-9)
    return first, np.cross(up, first)
