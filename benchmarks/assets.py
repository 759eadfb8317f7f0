"""What a city's own list of castings, humps and crossings is worth, and what it costs: simulated cities against their truth.

A worklist holds what is not `dismissed`, at confidence ≥ 0.5. Worth the crew's way are potholes, rough stretches and sunken
castings; humps and rail crossings are meant to be there. The list is off by 2 m (1 σ) and holds, besides all castings that
jolt, a casting for every 17 m of street that jolts nobody: those can only swallow what lies near them.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, replace

import numpy as np

from benchmarks.bootstrap import line, rate_interval
from detection import KINDS, STATUSES, Defects, Survey, find_defects, survey
from detection.assets import SORTS, Assets, asset_of, join_assets
from detection.scoring import Figures, Pairs, match_defects
from detection.settings import AssetSettings
from detection.simulator import City, TrueDefects, simulate_city, simulate_drive
from detection.simulator.streets import LANE_OFFSET_M, along

SILENT_PER_KM = 60.0  # German cities have a manhole every 30 to 50 m of sewer, and gullies beside them
OFF_M = 2.0
DISMISSED = STATUSES.index("dismissed")
RULES = AssetSettings()


@dataclass(frozen=True)
class Counted:
    """One city: its street km; worklist against what is worth it, without and with the list; things wrongly joined."""

    km: float
    before: Figures
    after: Figures
    joined: int
    swallowed: int  # potholes and rough stretches taken for an asset …
    lost: int  # … and of those the ones dismissed
    sunken: int  # sunken castings found …
    sunken_kept: int  # … and still on the worklist
    kind_before: Figures
    kind_after: Figures


def report(seeds: Sequence[int], trips: Sequence[int], pool: Executor) -> None:
    """Print precision of the worklist and false alarms per km without and with the list, then the wrong joins."""
    jobs = [(seed, i, max(trips)) for seed in seeds for i in range(max(trips))]
    made = list(pool.map(_survey, jobs, chunksize=4))
    surveys = {seed: made[k * max(trips) : (k + 1) * max(trips)] for k, seed in enumerate(seeds)}
    print(f"known castings, humps and crossings, {len(seeds)} unseen cities; worklists against what is worth a repair:")
    for count in trips:
        rows = [counted(simulate_city(seed), surveys[seed][:count], seed) for seed in seeds]
        for name, held in (("without", [row.before for row in rows]), ("with", [row.after for row in rows])):
            false = np.array([[f.found - f.matched, row.km] for f, row in zip(held, rows, strict=True)], float)
            low, high = rate_interval(*false.T)
            extra = f" false alarms per km {false[:, 0].sum() / false[:, 1].sum():.2f} [{low:.2f}, {high:.2f}]"
            print(line(f"{count} trips, {name} assets", held, extra))
        total = {
            name: sum(getattr(row, name) for row in rows) for name in ("joined", "swallowed", "lost", "sunken", "sunken_kept")
        }
        told = "{joined} joined; {swallowed} of them potholes or rough stretches, {lost} dismissed; ".format(**total)
        print(f"  {told}{total['sunken_kept']} of {total['sunken']} sunken castings found stay on the worklist")
        right = [sum((getattr(row, name) for row in rows), Figures()) for name in ("kind_before", "kind_after")]
        print(f"  kind right of all things found: without {right[0].precision:.3f}, with {right[1].precision:.3f}")


def counted(city: City, surveys: Sequence[Survey], seed: int) -> Counted:
    """One city's figures."""
    found = find_defects(surveys)
    found = found[found.confidence >= 0.5]
    assets = listed(city, seed)
    row, joined = asset_of(found, assets), join_assets(found, assets)
    truth = city.defects.each_way()
    worth = truth[_worth(truth)]
    _, pairs, _ = match_defects(_places(found), _places(truth))
    on = row[pairs[:, 0]] >= 0
    dismissed = joined.status[pairs[:, 0]] == DISMISSED
    hole = np.isin(truth.kind[pairs[:, 1]], [KINDS.index("pothole"), KINDS.index("rough")])
    sunken = _worth(truth)[pairs[:, 1]] & ~hole
    return Counted(
        city.street_km,
        match_defects(_places(found), _places(worth))[0],
        match_defects(_places(joined[joined.status != DISMISSED]), _places(worth))[0],
        int((row >= 0).sum()),
        int((hole & on).sum()),
        int((hole & on & dismissed).sum()),
        int(sunken.sum()),
        int((sunken & ~dismissed).sum()),
        _kinds(found, truth, pairs),
        _kinds(joined, truth, pairs),
    )


