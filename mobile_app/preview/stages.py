"""From samples to peaks, stage by stage, each a pure function of arrays; docs/detection.md says why each is as it is.

Times in s, (n,) on the even grid of `rate_hz`, (k,) on the one that is `step` times coarser.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from numpy.lib.stride_tricks import sliding_window_view

from mobile_app.preview.coefficients import BAND
from mobile_app.preview.settings import PreviewSettings

Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]
GRAVITY_MPS2 = 9.80665


def on_grid(t_s: Floats, values: Floats, grid_s: Floats, settings: PreviewSettings) -> Floats:
    """Values (m, 3) of increasing times (m,) at the grid's, (3, n); of fast phones the mean over each step of it."""
    if len(t_s) < 2 or (len(t_s) - 1) / (t_s[-1] - t_s[0]) <= 1.5 * settings.rate_hz:
        return np.stack([np.interp(grid_s, t_s, axis) for axis in values.T])
    half_s = 0.5 / settings.rate_hz
    sums = np.cumsum(values * np.diff(t_s, prepend=t_s[:1])[:, None], axis=0).T
    edges = [np.stack([np.interp(grid_s + shift, t_s, axis) for axis in sums]) for shift in (-half_s, half_s)]
    return np.asarray((edges[1] - edges[0]) * settings.rate_hz)


def unseen(t_s: Floats, grid_s: Floats, settings: PreviewSettings) -> Mask:
    """(n,) where the sensor paused for too long, and beside it."""
    wide = np.flatnonzero(np.diff(t_s) > max(settings.hole_s, 4.0 * float(np.median(np.diff(t_s)))))
    edges = [(-np.inf, t_s[0]), *zip(t_s[wide], t_s[wide + 1], strict=True), (t_s[-1], np.inf)]
    blind = np.zeros(len(grid_s), bool)
    for begin_s, end_s in edges:
        blind |= (grid_s >= begin_s - settings.around_s) & (grid_s <= end_s + settings.around_s) & (begin_s != end_s)
    return blind


def upright(acceleration: Floats, settings: PreviewSettings) -> tuple[Floats, Floats, Mask, Floats]:
    """Vertical (n,) and size of the horizontal part (n,), m/s² without gravity; where a hand moves the phone (n,); up (3, n)."""
    length = round(settings.block_s * settings.rate_hz)
    blocks = acceleration.shape[1] // length
    means = acceleration[:, : blocks * length].reshape(3, blocks, length).mean(axis=2)
    reach = round(settings.settle_s / settings.block_s) // 2
    padded = np.pad(means, ((0, 0), (reach, reach)), mode="edge")
    gravity = np.median(sliding_window_view(padded, 2 * reach + 1, axis=1), axis=2)
    strength = np.linalg.norm(gravity, axis=0)
    up = gravity / np.maximum(strength, 0.1 * GRAVITY_MPS2)
    moved = _moved(means, up, settings)
    centres = (np.arange(blocks) + 0.5) * length
    at = np.arange(acceleration.shape[1])
    along = np.stack([np.interp(at, centres, row) for row in up])
    vertical = np.einsum("an,an->n", along, acceleration)
    across = acceleration - vertical * along
    usual = np.stack([np.interp(at, centres, row) for row in gravity])
    across -= usual - np.einsum("an,an->n", along, usual) * along
    vertical -= np.interp(at, centres, strength)
    hand = np.repeat(moved, length)
    return vertical, np.linalg.norm(across, axis=0), np.pad(hand, (0, len(at) - len(hand)), mode="edge"), along


