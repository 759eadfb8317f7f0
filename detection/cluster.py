"""Candidates: places where jolts lie densely, in a direction of travel.

Modes of the kernel density of jolts in metres and heading. Each stage looks a stated distance around and adds up in the
order of trips, so that a candidate is the same to the last bit in every tile that sees it (docs/decisions/0005-tiles.md).
Whether a candidate is a defect is decided by exposure (`detection.posterior`), never by its count.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

import numpy as np
from scipy.sparse import csr_matrix
from scipy.spatial import cKDTree

from detection.scene import Bools, Ints, Rows
from detection.settings import DefectSettings
from detection.trace import Floats

Neighbours = list[list[int]]


@dataclass(frozen=True, eq=False)
class Candidates:
    """Places (c,): x_m, y_m, unit heading east and north, seed: the jolt (row) it began at; member (j,): candidate of
    each jolt, -1 none."""

    x_m: Floats
    y_m: Floats
    east: Floats
    north: Floats
    seed: Ints
    member: Ints

    def __len__(self) -> int:
        return len(self.x_m)

    def only(self, which: Ints) -> Candidates:
        """Those at these positions (k,), with their jolts; the jolts of others become nobody's."""
        place = np.full(len(self) + 1, -1)
        place[which] = np.arange(len(which))
        x, y, east, north = (column[which] for column in (self.x_m, self.y_m, self.east, self.north))
        return Candidates(x, y, east, north, self.seed[which], place[self.member])


def find_candidates(jolts: Rows, weight: Floats, settings: DefectSettings) -> Candidates:
    """Modes of the weighted density of jolts (weight (j,) > 0), at least `apart_m` apart in one direction.

    A lone jolt is a candidate of its own: with one pass there is nothing else to go by.
    """
    space = np.c_[jolts.globe_m, settings.heading_scale_m * np.c_[jolts.east, jolts.north]]
    table, mass, first = _condensed(np.c_[space, jolts.xy], weight, settings)
    density, near = _density(table[:, :5], mass, settings)
    mode = _modes(density, near, settings.mode_rounds)
    centre = _shifted(table, mass, mode, settings)
    single = ~_beaten(density[mode], _neighbours(centre[:, :5], settings.apart_m))  # those that ran together are one
    centre, seed = centre[single], first[mode[single]]
    distance, member = cKDTree(centre[:, :5]).query(space, distance_upper_bound=settings.hit_reach_m)
    _, _, _, east, north, x, y = centre.T
    length = np.maximum(np.hypot(east, north), 1e-9)
    every = Candidates(x, y, east / length, north / length, seed, np.where(np.isfinite(distance), member, -1))
    return every.only(np.unique(every.member[every.member >= 0]))


def _condensed(table: Floats, weight: Floats, settings: DefectSettings) -> tuple[Floats, Floats, Ints]:
    """Where jolts crowd, one row for those of a small cell: a place passed ten thousand times has no more pairs than one
    passed a hundred times.

    table (j, 7): geocentric metres, scaled heading, x, y. Returns weighted means (r, 7), summed weights and the first jolt
    of each row, in order of that jolt. The cells are fixed on the globe: every tile sees the same.
    """
    _, cube, count = np.unique(_named(table[:, :3], settings.crowd_m), return_inverse=True, return_counts=True)
    cell = _named(table[:, :5], settings.crowd_cell_m)
    alone = count[cube] <= settings.crowd
    cell[alone] = -1 - np.flatnonzero(alone)
    _, first, row = np.unique(cell, return_index=True, return_inverse=True)
    order = np.argsort(first)
    row = np.argsort(order)[row]
    mass = np.bincount(row, weight, len(first))
    means = np.stack([np.bincount(row, weight * column, len(first)) / mass for column in table.T], axis=1)
    own = np.bincount(row, minlength=len(first)) == 1
    means[own] = table[first[order][own]]  # to the last bit
    return means, np.asarray(mass, np.float64), np.asarray(first[order], np.int64)


