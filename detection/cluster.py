"""Candidates: places where jolts lie densely, in a direction of travel.

Modes of the kernel density of jolts in metres and heading. Each stage looks a stated distance around and adds up in the
order of trips, so that a mode is the same to the last bit whatever else is clustered (docs/decisions/0005-tiles.md).
Whether a candidate is a defect is decided by exposure (`detection.posterior`), never by its count.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

import numpy as np
from scipy.sparse import csr_matrix
from scipy.spatial import cKDTree

from detection.geo import TangentPlane
from detection.scene import Bools, Ints
from detection.settings import DefectSettings
from detection.trace import Floats

Neighbours = list[list[int]]


@dataclass(frozen=True, eq=False)
class Modes:
    """Places (m,), in no plane yet: globe_m (m, 3) geocentric metres, unit heading east and north, seed: the jolt (row) it
    began at; member (j,): the mode of each jolt, -1 none."""

    globe_m: Floats
    east: Floats
    north: Floats
    seed: Ints
    member: Ints

    def __len__(self) -> int:
        return len(self.seed)

    def on(self, plane: TangentPlane, which: Ints, member: Ints) -> Candidates:
        """Those at these positions (k,) as candidates on a plane; member (j,): which of them the jolts there belong to."""
        return Candidates(*plane.of_globe(self.globe_m[which]), self.east[which], self.north[which], member)


@dataclass(frozen=True, eq=False)
class Candidates:
    """Places (c,): x_m, y_m, unit heading east and north; member (j,): candidate of each jolt, -1 none."""

    x_m: Floats
    y_m: Floats
    east: Floats
    north: Floats
    member: Ints

    def __len__(self) -> int:
        return len(self.x_m)

    def only(self, which: Ints) -> Candidates:
        """Those at these positions (k,), with their jolts; the jolts of others become nobody's."""
        place = np.full(len(self) + 1, -1)
        place[which] = np.arange(len(which))
        x, y, east, north = (column[which] for column in (self.x_m, self.y_m, self.east, self.north))
        return Candidates(x, y, east, north, place[self.member])


def find_modes(globe_m: Floats, heading: Floats, weight: Floats, settings: DefectSettings) -> Modes:
    """Modes of the weighted density of jolts (weight (j,) > 0), at least `apart_m` apart in one direction.

    globe_m (j, 3): geocentric metres; heading (j, 2): unit vectors east and north, 0 unknown. A lone jolt is a mode of its
    own: with one pass there is nothing else to go by.
    """
    space = np.c_[globe_m, settings.heading_scale_m * heading]
    table, mass, first = _condensed(space, weight, settings)
    density, near = _density(table, mass, settings)
    mode = _modes(density, near, settings.mode_rounds)
    centre = _shifted(table, mass, mode, settings)
    single = ~_beaten(density[mode], _neighbours(centre, settings.apart_m))  # those that ran together are one
    centre, seed = centre[single], first[mode[single]]
    distance, nearest = cKDTree(centre).query(space, distance_upper_bound=settings.hit_reach_m)
    reached = np.isfinite(distance)
    felt = np.bincount(np.asarray(nearest)[reached], minlength=len(centre)) > 0
    number = np.r_[np.where(felt, np.cumsum(felt) - 1, -1), -1]
    east, north = centre[felt, 3:].T / np.maximum(np.hypot(*centre[felt, 3:].T), 1e-9)
    return Modes(centre[felt, :3], east, north, seed[felt], number[np.where(reached, nearest, -1)])


def _condensed(table: Floats, weight: Floats, settings: DefectSettings) -> tuple[Floats, Floats, Ints]:
    """Where jolts crowd, one row for those of a small cell: a place passed ten thousand times has no more pairs than one
    passed a hundred times.

    table (j, 5): geocentric metres, scaled heading. Returns weighted means (r, 5), summed weights and the first jolt
    of each row, in order of that jolt. The cells are fixed on the globe.
    """
    _, cube, count = np.unique(_named(table[:, :3], settings.crowd_m), return_inverse=True, return_counts=True)
    cell = _named(table, settings.crowd_cell_m)
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


def _shifted(space: Floats, weight: Floats, seed: Ints, settings: DefectSettings) -> Floats:
    """Mean shift (Comaniciu & Meer 2002), five steps. space (j, 5)."""
    centre = space[seed]
    reach = settings.kernel_reach * settings.kernel_m
    around = cKDTree(space[seed]).sparse_distance_matrix(cKDTree(space), reach + settings.drift_m, output_type="coo_matrix")
    pull = around.tocsr()  # all that a centre can come to see while it stays within `drift_m` of its seed
    pull.sort_indices()
    many, other = np.diff(pull.indptr), pull.indices
    there, mass = [column.take(other) for column in space.T], weight.take(other)
    for _ in range(5):
        square = np.zeros(len(other))
        for column, place in zip(centre.T, there, strict=True):
            gap = np.repeat(column, many)
            gap -= place
            gap *= gap
            square += gap
        pull.data = np.where(square <= reach**2, mass * np.exp(-0.5 * square / settings.kernel_m**2), 0.0)
        moved = np.asarray(pull @ space) / np.asarray(pull @ np.ones(len(space)))[:, None]
        stays = np.linalg.norm(moved - space[seed], axis=1) > settings.drift_m
        centre = np.where(stays[:, None], centre, moved)
    return np.asarray(centre)


def balls(tree: cKDTree, places: Floats, radius_m: float) -> Neighbours:
    """For each place (n, d) the indices of the tree's points within the radius."""
    return cast(Neighbours, tree.query_ball_point(places, radius_m))