def listed(city: City, seed: int) -> Assets:
    """The city's own list: its castings, flush or sunken, humps and crossings, and castings nobody feels."""
    rng = np.random.default_rng(seed)
    true, whole = city.defects, np.isnan(city.defects.heading)
    hump = true.kind == KINDS.index("speed_bump")
    joint = true.kind == KINDS.index("joint")
    sorts = {"hump": true[hump], "crossing": true[joint & whole]}
    parts = [_as_assets(things, sort) for sort, things in sorts.items()]
    parts += [_as_assets(things, "casting") for things in (true[joint & ~whole], city.distractors)]
    return _moved(Assets.concatenate([*parts, _silent(city, rng)]), city, rng)


def _as_assets(things: TrueDefects, sort: str) -> Assets:
    """A register says where a thing is and what it is, not which lane meets it."""
    names, radius = np.array([f"{sort}-{name}" for name in things.id], object), RULES.radius_m[SORTS.index(sort)]
    code, count = np.int8(SORTS.index(sort)), len(things)
    nowhere = np.full(count, np.nan)
    return Assets(names, things.latitude, things.longitude, np.full(count, code), nowhere, np.full(count, radius))


def _silent(city: City, rng: np.random.Generator) -> Assets:
    """Castings anywhere on the lanes, so well set that no car answers."""
    x, y = [], []
    for street in city.streets:
        u = along(street.xy)
        for _ in range(rng.poisson(SILENT_PER_KM * street.length_m / 1e3)):
            at = rng.uniform(0.0, u[-1])
            here, ahead = (np.array([np.interp(s, u, axis) for axis in street.xy.T]) for s in (at, at + 1.0))
            way = (ahead - here) / max(float(np.hypot(*(ahead - here))), 1e-9)
            side = rng.choice([-1, 1]) * LANE_OFFSET_M + rng.normal(0.0, 0.7)
            x.append(here[0] + side * way[1])
            y.append(here[1] - side * way[0])
    latitude, longitude = city.plane.to_degrees(np.array(x), np.array(y))
    names, count = np.array([f"silent-{i}" for i in range(len(x))], object), len(x)
    return Assets(names, latitude, longitude, np.zeros(count, np.int8), np.full(count, np.nan), np.full(count, RULES.radius_m[0]))


def _moved(assets: Assets, city: City, rng: np.random.Generator) -> Assets:
    x, y = city.plane.to_xy(assets.latitude, assets.longitude)
    off = rng.normal(0.0, OFF_M, (2, len(assets)))
    latitude, longitude = city.plane.to_degrees(x + off[0], y + off[1])
    return replace(assets, latitude=latitude, longitude=longitude)


def _worth(true: TrueDefects) -> np.ndarray:
    """Whether a crew has something to do there: not on a hump, nor where rails or joints cross the whole road."""
    joint, hump = (true.kind == KINDS.index(kind) for kind in ("joint", "speed_bump"))
    return ~hump & ~(joint & np.isnan(true.lateral_m))


def _kinds(found: Defects, truth: TrueDefects, pairs: Pairs) -> Figures:
    right = int((found.kind[pairs[:, 0]] == truth.kind[pairs[:, 1]]).sum())
    return Figures(len(pairs), len(pairs), right)


def _places(things: Defects | TrueDefects) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    return things.latitude, things.longitude, things.heading


def _survey(job: tuple[int, int, int]) -> Survey:
    seed, index, count = job
    return survey(simulate_drive(simulate_city(seed), index, seed, devices=-(-count // 3)).trace)
