"""Crossings, read off the passes themselves, and the share of approaches that brake: where nobody brakes, the sign is not seen.

A crossing is a place that at least three arms lead to (`detection.junctions`). An approach is one pass to it by an arm; whether
it brakes is read off its speed over the way before.

No map of streets is needed. Hard-braking counts go with crashes once they are shares of passes (Hunter et al. 2021, 435
Indiana intersections); here it is the *missing* braking that tells.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from scipy.stats import beta

from detection.columns import Columns, Counts, Floats
from detection.geo import LocalMetres, turn_deg
from detection.jolts import Survey
from detection.junctions import LEAST_ARMS, Junctions, find_junctions
from detection.passing import Steps, distinct, steps_of
from detection.settings import CrossingSettings
from detection.weight import as_often, votes

Bools = npt.NDArray[np.bool_]
DEFAULT = CrossingSettings()


@dataclass(frozen=True, eq=False)
class Crossings(Columns):
    """Crossings (n,): WGS 84 degrees of the middle; arms; devices: fewest on any of the three busiest arms; approaches: passes
    into it; braking: share of these that brake, each device having one vote; low, high: its 90 % interval."""

    latitude: Floats
    longitude: Floats
    arms: Counts
    devices: Counts
    approaches: Counts
    braking: Floats
    low: Floats
    high: Floats


@dataclass(frozen=True, eq=False)
class Approaches(Columns):
    """Arms of crossings that are driven towards them (m,): crossing: row in `Crossings`; heading: deg clockwise from north of who
    comes; devices, approaches, braking, low, high as there. straight_approaches, straight_braking: of those who go straight on,
    for who turns brakes anyway (NaN where too few do); speed: m/s, median of the fastest on the way there."""

    crossing: Counts
    heading: Floats
    devices: Counts
    approaches: Counts
    braking: Floats
    low: Floats
    high: Floats
    straight_approaches: Counts
    straight_braking: Floats
    speed: Floats


def find_crossings(
    surveys: Sequence[Survey], least_devices: int = 1, settings: CrossingSettings = DEFAULT
) -> tuple[Crossings, Approaches]:
    """The crossings that these trips passed, in order of place, and their arms; the same for any order of the surveys.

    Nothing is told of what fewer than `least_devices` drove: such arms are none.
    """
    if not any(len(survey.track) > 1 for survey in surveys):
        return Crossings.empty(), Approaches.empty()
    plane, steps = steps_of(surveys, settings.step_m)
    found = find_junctions(steps, least_devices, settings)
    if not len(found.middle):
        return Crossings.empty(), Approaches.empty()
    return _tables(plane, steps, found, max(least_devices, 1), settings)


def _tables(
    plane: LocalMetres, steps: Steps, found: Junctions, least: int, settings: CrossingSettings
) -> tuple[Crossings, Approaches]:
    arms, came, device = len(found.arm_deg), found.came, steps.device[found.visits.first]
    braked, fastest = braking(steps, found.visits.nearest, settings)
    straight = np.abs(turn_deg(found.arm_deg[came] + 180.0, found.arm_deg[found.went])) <= settings.straight_deg
    devices, straight_devices = distinct(came, device, arms), distinct(came[straight], device[straight], arms)
    count, share, low, high = _shares(came, device, braked, arms, settings)
    ahead, ahead_share, *_ = _shares(came[straight], device[straight], braked[straight], arms, settings)
    shown, told = devices >= least, straight_devices >= least
    by_arm = Approaches(
        found.arm_place,
        (found.arm_deg + 180.0) % 360.0,
        devices,
        *(count, share, low, high),
        np.where(told, ahead, 0),
        np.where(told, ahead_share, np.nan),
        _medians(came, fastest, arms),
    )
    latitude, longitude = plane.to_degrees(*found.middle.T)
    counted = shown[came]
    whole = _shares(found.visits.place[counted], device[counted], braked[counted], len(found.middle), settings)
    driven = distinct(np.r_[came, found.went], np.tile(device, 2), arms)
    rank = np.lexsort((-driven, found.arm_place))
    third = rank[np.searchsorted(found.arm_place, np.arange(len(found.middle))) + LEAST_ARMS - 1]
    of = np.bincount(found.arm_place, minlength=len(found.middle))
    crossings = Crossings(latitude, longitude, of, driven[third], *whole)
    return _in_order(crossings, by_arm[np.flatnonzero(shown)])


def _in_order(crossings: Crossings, approaches: Approaches) -> tuple[Crossings, Approaches]:
    """From south to north, whatever plane they were found in; without those into which no arm that is told leads."""
    order = np.lexsort((crossings.longitude, crossings.latitude))
    order = order[crossings.approaches[order] > 0]
    number = np.zeros(len(crossings), np.int64)
    number[order] = np.arange(len(order))
    number = number[approaches.crossing]
    return crossings[order], replace(approaches, crossing=number)[np.lexsort((approaches.heading, number))]


def braking(steps: Steps, at: Counts, settings: CrossingSettings) -> tuple[Bools, Floats]:
    """Whether passes that are in the middle at these steps (v,) braked on the way there, and their fastest speed (v,) m/s.

    Braking is a mean deceleration of `brake_mps2` over `brake_m` somewhere on the last `before_m`, losing `lost_mps` in all.
    """
    back = max(1, round(settings.brake_m / settings.step_m))
    many = max(back + 1, round(settings.before_m / settings.step_m))
    rows = at[:, None] - np.arange(many, -1, -1)[None]
    inside = (rows >= 0) & (steps.stretch[np.maximum(rows, 0)] == steps.stretch[at][:, None])
    rows = np.where(inside, rows, at[:, None])
    speed, way = np.where(inside, steps.speed_mps[rows], np.nan), steps.way_m[rows]
    gone = way[:, back:] - way[:, :-back]
    slowing = (speed[:, :-back] ** 2 - speed[:, back:] ** 2) / np.maximum(2.0 * gone, settings.step_m)
    with np.errstate(invalid="ignore"):
        hard = (slowing >= settings.brake_mps2).any(axis=1)
    fastest = np.nanmax(speed, axis=1)
    slowest = np.nanmin(speed[:, many // 2 :], axis=1)
    return hard & (fastest - slowest >= settings.lost_mps), fastest


def _shares(
    group: Counts, device: Counts, yes: Bools, groups: int, settings: CrossingSettings
) -> tuple[Counts, Floats, Floats, Floats]:
    """Count (g,), share of yes and its 90 % interval (Jeffreys) in each group, a device's passes voting together."""
    count = np.bincount(group, minlength=groups)
    vote = votes(as_often(group, device), settings.device_correlation) if len(group) else np.empty(0)
    total, said = np.bincount(group, vote, groups), np.bincount(group, vote * yes, groups)
    share = np.where(total > 0, said / np.maximum(total, 1e-12), np.nan)
    low, high = (beta.ppf(q, said + 0.5, total - said + 0.5) for q in (0.05, 0.95))
    return count, share, np.where(said > 0, low, 0.0), np.where(said < total, high, 1.0)


def _medians(group: Counts, values: Floats, groups: int) -> Floats:
    order = np.lexsort((values, group))
    first = np.searchsorted(group[order], np.arange(groups + 1))
    count = np.diff(first)
    held = np.flatnonzero(count)
    out = np.full(groups, np.nan)
    low, high = first[held] + (count[held] - 1) // 2, first[held] + count[held] // 2
    out[held] = 0.5 * (values[order][low] + values[order][high])
    return out
