"""The robust solution of `log level = device + place + (γ of the sort + γ of the device) · log speed + noise`.

Arrays in, arrays out; what devices, places and sorts are is `detection.calibration`'s. Places are eliminated exactly, the
rest is solved by conjugate gradients, whose every step is linear in the number of cells. Huber's loss (Huber 1964), by
iterated weights, over whole cells: a hand on the phone spoils a pass, not a sample.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components
from scipy.sparse.linalg import LinearOperator, cg

from detection.columns import Columns, Counts, Floats
from detection.settings import CalibrationSettings

MAD_TO_SIGMA = 1.4826  # of a normal distribution


@dataclass(frozen=True, eq=False)
class Cells(Columns):
    """All passes of one device at one place, summed; columns (c,). device, place: codes from 0; sort: 0 road, else 1 + kind
    of jolt; passes: how many; sums over them of x = log(speed / reference), y = log level, x², x·y, y²."""

    device: Counts
    place: Counts
    sort: Counts
    passes: Floats
    x: Floats
    y: Floats
    xx: Floats
    xy: Floats
    yy: Floats


@dataclass(frozen=True, eq=False)
class Gains:
    """device (d,): log gain; device_se (d,); device_exponent (d,), device_exponent_se (d,): what γ differs by; exponent,
    exponent_se (s,): γ of each sort; sigma (s,): robust residual of one pass, as cells were weighed by it last; place (p,):
    log level at the reference speed."""

    device: Floats
    device_se: Floats
    device_exponent: Floats
    device_exponent_se: Floats
    exponent: Floats
    exponent_se: Floats
    sigma: Floats
    place: Floats


def solve_gains(cells: Cells, devices: int, places: int, prior_exponent: Floats, settings: CalibrationSettings) -> Gains:
    """The most probable gains under the priors of `settings`; prior_exponent (s,) for the sorts.

    What no other device shares stays at the prior: a lone device has gain 0 and the prior's width.
    """
    sorts = len(prior_exponent)
    system = _System(cells, devices, places, prior_exponent, settings)
    sigma, robust = np.full(sorts, settings.noise_sigma), np.ones(len(cells))
    unknown = np.r_[np.zeros(2 * devices), prior_exponent]
    for _ in range(settings.rounds):
        taken = sigma  # the noise this round weighs by
        weight = robust * system.vote / taken[cells.sort] ** 2
        before, unknown = unknown, system.solve(weight, unknown)
        spread, place = system.residuals(unknown, weight)
        sigma = _sigmas(spread, cells, system.shared, sorts, settings)
        limit = settings.huber * sigma[cells.sort]
        robust = np.minimum(1.0, limit / np.maximum(spread, 1e-9))
        if np.abs(unknown - before).max() < settings.settled:
            break
    device, tilt, exponent = system.parts(unknown)
    device_var, tilt_var, exponent_var = system.parts(1.0 / system.diagonal(weight))
    common = settings.device_sigma**2 / system.fleet_of_device()
    device_se = np.sqrt(np.minimum(device_var + common, settings.device_sigma**2))
    return Gains(device, device_se, tilt, np.sqrt(tilt_var), exponent, np.sqrt(exponent_var), taken, place)


class _System:
    """The normal equations of one table of cells, as products only: unknown = (device, tilt, exponent of each sort)."""

    def __init__(self, cells: Cells, devices: int, places: int, prior_exponent: Floats, settings: CalibrationSettings) -> None:
        self.cells, self.devices, self.places, self.prior_exponent = cells, devices, places, prior_exponent
        # one device one vote: n passes of one device at one place count n / (1 + (n − 1) ρ) (Kish 1965)
        self.vote = 1.0 / (1.0 + (cells.passes - 1.0) * settings.device_correlation)
        self.shared = np.bincount(cells.place, minlength=places)[cells.place] > 1
        self.precision = np.r_[
            np.full(devices, settings.device_sigma**-2.0),
            np.full(devices, settings.device_exponent_sigma**-2.0),
            np.full(len(prior_exponent), settings.exponent_sigma**-2.0),
        ]

    def parts(self, unknown: Floats) -> tuple[Floats, Floats, Floats]:
        return unknown[: self.devices], unknown[self.devices : 2 * self.devices], unknown[2 * self.devices :]

    def solve(self, weight: Floats, start: Floats) -> Floats:
        """The unknowns for these weights of cells, by conjugate gradients from `start`."""
        size, diagonal = len(start), self.diagonal(weight)
        mean = np.r_[np.zeros(2 * self.devices), self.prior_exponent]
        right = self._gather(weight, *self._without_place(weight, self.cells.y, self.cells.xy)) + self.precision * mean
        matrix = LinearOperator((size, size), matvec=lambda u: self._times(u, weight), dtype=np.float64)
        scale = LinearOperator((size, size), matvec=lambda u: u / diagonal, dtype=np.float64)
        solution, _ = cg(matrix, right, x0=start, rtol=1e-7, maxiter=500, M=scale)
        return np.asarray(solution, np.float64)

    def diagonal(self, weight: Floats) -> Floats:
        """Information about each unknown, all others but the places known."""
        cells, total = self.cells, self._total(weight)
        mean_share = weight / total[cells.place]
        device = np.bincount(cells.device, weight * cells.passes * (1 - mean_share * cells.passes), self.devices)
        inside = weight * (cells.xx - mean_share * cells.x**2)
        tilt = np.bincount(cells.device, inside, self.devices)
        _, centred = self._without_place(weight, cells.x, cells.xx)
        exponent = np.bincount(cells.sort, weight * centred, len(self.prior_exponent))
        return np.asarray(np.r_[device, tilt, exponent] + self.precision)

    def residuals(self, unknown: Floats, weight: Floats) -> tuple[Floats, Floats]:
        """Root mean square residual of the passes of each cell (c,), and the log level of each place (p,)."""
        cells = self.cells
        level, slope = self._line(unknown)
        total = np.bincount(cells.place, weight * (cells.y - level * cells.passes - slope * cells.x), self.places)
        place = np.asarray(total / self._total(weight), np.float64)
        level = level + place[cells.place]
        square = cells.yy - 2 * level * cells.y - 2 * slope * cells.xy
        square = square + level**2 * cells.passes + 2 * level * slope * cells.x + slope**2 * cells.xx
        return np.sqrt(np.maximum(square, 0.0) / cells.passes), place

    def fleet_of_device(self) -> Floats:
        """How many devices are linked with each (d,) by places they share: their common level rests on the prior alone."""
        cells, size = self.cells, self.devices + self.places
        links = coo_matrix((np.ones(len(cells)), (cells.device, self.devices + cells.place)), shape=(size, size))
        label = connected_components(links, directed=False)[1][: self.devices]
        return np.asarray(np.bincount(label)[label], np.float64)

    def _times(self, unknown: Floats, weight: Floats) -> Floats:
        level, slope = self._line(unknown)
        cells = self.cells
        first, second = level * cells.passes + slope * cells.x, level * cells.x + slope * cells.xx
        return np.asarray(self._gather(weight, *self._without_place(weight, first, second)) + self.precision * unknown)

    def _line(self, unknown: Floats) -> tuple[Floats, Floats]:
        """What device and speed say of each cell: level + slope · x."""
        device, tilt, exponent = self.parts(unknown)
        return device[self.cells.device], tilt[self.cells.device] + exponent[self.cells.sort]

    def _without_place(self, weight: Floats, first: Floats, second: Floats) -> tuple[Floats, Floats]:
        """Sums of a quantity and of it times x, less its mean over each place."""
        cells = self.cells
        mean = (np.bincount(cells.place, weight * first, self.places) / self._total(weight))[cells.place]
        return first - mean * cells.passes, second - mean * cells.x

    def _gather(self, weight: Floats, first: Floats, second: Floats) -> Floats:
        cells = self.cells
        device = np.bincount(cells.device, weight * first, self.devices)
        tilt = np.bincount(cells.device, weight * second, self.devices)
        return np.asarray(np.r_[device, tilt, np.bincount(cells.sort, weight * second, len(self.prior_exponent))])

    def _total(self, weight: Floats) -> Floats:
        return np.asarray(np.maximum(np.bincount(self.cells.place, weight * self.cells.passes, self.places), 1e-300))


def _sigmas(spread: Floats, cells: Cells, shared: np.ndarray, sorts: int, settings: CalibrationSettings) -> Floats:
    """Robust residual of one pass, for each sort, from places that more than one device passed; the prior counts 10 cells.

    A place takes one of its cells' freedom: k cells show √((k − 1)/k) of the noise.
    """
    count = np.bincount(cells.place)[cells.place]
    freed = spread * np.sqrt(count / np.maximum(count - 1.0, 1.0))
    out = np.full(sorts, settings.noise_sigma)
    for sort in np.unique(cells.sort[shared]):
        mine = freed[shared & (cells.sort == sort)]
        middle = MAD_TO_SIGMA * float(np.median(mine))
        out[sort] = np.hypot(middle * np.sqrt(len(mine)), settings.noise_sigma * np.sqrt(10.0)) / np.sqrt(len(mine) + 10.0)
    return out