def _named(space: Floats, side_m: float) -> Ints:
    """A number ≥ 0 for the cell (n,) of each place (n, d); two cells share one by chance of 1e-18 only."""
    cell = np.floor(space / side_m).astype(np.int64)
    name = np.zeros(len(space), np.int64)
    for column in cell.T:
        name = (name ^ column) * 0x2127599BF4325C37  # wraps around: a hash (fast-hash's multiplier)
        name ^= name >> 29
    return name & 0x7FFFFFFFFFFFFFFF


def _density(space: Floats, weight: Floats, settings: DefectSettings) -> tuple[Floats, csr_matrix]:
    """Gaussian kernel density at each jolt, and its neighbours within `apart_m`."""
    distance = _neighbours(space, settings.kernel_reach * settings.kernel_m)
    kernel = distance.copy()
    kernel.data = np.exp(-0.5 * (distance.data / settings.kernel_m) ** 2)
    row = np.repeat(np.arange(len(space)), np.diff(distance.indptr))
    near = distance.data <= settings.apart_m
    start = np.r_[0, np.cumsum(np.bincount(row[near], minlength=len(space)))]
    return kernel @ weight, csr_matrix((distance.data[near], distance.indices[near], start), shape=distance.shape)


def _neighbours(space: Floats, radius_m: float) -> csr_matrix:
    """Distances between all pairs within the radius, each place with itself included; sorted, so that sums keep an order."""
    tree = cKDTree(space, balanced_tree=False)  # which is made faster, and answers the same
    found = tree.sparse_distance_matrix(tree, radius_m, output_type="coo_matrix").tocsr()
    found.sort_indices()
    return found


def _modes(density: Floats, near: csr_matrix, rounds: int) -> Ints:
    """Jolts that no denser one lies near, in rounds: the neighbours of each are out, and the next densest have their turn."""
    free = np.ones(len(density), bool)
    mode = np.zeros(len(density), bool)
    row, column = np.repeat(np.arange(len(density)), np.diff(near.indptr)), near.indices
    for _ in range(rounds):
        top = free & ~_beaten(np.where(free, density, -1.0), near)
        mode |= top
        free &= ~top
        free[row[top[column]]] = False
    return np.flatnonzero(mode)


def _beaten(density: Floats, near: csr_matrix) -> Bools:
    """Whether a neighbour is denser; of equals the first stands."""
    many, other = np.diff(near.indptr), near.indices
    own, theirs = np.repeat(density, many), density.take(other)
    row = np.repeat(np.arange(len(density)), many)
    out = np.zeros(len(density), bool)
    out[row[(theirs > own) | ((theirs == own) & (other < row))]] = True
    return out


def _shifted(table: Floats, weight: Floats, seed: Ints, settings: DefectSettings) -> Floats:
    """Mean shift (Comaniciu & Meer 2002), five steps. table (j, 7): five columns of the clustering space, then x and y."""
    space, centre = table[:, :5], table[seed]
    reach = settings.kernel_reach * settings.kernel_m
    around = cKDTree(space[seed]).sparse_distance_matrix(cKDTree(space), reach + settings.drift_m, output_type="coo_matrix")
    pull = around.tocsr()  # all that a centre can come to see while it stays within `drift_m` of its seed
    pull.sort_indices()
    many, other = np.diff(pull.indptr), pull.indices
    there, mass = [column.take(other) for column in space.T], weight.take(other)
    for _ in range(5):
        square = np.zeros(len(other))
        for column, place in zip(centre.T[:5], there, strict=True):
            gap = np.repeat(column, many)
            gap -= place
            gap *= gap
            square += gap
        pull.data = np.where(square <= reach**2, mass * np.exp(-0.5 * square / settings.kernel_m**2), 0.0)
        moved = np.asarray(pull @ table) / np.asarray(pull @ np.ones(len(table)))[:, None]
        stays = np.linalg.norm(moved[:, :5] - space[seed], axis=1) > settings.drift_m
        centre = np.where(stays[:, None], centre, moved)
    return np.asarray(centre)


def balls(tree: cKDTree, places: Floats, radius_m: float) -> Neighbours:
    """For each place (n, d) the indices of the tree's points within the radius."""
    return cast(Neighbours, tree.query_ball_point(places, radius_m))