def turned(t_s: Floats, rates: Floats, up: Floats, grid_s: Floats, settings: PreviewSettings) -> Mask:
    """(n,) where the phone turns faster than a car can: rates (m, 3) rad/s at increasing times (m,)."""
    if len(t_s) < 2:
        return np.zeros(len(grid_s), bool)
    half = settings.rate_hz // 2
    whole = len(grid_s) // half * half
    rate = on_grid(t_s, rates, grid_s, settings)[:, :whole].reshape(3, -1, half).mean(axis=2)
    axis = up[:, half // 2 : whole : half]
    yaw = np.einsum("ak,ak->k", rate, axis)
    hand = (np.linalg.norm(rate - yaw * axis, axis=0) > settings.turn_radps) | (np.abs(yaw) > settings.yaw_radps)
    return np.pad(np.repeat(_widened(hand, 2 * round(settings.hand_s)), half), (0, len(grid_s) - whole), mode="edge")


def envelope(vertical: Floats, settings: PreviewSettings) -> tuple[Floats, Floats]:
    """The band (n,) of the vertical, m/s², and the root of its energy in a bell (k,), m/s² RMS."""
    banded = np.convolve(np.pad(vertical, len(BAND) // 2, mode="reflect"), BAND, "valid")
    energy = (banded * banded).reshape(-1, settings.step).mean(axis=1)
    sigma = settings.bell_s * settings.rate_hz / settings.step
    half = round(3.0 * sigma)
    bell = np.exp(-0.5 * (np.arange(-half, half + 1) / sigma) ** 2)
    return banded, np.sqrt(np.convolve(np.pad(energy, half, mode="edge"), bell / bell.sum(), "valid"))


def background(level: Floats, speed_mps: Floats, usable: Mask, settings: PreviewSettings) -> Floats:
    """The usual envelope (k,): the running median over driving, scaled with speed; infinite where there is none."""
    gain = np.maximum(speed_mps, settings.slowest_mps) ** settings.speed_exponent
    kept = np.flatnonzero(usable)
    if len(kept) < settings.rate_hz // settings.step:
        return np.full(len(level), np.inf)
    relative = level[kept] / gain[kept]
    half = min(round(0.5 * settings.usual_s * settings.rate_hz / settings.step), (len(kept) - 1) // 2)
    usual = np.median(sliding_window_view(np.pad(relative, half, mode="reflect"), 2 * half + 1), axis=1)
    return np.asarray(np.interp(np.arange(len(level)), kept, usual) * gain)


def peaks(score: Floats, usable: Mask, speed_mps: Floats, settings: PreviewSettings) -> npt.NDArray[np.intp]:
    """Local maxima (p,) of the score above the threshold, the highest first taking all that is too near."""
    held = np.where(usable, score, 0.0)
    found = np.flatnonzero((held[1:-1] > held[:-2]) & (held[1:-1] >= held[2:]) & (held[1:-1] >= settings.threshold)) + 1
    hz = settings.rate_hz / settings.step
    apart = np.maximum(settings.apart_s, settings.apart_m / np.maximum(speed_mps, settings.slowest_mps)) * hz
    free = np.ones(len(found), bool)
    kept = np.zeros(len(found), bool)
    for i in np.argsort(-held[found], kind="stable"):
        if free[i]:
            kept[i] = True
            free &= np.abs(found - found[i]) > apart[found[i]]
    return found[kept]


def _moved(means: Floats, up: Floats, settings: PreviewSettings) -> Mask:
    """Blocks (b,) in which gravity settles elsewhere, or points away from where it settled."""
    along = np.einsum("ab,ab->b", means, up)
    moved = along < np.cos(np.radians(settings.lean_deg)) * np.linalg.norm(means, axis=0)
    if up.shape[1] > 2:
        tilts = np.einsum("ab,ab->b", up[:, 2:], up[:, :-2]) < np.cos(np.radians(settings.hand_deg))
        for shift in range(3):
            moved[shift : shift + len(tilts)] |= tilts
    return _widened(moved, round(settings.hand_s / settings.block_s))


def _widened(mask: Mask, reach: int) -> Mask:
    return np.convolve(mask, np.ones(2 * reach + 1), "same") > 0.5
