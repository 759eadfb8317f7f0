"""Where streets meet, read off the passes: middles, the arms that lead to them, and who came by which arm and left by which.

Where a crossing may be is told by axes of travel that differ (a bend has two as well); whether it is one, by where the passes
through a disc around it come from and go to.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.spatial import cKDTree

from detection.columns import Counts, Floats
from detection.geo import heading_of, turn_deg
from detection.passing import Steps, distinct
from detection.settings import CrossingSettings
from detection.weight import as_often, votes

Bools = npt.NDArray[np.bool_]
LEAST_ARMS = 3  # two are a street


@dataclass(frozen=True, eq=False)
class Visits:
    """Passes through discs (v,): place: row of its middle; first, last: steps where it enters and leaves; nearest: where it is
    in the middle."""

    place: Counts
    first: Counts
    last: Counts
    nearest: Counts

    def only(self, which: Bools) -> Visits:
        return Visits(*(column[which] for column in vars(self).values()))


@dataclass(frozen=True, eq=False)
class Junctions:
    """middle (c, 2): m, of places with three arms or more, no two of them the same crossing. Arms (a,) in order of place:
    arm_place: row of the middle; arm_deg: where the arm lies from there, clockwise from north. visits; came, went (v,): arms
    by which each enters and leaves."""

    middle: Floats
    arm_place: Counts
    arm_deg: Floats
    visits: Visits
    came: Counts
    went: Counts


def find_junctions(steps: Steps, least_devices: int, settings: CrossingSettings) -> Junctions:
    """The places with three arms or more that at least so many devices drove each; what fewer drove moves none of them."""
    common = _common(steps, least_devices, settings)
    xy, ahead = steps.xy[common], steps.ahead[common]
    at = _candidates(xy, ahead, settings) if len(xy) else np.empty((0, 2))
    if not len(at):
        none = np.empty(0, np.int64)
        return Junctions(at, none, np.empty(0), Visits(none, none, none, none), none, none)
    middle = _middles(xy, ahead, at, settings)
    visits = _visits(steps, middle, settings)
    visits = visits.only(common[visits.first] & common[visits.last] & common[visits.nearest])
    inward, outward = (_bearing(steps, visits, middle, at) for at in (visits.first, visits.last))
    arm_place, arm_deg, came, went = _arms(steps, visits, inward, outward, len(middle), least_devices, settings)
    chosen = _chosen(middle, np.bincount(arm_place, minlength=len(middle)), settings)
    place, arm = _renumbered(chosen, len(middle)), np.flatnonzero(np.isin(arm_place, chosen))
    number = _renumbered(arm, len(arm_place) + 1)  # the last is none, and so is arm −1
    mine = (place[visits.place] >= 0) & (came >= 0) & (went >= 0) & (came != went)
    kept = visits.only(mine)
    return Junctions(
        middle[chosen],
        place[arm_place[arm]],
        arm_deg[arm],
        Visits(place[kept.place], kept.first, kept.last, kept.nearest),
        number[came[mine]],
        number[went[mine]],
    )


def _renumbered(chosen: Counts, count: int) -> Counts:
    """New number (count,) of each of the old ones, −1 for those left out."""
    number = np.full(count, -1)
    number[chosen] = np.arange(len(chosen))
    return number


def _cells(xy: Floats, settings: CrossingSettings) -> tuple[Counts, int]:
    """Cell (n,) of each place, and how many there are."""
    row, column = np.floor(xy / settings.cell_m).astype(np.int64).T
    cells, which = np.unique(row * (1 << 32) + column, return_inverse=True)
    return which, len(cells)


def _common(steps: Steps, least: int, settings: CrossingSettings) -> Bools:
    """Steps (n,) in cells that at least so many devices passed."""
    if least <= 1:
        return np.ones(len(steps), bool)
    which, cells = _cells(steps.xy, settings)
    return np.asarray((distinct(which, steps.device, cells) >= least)[which])


def _candidates(xy: Floats, ahead: Floats, settings: CrossingSettings) -> Floats:
    """Places (c, 2) with axes of travel that differ, the more so than all places around."""
    which, cells = _cells(xy, settings)
    count = np.bincount(which, minlength=cells)
    doubled = np.c_[ahead[:, 0] ** 2 - ahead[:, 1] ** 2, 2 * ahead[:, 0] * ahead[:, 1]]  # both directions are one axis
    sums = np.c_[[np.bincount(which, column, cells) for column in (*doubled.T, *xy.T)]].T
    place = sums[:, 2:] / count[:, None]
    tree = cKDTree(place)
    pairs = tree.query_pairs(settings.look_m, output_type="ndarray")
    both = np.r_[pairs, pairs[:, ::-1], np.c_[np.arange(cells), np.arange(cells)]]
    around = np.c_[[np.bincount(both[:, 0], column[both[:, 1]], cells) for column in (*sums[:, :2].T, count)]].T
    mixed = 1.0 - np.hypot(around[:, 0], around[:, 1]) / around[:, 2]
    highest = np.zeros(cells)
    np.maximum.at(highest, both[:, 0], mixed[both[:, 1]])
    return np.asarray(place[(mixed >= settings.least_mixed) & (mixed >= highest)])


def _within(places: Floats, middle: Floats, radius_m: float) -> tuple[Counts, Counts]:
    """Middle and place of every pair that near, in order of both."""
    near: Any = cKDTree(places).query_ball_point(middle, radius_m, return_sorted=True)
    owner = np.repeat(np.arange(len(middle)), [len(own) for own in near])
    return owner, np.fromiter((place for own in near for place in own), np.int64, len(owner))


def _middles(xy_m: Floats, ahead: Floats, at: Floats, settings: CrossingSettings) -> Floats:
    """Each moved to the place (c, 2) that is nearest, in squares, to the lines along which all steps around it go."""
    for _ in range(2):
        owner, own = _within(xy_m, at, settings.disc_m)
        across = np.c_[-ahead[own, 1], ahead[own, 0]]
        offset = ((xy_m[own] - at[owner]) * across).sum(axis=1)
        xx, xy, yy, bx, by = (
            np.bincount(owner, term, len(at))
            for term in (across[:, 0] ** 2, across[:, 0] * across[:, 1], across[:, 1] ** 2, *(offset[:, None] * across).T)
        )
        damped = 1e-2 * (xx + yy) + 1e-9  # on a straight street the middle is anywhere along it: there it stays
        xx, yy = xx + damped, yy + damped
        det = xx * yy - xy**2
        at = at + np.clip(np.c_[yy * bx - xy * by, xx * by - xy * bx] / det[:, None], -settings.look_m, settings.look_m)
    return at


def _visits(steps: Steps, middle: Floats, settings: CrossingSettings) -> Visits:
    """Passes that come from outside a disc, get near its middle and leave it again, all in one stretch."""
    crossing, own = _within(steps.xy, middle, settings.disc_m)
    begins = np.r_[True, (np.diff(crossing) != 0) | (np.diff(own) != 1) | (np.diff(steps.stretch[own]) != 0)]
    number = np.cumsum(begins) - 1
    first = own[begins]
    last = own[np.r_[np.flatnonzero(begins)[1:] - 1, len(own) - 1]] if len(own) else own
    distance = np.hypot(*(steps.xy[own] - middle[crossing]).T)
    order = np.lexsort((distance, number))
    closest = order[np.r_[True, np.diff(number[order]) != 0]] if len(own) else order
    through = (
        (distance[closest] <= settings.near_m)
        & (first > 0)
        & (steps.stretch[np.maximum(first - 1, 0)] == steps.stretch[first])
        & (last < len(steps) - 1)
        & (steps.stretch[np.minimum(last + 1, len(steps) - 1)] == steps.stretch[last])
    )
    return Visits(crossing[begins][through], first[through], last[through], own[closest][through])


def _bearing(steps: Steps, visits: Visits, middle: Floats, at: Counts) -> Floats:
    """Degrees clockwise from north (v,) at which steps lie from the middle."""
    return heading_of(*(steps.xy[at] - middle[visits.place]).T)


def _arms(
    steps: Steps, visits: Visits, inward: Floats, outward: Floats, crossings: int, least: int, settings: CrossingSettings
) -> tuple[Counts, Floats, Counts, Counts]:
    """Of each arm its crossing and bearing (a,), in order of both; and by which arm each visit enters and leaves (v,), −1 none.

    Bearings of all entries and exits are counted in bins; an arm is a bin with more around it than any other nearby.
    """
    bins = round(360.0 / settings.bin_deg)
    bearing, owner = np.r_[inward, outward], np.r_[visits.place, visits.place]
    table = np.zeros((crossings, bins))
    device = np.tile(steps.device[visits.first], 2)
    vote = votes(as_often(owner, device), settings.device_correlation) if len(owner) else np.empty(0)
    np.add.at(table, (owner, (bearing / settings.bin_deg).astype(np.int64) % bins), vote)
    smooth = _blurred(table, settings.blur_deg / settings.bin_deg)
    reach = round(settings.apart_deg / settings.bin_deg)
    highest = np.max([np.roll(smooth, shift, axis=1) for shift in range(-reach, reach + 1)], axis=0)
    crossing, column = np.nonzero((smooth >= highest) & (smooth > 1e-3))
    centre = np.asarray((column + 0.5) * settings.bin_deg, np.float64)
    arm = _nearest_arm(owner, bearing, crossing, centre, crossings, settings.of_arm_deg)
    on = arm >= 0
    common = distinct(arm[on], device[on], len(crossing)) >= max(least, 1)
    renumbered = np.where(common, np.cumsum(common) - 1, -1)
    arm = np.where(on, renumbered[np.maximum(arm, 0)], -1) if len(crossing) else arm
    return crossing[common], centre[common], arm[: len(inward)], arm[len(inward) :]


def _blurred(table: Floats, sigma: float) -> Floats:
    """Each row smoothed around the circle by a Gaussian of that many bins."""
    bins = table.shape[1]
    turn = np.fft.rfftfreq(bins)
    return np.asarray(np.fft.irfft(np.fft.rfft(table, axis=1) * np.exp(-2.0 * (np.pi * turn * sigma) ** 2), bins, axis=1))


def _nearest_arm(owner: Counts, bearing: Floats, crossing: Counts, centre: Floats, crossings: int, most_deg: float) -> Counts:
    """The arm (n,) of the same crossing that a bearing is nearest to, −1 where it is further beside it than `most_deg`."""
    first = np.searchsorted(crossing, np.arange(crossings + 1))
    most = int(np.diff(first).max(initial=0))
    best, off = np.full(len(owner), -1), np.full(len(owner), most_deg)
    for k in range(most):
        at = first[owner] + k
        there = np.flatnonzero(at < first[owner + 1])
        gap = np.abs(turn_deg(centre[at[there]], bearing[there]))
        nearer = there[gap <= off[there]]
        off[nearer], best[nearer] = gap[gap <= off[there]], at[nearer]
    return best


def _chosen(middle: Floats, arms: Counts, settings: CrossingSettings) -> Counts:
    """Rows with arms enough; of those so near that they are one crossing, the one with most arms."""
    able = np.flatnonzero(arms >= LEAST_ARMS)
    if not len(able):
        return able
    order = able[np.lexsort((middle[able, 1], middle[able, 0], -arms[able]))]
    near = cKDTree(middle[order]).query_ball_point(middle[order], settings.merge_m, return_sorted=True)
    free = np.ones(len(order), bool)
    kept = np.zeros(len(order), bool)
    for row, others in enumerate(near):
        kept[row] = free[row]
        if free[row]:
            free[others] = False
    return np.sort(order[kept])
