"""Guesses of a home from the first fixes that are seen of each trip, by attackers who know the scheme and its settings.

Of *shape*: where what is withheld begins, as published against fixed radii. Of *direction*: which way trips come from, which no
scheme that shows trips can hide altogether.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from benchmarks.privacy.world import Floats, to_degrees, to_metres
from mobile_app.privacy import cell_of, outside_m
from mobile_app.privacy.cells import middle_of

Attack = Callable[[Floats, Floats], Floats]  # first places seen (n, 2) m, directions of travel there (n, 2) → guess (2,)


def average(first: Floats, _away: Floats) -> Floats:
    """The mean of where trips come into sight."""
    return np.asarray(first.mean(axis=0))


def middle(first: Floats, _away: Floats) -> Floats:
    """The middle between the outermost: right where what is withheld is the same shape each time."""
    return np.asarray((first.min(axis=0) + first.max(axis=0)) / 2)


def circle_fit(first: Floats, _away: Floats) -> Floats:
    """The centre of the circle through them, by least squares (Kåsa 1976): the published attack on fixed radii."""
    if len(first) < 3:
        return average(first, _away)
    centre = first.mean(axis=0)
    x, y = (first - centre).T
    solved, *_ = np.linalg.lstsq(np.c_[2 * x, 2 * y, np.ones(len(x))], x**2 + y**2, rcond=None)
    off = solved[:2]
    return np.asarray(centre + off * min(1.0, 1000.0 / max(float(np.hypot(*off)), 1e-9)))


def known_radius(radius_m: float) -> Attack:
    """The place that is most nearly radius_m from all of them: for who knows the radius."""

    def attack(first: Floats, away: Floats) -> Floats:
        grid = _around(first, 700.0, 25.0)
        miss = np.abs(np.hypot(grid[:, None, 0] - first[:, 0], grid[:, None, 1] - first[:, 1]) - radius_m)
        best = grid[miss.sum(axis=1).argmin()]
        fine = best + np.stack(np.meshgrid(np.arange(-25, 26, 2.0), np.arange(-25, 26, 2.0)), -1).reshape(-1, 2)
        miss = np.abs(np.hypot(fine[:, None, 0] - first[:, 0], fine[:, None, 1] - first[:, 1]) - radius_m)
        return np.asarray(fine[miss.sum(axis=1).argmin()])

    return attack


def intersection(least_m: float, most_m: float) -> Attack:
    """The middle of all places that are between least_m and most_m from as many of them as can be."""

    def attack(first: Floats, away: Floats) -> Floats:
        grid = _around(first, 700.0, 10.0)
        apart = np.hypot(grid[:, None, 0] - first[:, 0], grid[:, None, 1] - first[:, 1])
        fits = ((apart > least_m - 10) & (apart < most_m + 25)).sum(axis=1)
        return np.asarray(grid[fits == fits.max()].mean(axis=0))

    return attack


def which_cell(cell_m: float, reach_m: float) -> Attack:
    """The middle of the cell around which they lie at the edge of what is withheld: for who knows grid and margin."""

    def attack(first: Floats, away: Floats) -> Floats:
        side = np.arange(-3, 4) * cell_m
        candidates = {
            cell_of(*to_degrees(first.mean(axis=0) + off), cell_m) for off in np.stack(np.meshgrid(side, side), -1).reshape(-1, 2)
        }
        places = [to_degrees(one) for one in first]
        best = min(candidates, key=lambda cell: sum(abs(outside_m(cell, *one) - reach_m) for one in places))
        return to_metres(*middle_of(best))

    return attack


def backwards(first: Floats, away: Floats) -> Floats:
    """The place nearest to all lines of travel, followed back: who comes from a street lives on it, or near."""
    aside = np.c_[-away[:, 1], away[:, 0]]
    normal = np.einsum("ni,nj->ij", aside, aside) + 1e-6 * np.eye(2)
    right = np.einsum("ni,nj,nj->i", aside, aside, first)
    return np.asarray(np.linalg.solve(normal, right + 1e-6 * first.mean(axis=0)))


def by_sides(first: Floats, away: Floats) -> Floats:
    """East of home from the trips that leave north or south, north from the others: for who knows that streets are a grid."""
    northward = np.abs(away[:, 1]) > np.abs(away[:, 0])
    guess = first.mean(axis=0)
    if northward.any():
        guess[0] = first[northward, 0].mean()
    if not northward.all():
        guess[1] = first[~northward, 1].mean()
    return np.asarray(guess)


def _around(first: Floats, reach_m: float, step_m: float) -> Floats:
    centre, side = first.mean(axis=0), np.arange(-reach_m, reach_m + 1, step_m)
    return np.asarray(centre + np.stack(np.meshgrid(side, side), -1).reshape(-1, 2))
