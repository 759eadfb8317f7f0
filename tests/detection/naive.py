"""Slow obvious twins of the core's vectorised functions: loops, dictionaries and the formula as one writes it on paper.

They answer on small inputs only, and share nothing with what they check but the settings.
"""

from __future__ import annotations

import itertools
import math
from collections import defaultdict
from collections.abc import Sequence

import numpy as np

from detection.assets import Assets
from detection.columns import KINDS
from detection.defects import Defects
from detection.settings import AssetSettings, DefectSettings, FixSettings, StatisticSettings

EARTH_RADIUS_M = 6_371_008.8


def distance_m(a: tuple[float, float], b: tuple[float, float]) -> float:
    """Great circle between two (latitude, longitude) in degrees, by the angle between two unit vectors."""
    (u, v) = ((math.radians(p[0]), math.radians(p[1])) for p in (a, b))
    p, q = ((math.cos(f) * math.cos(g), math.cos(f) * math.sin(g), math.sin(f)) for f, g in (u, v))
    cross = (p[1] * q[2] - p[2] * q[1], p[2] * q[0] - p[0] * q[2], p[0] * q[1] - p[1] * q[0])
    return EARTH_RADIUS_M * math.atan2(math.hypot(*cross), sum(i * j for i, j in zip(p, q, strict=True)))


def teleports(
    t: Sequence[float], places: Sequence[tuple[float, float]], accuracy: Sequence[float], rules: FixSettings
) -> set[int]:
    """Indices of fixes that are left and entered faster than any car drives, round after round over those that remain."""

    def leap(i: int, j: int) -> bool:
        slack = sum(10.0 if math.isnan(accuracy[k]) else accuracy[k] for k in (i, j))
        return distance_m(places[i], places[j]) - slack > rules.max_speed_mps * (t[j] - t[i])

    left = list(range(len(t)))
    for _ in range(8):
        if len(left) < 3:
            break
        leaps = [leap(i, j) for i, j in itertools.pairwise(left)]
        sides = [leaps[:1]] + [list(pair) for pair in itertools.pairwise(leaps)] + [leaps[-1:]]
        alone = [i for i, side in zip(left, sides, strict=True) if all(side)]
        left = [i for i in left if i not in alone]
        if not alone:
            break
    return set(range(len(t))) - set(left)


def stale_repeats(places: Sequence[tuple[float, float]], speed: Sequence[float], rules: FixSettings) -> list[bool]:
    """A place repeated to the last digit, unless the car stands and it is the last of its run."""
    out = []
    for i, place in enumerate(places):
        repeated = i > 0 and place == places[i - 1]
        last = i == len(places) - 1 or places[i + 1] != place
        standing = not speed[i] > rules.stand_mps
        out.append(repeated and not (standing and last))
    return out


def grid_times(t: Sequence[float], rate_hz: float, longest_s: float) -> list[list[float]]:
    """For each stretch without a gap the times half a step in, a step apart, that fit into it."""
    stretches = [[t[0]]]
    for before, now in itertools.pairwise(t):
        if now - before > longest_s:
            stretches.append([])
        stretches[-1].append(now)
    counts = [math.floor((stretch[-1] - stretch[0]) * rate_hz) for stretch in stretches]
    return [[s[0] + (k + 0.5) / rate_hz for k in range(n)] for s, n in zip(stretches, counts, strict=True) if n]


def cell_means(t: np.ndarray, values: np.ndarray, centres: np.ndarray, rate_hz: float) -> np.ndarray:
    """Mean over each cell of the signal that holds each sample's value since the sample before, one axis (n,)."""
    fine = 400
    out = []
    for centre in centres:
        at = centre + (np.arange(fine) + 0.5 - fine / 2) / (fine * rate_hz)
        out.append(values[np.searchsorted(t, at).clip(0, len(t) - 1)].mean())
    return np.array(out)


def running_median(values: Sequence[float], size: int, mode: str) -> list[float]:
    """Median of the `size` values around each; `mode` as numpy.pad names it."""
    half = size // 2
    padded = np.pad(np.asarray(values, float), half, mode=mode)
    return [float(np.median(padded[i : i + size])) for i in range(len(values))]


def median_along_principal_axes(means: np.ndarray, size: int) -> np.ndarray:
    """Running median of (3, b) in the frame in which the rows are uncorrelated about zero."""
    frame = np.linalg.svd(means, full_matrices=False)[0]
    return frame @ np.array([running_median(row, size, "edge") for row in frame.T @ means])


