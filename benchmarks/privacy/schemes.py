"""Ways to withhold the home end of trips: ours, and those that others use. Each gives what is seen of a trip, home end first."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from benchmarks.privacy.world import Floats, Trip, to_degrees
from mobile_app.privacy import Ends, Fix, holds, kept_spans

Scheme = Callable[[Trip, int, np.random.Generator], Floats]  # trip, number of the enrolment it belongs to, chance


def crow_fly(radius_m: float) -> Scheme:
    """All within a radius of the end."""

    def seen(trip: Trip, _enrolment: int, _rng: np.random.Generator) -> Floats:
        return _beyond(trip.xy_m, trip.xy_m[0], radius_m)

    return seen


def along_path(length_m: float) -> Scheme:
    """The first metres of the way."""

    def seen(trip: Trip, _enrolment: int, _rng: np.random.Generator) -> Floats:
        driven = np.r_[0.0, np.cumsum(np.hypot(*np.diff(trip.xy_m, axis=0).T))]
        return trip.xy_m[driven > length_m]

    return seen


def random_radius(least_m: float, most_m: float) -> Scheme:
    """Another radius each trip."""

    def seen(trip: Trip, _enrolment: int, rng: np.random.Generator) -> Floats:
        return _beyond(trip.xy_m, trip.xy_m[0], rng.uniform(least_m, most_m))

    return seen


def displaced(radius_m: float, most_off_m: float) -> Scheme:
    """A circle around a centre that is off by a fixed amount, drawn once for each home."""

    def seen(trip: Trip, _enrolment: int, _rng: np.random.Generator) -> Floats:
        once = np.random.default_rng([int(v) for v in np.abs(np.round(trip.xy_m[0] / 500.0))])
        return _beyond(trip.xy_m, trip.xy_m[0] + once.uniform(-most_off_m, most_off_m, 2), radius_m)

    return seen


def cells(rules: Ends, grids: int = 1) -> Scheme:
    """Ours, by the code that runs on phones. grids: 1 is the one grid for all; more draw another with each enrolment."""

    def seen(trip: Trip, enrolment: int, _rng: np.random.Generator) -> Floats:
        shift = np.random.default_rng(enrolment % grids).uniform(0, rules.cell_m, 2) if grids > 1 else np.zeros(2)
        fixes = [Fix(float(t), *to_degrees(xy), 5.0) for t, xy in enumerate(trip.xy_m + shift)]
        spans, _ = kept_spans(fixes, rules)
        return trip.xy_m[[holds(spans, fix.t_s) for fix in fixes]]

    return seen


def _beyond(xy: Floats, centre: Floats, radius_m: float) -> Floats:
    """From the first fix that is out of the circle on."""
    out = np.flatnonzero(np.hypot(*(xy - centre).T) > radius_m)
    return xy[out[0] :] if len(out) else xy[:0]
