"""Does severity mean the same from any car and phone? Against the size of the thing, and against what a reference car feels.

Severity is what a thing does to the middle car at 40 km/h, so the second is what it claims to be; the first is what a
city wants to know. Uncalibrated: the same estimate with every gain 1 and the speed exponent of `SeveritySettings`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from scipy.stats import spearmanr

from benchmarks.reference_car import reference_level
from detection import KINDS, Survey, find_defects, survey
from detection.calibration import Calibration, calibrate, level_of, uncalibrated
from detection.estimate import find_defects_and_nature
from detection.intervals import rank_correlation
from detection.scoring import match_defects, match_jolts
from detection.simulator import City, TrueDefects, TrueJolts, simulate_city, simulate_drive
from detection.trace import Floats

PER_KM = {"pothole": 5.0, "speed_bump": 2.0, "joint": 1.0, "rough": 0.25, "distractor": 8.0}  # more holes and humps to rank
POTHOLE, HUMP = KINDS.index("pothole"), KINDS.index("speed_bump")
URBAN_MPS = (30 / 3.6, 60 / 3.6)
ONE_LENGTH_M, LONG_HUMP_M, SHORT_HUMP_M = 0.7, 3.7, 0.8
TRIPS = (15, 60)

Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Told:
    """Of hits or defects (n,): severities by both rules; size: what is told, m (NaN of hits); inside: whether the interval holds
    the truth (a hit's: its defect's severity; a defect's: its size); `thing`, over all cities, that each belongs to; its kind,
    size_m, length_m, response (of the reference car, m/s²) and speed_mps of the hit (NaN for defects)."""

    calibrated: Floats
    plain: Floats
    size: Floats
    inside: Floats
    thing: Floats
    kind: Floats
    size_m: Floats
    length_m: Floats
    response: Floats
    speed_mps: Floats

    @classmethod
    def joined(cls, parts: Sequence[Told]) -> Told:
        return cls(*(np.concatenate([getattr(part, name) for part in parts]) for name in cls.__dataclass_fields__))


GROUPS: dict[str, Callable[[Told], Mask]] = {
    "potholes": lambda t: t.kind == POTHOLE,
    "potholes of 0.6 m and longer": lambda t: (t.kind == POTHOLE) & (t.length_m >= 0.6),
    "humps of 3.7 m, 75 to 100 mm high": lambda t: (t.kind == HUMP) & (t.length_m > 2.0),
    "bumps of 0.5 to 1 m, 40 to 60 mm": lambda t: (t.kind == HUMP) & (t.length_m < 2.0),
    "potholes and humps": lambda t: (t.kind == POTHOLE) | (t.kind == HUMP),
}


def report(seeds: Sequence[int], drives: int, pool: Executor) -> None:
    """Print Spearman's ρ, calibrated and not, over single hits and over defects; as drawn, then all of one length."""
    for one_length, title in ((False, "holes and humps of all lengths"), (True, "all holes 0.7 m, all short bumps 0.8 m long")):
        jobs = [(seed, index, drives, one_length) for seed in seeds for index in range(drives)]
        made = list(pool.map(_drive, jobs, chunksize=4))
        by_city = [made[i * drives : (i + 1) * drives] for i in range(len(seeds))]
        cities = [_city(seed, one_length) for seed in seeds]
        known = [calibrate([one for one, _ in pairs]) for pairs in by_city]
        print(f"severity, {title}: {len(seeds)} unseen cities, {drives} drives of {-(-drives * 2 // 5)} cars and phones each")
        _print_calibration(known)
        print("  Spearman's ρ with 90 % interval over things       against size: calibrated, not       against the reference car")
        hits = Told.joined([_hits(*each, i) for i, each in enumerate(zip(cities, by_city, known, strict=True))])
        _print_groups("single hits; holes at 30 to 60 km/h, humps as driven", hits)
        print(f"    single hits whose 90 % interval holds their defect's severity: {hits.inside.mean():.2f}")
        for count in (t for t in TRIPS if t <= drives):
            some = [[one for one, _ in pairs[:count]] for pairs in by_city]
            told = Told.joined([_defects(city, surveys, i) for i, (city, surveys) in enumerate(zip(cities, some, strict=True))])
            _print_groups(f"defects after {count} trips", told)
            _print_sizes(told)


def _city(seed: int, one_length: bool) -> City:
    city = simulate_city(seed, street_km=10.0, per_km=PER_KM)
    things = city.defects
    hump = np.where(things.length_m > 2.0, LONG_HUMP_M, SHORT_HUMP_M)
    alike = np.where(things.kind == POTHOLE, ONE_LENGTH_M, np.where(things.kind == HUMP, hump, things.length_m))
    return replace(city, defects=replace(things, length_m=alike)) if one_length else city


def _drive(job: tuple[int, int, int, bool]) -> tuple[Survey, TrueJolts]:
    seed, index, drives, one_length = job
    drive = simulate_drive(_city(seed, one_length), index, seed, devices=-(-drives * 2 // 5))
    return survey(drive.trace), drive.truth


def _hits(city: City, pairs: Sequence[tuple[Survey, TrueJolts]], known: Calibration, where: int) -> Told:
    """Every felt thing that was found, told from that hit alone, with the kind it was taken for."""
    parts, fused = [], []
    for one, truth in pairs:
        felt = truth[truth.felt == 1]
        at, true = match_jolts(one.evidence.t_s, felt.t_s, 0.5)[1].T
        jolts, felt = one.evidence[at], felt[true]
        urban = (felt.speed_mps >= URBAN_MPS[0]) & (felt.speed_mps <= URBAN_MPS[1])
        keep = (felt.kind == HUMP) | urban
        jolts, felt = jolts[keep], felt[keep]
        fused.append((felt.defect, level_of(jolts), jolts.speed_mps, np.full(len(jolts), one.owner, object), jolts.kind))
        parts.append(felt.speed_mps)
    thing, level, speed, device, kind = (np.concatenate(column) for column in zip(*fused, strict=True))
    told = known.severity(level, speed, device, kind)
    whole = known.fused(thing, len(city.defects), level, speed, device, kind).severity[thing]
    inside = ((told.low <= whole) & (whole <= told.high)).astype(float)
    plain = uncalibrated().severity(level, speed, device, kind).severity
    blank = np.full(len(thing), np.nan)
    return _told(told.severity, plain, blank, inside, city.defects, thing, where, np.concatenate(parts))


def _defects(city: City, surveys: Sequence[Survey], where: int) -> Told:
    """What `find_defects` says of each true thing it found, with a calibration from these trips alone, and without any."""
    calibrated, nature = find_defects_and_nature(surveys)
    plain = find_defects(surveys, calibration=uncalibrated())
    mine, true = match_defects((calibrated.latitude, calibrated.longitude, calibrated.heading), _places(city.defects))[1].T
    sure = calibrated.confidence[mine] >= 0.5
    mine, true = mine[sure], true[sure]
    other = plain.severity[np.argsort(plain.id.astype(str))]
    row = np.searchsorted(np.sort(plain.id.astype(str)), calibrated.id[mine].astype(str))
    blank, size = np.full(len(mine), np.nan), city.defects.size_m[true]
    inside = np.where(np.isnan(nature.size_m[mine]), np.nan, (nature.low_m[mine] <= size) & (size <= nature.high_m[mine]))
    return _told(calibrated.severity[mine], other[row], nature.size_m[mine], inside, city.defects, true, where, blank)


def _places(things: TrueDefects) -> tuple[Floats, Floats, Floats]:
    return things.latitude, things.longitude, things.heading


def _told(
    calibrated: Floats,
    plain: Floats,
    size: Floats,
    inside: Floats,
    things: TrueDefects,
    thing: npt.NDArray[np.intp],
    where: int,
    speed: Floats,
) -> Told:
    response = np.array(
        [reference_level(int(k), s, n) for k, s, n in zip(things.kind, things.size_m, things.length_m, strict=True)]
    )
    about = (things.kind.astype(float)[thing], things.size_m[thing], things.length_m[thing], response[thing])
    return Told(calibrated, plain, size, inside, thing + 1e6 * where, *about, speed)


def _print_calibration(known: Sequence[Calibration]) -> None:
    gains = np.concatenate([each.devices.gain for each in known])
    widths = np.concatenate([each.devices.gain_se for each in known])
    exponent = np.mean([each.exponent for each in known], axis=0)
    names = ("road", *KINDS)
    print(f"  log gain of {len(gains)} devices: σ {gains.std():.2f}, standard error {np.median(widths):.3f}")
    print("  speed exponents: " + ", ".join(f"{name} {value:.2f}" for name, value in zip(names, exponent, strict=True)))


def _print_sizes(told: Told) -> None:
    """How well the size that is told (`detection.sizing`) ranks sizes, by what factor it errs, and what its interval holds."""
    print("    size told (detection.sizing): ρ against size, middle factor of error, share in its 90 % interval")
    for name, chosen in GROUPS.items():
        mask = chosen(told) & np.isfinite(told.size)
        if len(np.unique(told.thing[mask])) < 5:
            continue
        rho, low, high = rank_correlation(told.size[mask], told.size_m[mask], told.thing[mask])
        factor = np.exp(np.median(np.abs(np.log(told.size[mask] / told.size_m[mask]))))
        held = told.inside[mask].mean()
        print(f"    {name:<34} n {mask.sum():4d}  {rho:+.2f} [{low:+.2f}, {high:+.2f}]  {factor:.2f}  {held:.2f}")


def _print_groups(title: str, told: Told) -> None:
    print(f"  {title}")
    for name, chosen in GROUPS.items():
        mask = chosen(told) & np.isfinite(told.response)
        things = len(np.unique(told.thing[mask]))
        if things < 5 or (name == "potholes of 0.6 m and longer" and np.ptp(told.length_m[mask]) == 0.0):
            continue  # too few to rank, or the same as all potholes
        cells = []
        for truth in (told.size_m, told.response):
            for said in (told.calibrated, told.plain):
                rho, low, high = rank_correlation(said[mask], truth[mask], told.thing[mask])
                cells.append(f"{rho:+.2f} [{low:+.2f}, {high:+.2f}]")
        ideal = spearmanr(told.response[mask], told.size_m[mask]).statistic
        print(
            f"    {name:<34} n {mask.sum():4d} of {things:3d}  "
            + "  ".join(cells)
            + f"   (reference car against size {ideal:+.2f})"
        )
