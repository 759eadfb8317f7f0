"""Candidates: places where jolts lie densely, in a direction of travel.

HDBSCAN in metres and heading separates groups; inside each, modes of the density are the places. HDBSCAN has no
scale and would take any street's background for clusters: whether a candidate is a defect is decided by exposure
(`detection.posterior`), never by its count.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

import numpy as np
from scipy.spatial import cKDTree

from detection.scene import Ints, Rows
from detection.settings import DefectSettings
from detection.trace import Floats

Neighbours = list[list[int]]


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


def find_candidates(jolts: Rows, weight: Floats, settings: DefectSettings) -> Candidates:
    """Modes of the weighted density of jolts (weight (j,) > 0), at least `apart_m` apart in one direction.

    Every jolt that no group takes is a candidate of its own: with one pass there is nothing else to go by.
    """
    space = np.c_[jolts.xy, settings.heading_scale_m * np.c_[jolts.east, jolts.north]]
    group = _groups(space, settings)
    density, neighbours = _density(space, group, weight, settings)
    order = np.argsort(-density, kind="stable")
    modes = _peaks(order, neighbours)
    centres = _shifted(space, weight, modes, settings)
    distance, member = cKDTree(centres).query(space, distance_upper_bound=settings.hit_reach_m)
    member = np.where(np.isfinite(distance), member, -1)
    kept, member = np.unique(member, return_inverse=True)
    offset = int(kept[0] == -1)
    centres = centres[kept[offset:]]
    direction = centres[:, 2:] / np.maximum(np.linalg.norm(centres[:, 2:], axis=1, keepdims=True), 1e-9)
    return Candidates(centres[:, 0], centres[:, 1], direction[:, 0], direction[:, 1], np.asarray(member - offset, np.int64))


def _groups(space: Floats, settings: DefectSettings) -> Ints:
    """HDBSCAN labels (j,); each unlabelled jolt gets a label of its own."""
    if len(space) <= settings.min_cluster:
        return np.arange(len(space))
    import hdbscan  # here: it brings scikit-learn, a second of start-up that servers and single trips need not wait for

    model = hdbscan.HDBSCAN(
        min_cluster_size=settings.min_cluster,
        min_samples=1,
        cluster_selection_epsilon=settings.apart_m,  # below this scale nothing is worth splitting; modes do it better
        core_dist_n_jobs=1,
    )
    label = model.fit_predict(space).astype(np.int64)
    lone = label < 0
    label[lone] = label.max() + 1 + np.arange(lone.sum())
    return np.asarray(label, np.int64)


def _density(space: Floats, group: Ints, weight: Floats, settings: DefectSettings) -> tuple[Floats, Neighbours]:
    """Gaussian kernel density at each jolt from its own group, and the neighbours within `apart_m` in any group."""
    tree = cKDTree(space)
    pairs = tree.query_pairs(3.0 * settings.kernel_m, output_type="ndarray")
    gap = np.linalg.norm(space[pairs[:, 0]] - space[pairs[:, 1]], axis=1)
    same = group[pairs[:, 0]] == group[pairs[:, 1]]
    kernel = np.where(same, np.exp(-0.5 * (gap / settings.kernel_m) ** 2), 0.0)
    density = weight.copy()
    np.add.at(density, pairs[:, 0], kernel * weight[pairs[:, 1]])
    np.add.at(density, pairs[:, 1], kernel * weight[pairs[:, 0]])
    return density, balls(tree, space, settings.apart_m)


def _peaks(order: Ints, neighbours: Neighbours) -> Ints:
    """Densest first, each mode takes its neighbours: non-maximum suppression, a loop over jolts that are left."""
    free = np.ones(len(order), bool)
    modes = []
    for i in order:
        if free[i]:
            modes.append(i)
            free[neighbours[i]] = False
    return np.array(modes, np.int64)


def _shifted(space: Floats, weight: Floats, modes: Ints, settings: DefectSettings) -> Floats:
    """Mean shift (Comaniciu & Meer 2002) of the modes, five steps, then those that ran together are joined."""
    centres = space[modes].copy()
    tree = cKDTree(space)
    for _ in range(5):
        near = balls(tree, centres, 2.5 * settings.kernel_m)
        owner = np.repeat(np.arange(len(centres)), [len(n) for n in near])
        index = np.concatenate([np.asarray(n, np.int64) for n in near])
        pull = weight[index] * np.exp(-0.5 * np.sum((space[index] - centres[owner]) ** 2, axis=1) / settings.kernel_m**2)
        total = np.bincount(owner, pull, len(centres))
        centres = np.stack([np.bincount(owner, pull * axis, len(centres)) / total for axis in space[index].T], axis=1)
    keep = _peaks(np.arange(len(centres)), balls(cKDTree(centres), centres, settings.apart_m))
    return centres[keep]


def balls(tree: cKDTree, places: Floats, radius_m: float) -> Neighbours:
    """For each place (n, d) the indices of the tree's points within the radius."""
    return cast(Neighbours, tree.query_ball_point(places, radius_m))