def along_turning_axis(signal: np.ndarray, axis: np.ndarray, length: int) -> list[float]:
    """Each sample (3, n) on the axis (3, b) of its block, turned by as much as it is away from the block's middle."""
    blocks, out = axis.shape[1], []
    for i in range(signal.shape[1]):
        b = min(i // length, blocks - 1)
        before, after = axis[:, max(b - 1, 0)], axis[:, min(b + 1, blocks - 1)]
        turn = (after - before) / (min(b + 1, blocks - 1) - max(b - 1, 0))
        ahead = (i % length + 0.5) / length - 0.5 if i < blocks * length else 0.0
        out.append(float(signal[:, i] @ (axis[:, b] + ahead * turn)))
    return out


def envelope(signal: np.ndarray, step: int, rate_hz: float, rules: StatisticSettings) -> list[float]:
    """Root of the bell-weighted mean of the energies of whole steps; beyond the ends the last one goes on."""
    energy = [float(np.mean(signal[k : k + step] ** 2)) for k in range(0, len(signal) // step * step, step)]
    sigma = rules.envelope_s * rate_hz / step
    reach = int(3.0 * sigma + 0.5)
    out = []
    for i in range(len(energy)):
        near = [min(max(i + d, 0), len(energy) - 1) for d in range(-reach, reach + 1)]
        bell = [math.exp(-0.5 * (d / sigma) ** 2) for d in range(-reach, reach + 1)]
        out.append(math.sqrt(sum(b * energy[j] for b, j in zip(bell, near, strict=True)) / sum(bell)))
    return out


def background(level: np.ndarray, speed: np.ndarray, usable: np.ndarray, rate_hz: float, rules: StatisticSettings) -> list[float]:
    """Running median of the level over a power of speed, usable samples only; in between linear, beyond the ends held."""
    gain = [max(v, rules.min_speed_mps) ** rules.background_speed_exponent for v in speed]
    kept = [i for i in range(len(level)) if usable[i]]
    size = int(min(len(level), rules.background_s * rate_hz)) | 1
    relative = [level[i] / gain[i] for i in kept]
    usual = running_median(relative, size, "reflect") if size < len(kept) else [float(np.median(relative))] * len(kept)
    return [float(np.interp(i, kept, usual)) * gain[i] for i in range(len(level))]


def peaks(statistic: np.ndarray, allowed: np.ndarray, apart: np.ndarray, rules: StatisticSettings) -> list[int]:
    """Local maxima above the threshold, taken from the highest down, each forbidding those nearer than its own distance."""
    seen = [float(s) if a else 0.0 for s, a in zip(statistic, allowed, strict=True)]
    tops = [i for i in range(1, len(seen) - 1) if seen[i - 1] < seen[i] > seen[i + 1] and seen[i] >= rules.threshold]
    kept: list[int] = []
    forbidden: set[int] = set()
    for i in sorted(tops, key=lambda i: -seen[i]):
        if i not in forbidden:
            kept.append(i)
            forbidden |= {j for j in tops if abs(j - i) <= apart[i]}
    return sorted(kept)


def speed_gained(axis: np.ndarray, rate_hz: float, first_s: float, t: Sequence[float], lag_s: float) -> list[float]:
    """Integral of one axis (a value a grid cell from first_s on) between consecutive times, all moved back by lag_s."""

    def until(time_s: float) -> float:
        cells = (time_s - first_s) * rate_hz
        whole = int(cells)
        return float(axis[:whole].sum() + (cells - whole) * axis[whole]) / rate_hz

    return [until(b - lag_s) - until(a - lag_s) for a, b in itertools.pairwise(t)]


def passes(
    points: Sequence[tuple[int, float, float, float, float]],
    jolts: Sequence[tuple[int, float, int, float]],
    candidates: Sequence[tuple[float, float, float]],
    rules: DefectSettings,
) -> list[tuple[int, int, float]]:
    """(candidate, trip, hit 0..1) of every pass. points: trip, t, x, y, heading; jolts: trip, t, candidate, confidence."""
    events = defaultdict(list)
    for trip, t, x, y, heading in points:
        for c, (cx, cy, course) in enumerate(candidates):
            turn = abs((heading - course + 180.0) % 360.0 - 180.0)
            if math.hypot(x - cx, y - cy) <= rules.pass_reach_m and turn < rules.max_turn_deg:
                events[c, trip].append((t, 0.0))
    for trip, t, c, confidence in jolts:
        events[c, trip].append((t, confidence))
    out = []
    for (c, trip), seen in events.items():
        ordered = sorted(seen)
        groups = [[ordered[0]]]
        for before, now in itertools.pairwise(ordered):
            if now[0] - before[0] > rules.pass_apart_s:
                groups.append([])
            groups[-1].append(now)
        out += [(c, trip, max(hit for _, hit in group)) for group in groups]
    return sorted(out)


def evidence(rows: Sequence[tuple[int, float, float]], correlation: float) -> tuple[float, float]:
    """Effective (hits, misses) at one place from (device, weight, hit): n passes of one device count n / (1 + (n − 1) ρ), each
    with its weight, a hit among them as a whole pass of its device."""
    hits = misses = 0.0
    for device in {row[0] for row in rows}:
        mine = [row for row in rows if row[0] == device]
        n = sum(1.0 if hit > 0 else weight for _, weight, hit in mine)
        shrink = 1.0 / (1.0 + max(n - 1.0, 0.0) * correlation)
        hits += sum(weight for _, weight, hit in mine if hit > 0) * shrink
        misses += sum(weight for _, weight, hit in mine if hit == 0) * shrink
    return hits, misses


def log_urn(draws: Sequence[int], balls: Sequence[float]) -> float:
    """Log probability of drawing these colours in this order from Pólya's urn, where each drawn ball goes back with a twin."""
    held, total = list(balls), 0.0
    for colour in draws:
        total += math.log(held[colour] / sum(held))
        held[colour] += 1.0
    return total


def most_pairs(cost: np.ndarray, limit: float) -> tuple[int, float]:
    """(number of pairs, their cost) of the best one-to-one matching within the limit, by trying all of them."""
    if cost.shape[0] > cost.shape[1]:
        cost = cost.T
    best = (0, 0.0)
    for columns in itertools.permutations(range(cost.shape[1]), cost.shape[0]):
        paid = [float(cost[i, j]) for i, j in enumerate(columns) if cost[i, j] <= limit]
        best = max(best, (len(paid), -sum(paid)))
    return best[0], -best[1]


def near_m(a: tuple[float, float], b: tuple[float, float]) -> float:
    """Metres between near places in degrees, by the two radii of curvature of WGS 84 between them."""
    middle = math.radians((a[0] + b[0]) / 2)
    squared, major = 0.00669437999014, 6_378_137.0
    bend = 1.0 - squared * math.sin(middle) ** 2
    north = math.radians(b[0] - a[0]) * major * (1.0 - squared) / bend**1.5
    east = math.radians((b[1] - a[1] + 180.0) % 360.0 - 180.0) * major / math.sqrt(bend) * math.cos(middle)
    return math.hypot(north, east)


def assets_of(defects: Defects, assets: Assets, rules: AssetSettings) -> list[int]:
    """Row of each defect's asset, -1 none: the best pair of all that are left is taken, again and again."""

    def turn(one: float, other: float) -> float:
        return 0.0 if math.isnan(one) or math.isnan(other) else abs((one - other + 180.0) % 360.0 - 180.0)

    pairs = []
    for i, j in itertools.product(range(len(defects)), range(len(assets))):
        off = rules.reach_sigmas * math.hypot(defects.radius[i], rules.place_sigma_m)
        reach = min(off, rules.max_reach_m) + assets.radius_m[j]
        gap = near_m((defects.latitude[i], defects.longitude[i]), (assets.latitude[j], assets.longitude[j]))
        hard = bool(defects.severity[i] > rules.hard_severity[assets.sort[j]])
        other = KINDS[defects.kind[i]] != ("joint", "speed_bump", "joint", "joint")[assets.sort[j]]
        if gap <= reach and turn(defects.heading[i], assets.heading[j]) <= rules.max_turn_deg and not (hard and other):
            heading = -1.0 if math.isnan(defects.heading[i]) else float(defects.heading[i])
            place = (heading, float(defects.longitude[i]), float(defects.latitude[i]))  # of two equally near, the first so
            pairs.append((hard, other, gap / reach, place, i, j))
    out = [-1] * len(defects)
    while pairs:
        *_, i, j = min(pairs)
        out[i] = j
        h = defects.heading[i]
        pairs = [p for p in pairs if p[4] != i and not (p[5] == j and turn(defects.heading[p[4]], h) <= rules.max_turn_deg)]
    return out
