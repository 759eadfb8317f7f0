"""Defects from the surveys of many trips: candidates, exposure, posterior, place.

Pure: the same surveys always give the same defects, in any order.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, fields, replace

import numpy as np

from detection.calibration import Calibration, Severities, level_of
from detection.columns import Codes, Columns, Floats, Texts
from detection.defects import Defects
from detection.evidence import chance_of_trips
from detection.exposure import Passes
from detection.geo import heading_of
from detection.identity import distinct
from detection.jolts import Jolts, Survey
from detection.kinds import figures_of, kind_probabilities, kinds_of
from detection.look import Look, looks
from detection.placing import Placed, place
from detection.posterior import posterior
from detection.scene import Gathered, Ints, believed, gather
from detection.settings import DefectSettings
from detection.sizing import sizes_of
from detection.trust import calibrated

DEFAULT = DefectSettings()


@dataclass(frozen=True, eq=False)
class Nature(Columns):
    """What sort of thing a defect is. Columns (n,): the probability of each of `KINDS[1:]`, given that it is there, all 0 where
    no jolt tells; size_m, low_m, high_m: depth or height with its 90 % interval (`detection.sizing`), NaN where it has none."""

    pothole: Floats
    speed_bump: Floats
    joint: Floats
    rough: Floats
    size_m: Floats
    low_m: Floats
    high_m: Floats


def find_defects(
    surveys: Sequence[Survey], settings: DefectSettings = DEFAULT, calibration: Calibration | None = None
) -> Defects:
    """The defects that these trips speak for, most certain first.

    Trips without a device id count as a device each. Confidence includes the passes without a jolt. Severity is what
    the middle car of the fleet would show: by `calibration`, or one made from these trips.
    """
    return _everywhere(surveys, settings, calibration)[0]


def find_defects_and_severities(
    surveys: Sequence[Survey], settings: DefectSettings = DEFAULT, calibration: Calibration | None = None
) -> tuple[Defects, Severities]:
    """`find_defects`, and the severity of each with its 90 % interval in the same order."""
    return _everywhere(surveys, settings, calibration)[:2]


def find_defects_and_nature(
    surveys: Sequence[Survey], settings: DefectSettings = DEFAULT, calibration: Calibration | None = None
) -> tuple[Defects, Nature]:
    """`find_defects`, and what sort of thing each is in the same order."""
    found, _, nature = _everywhere(surveys, settings, calibration)
    return found, nature


def _everywhere(
    surveys: Sequence[Survey], settings: DefectSettings, calibration: Calibration | None
) -> tuple[Defects, Severities, Nature]:
    known = calibrated(surveys, settings) if calibration is None else calibration
    parts = _by_tile(None, surveys, known, settings).values()
    found = Defects.concatenate(part[0] for part in parts)
    severities, nature = Severities.concatenate(part[1] for part in parts), Nature.concatenate(part[2] for part in parts)
    order = _order(found)
    return replace(found[order], id=distinct(found.id[order])), severities[order], nature[order]


def find_defects_in(
    tiles: Collection[int] | None, surveys: Sequence[Survey], calibration: Calibration, settings: DefectSettings = DEFAULT
) -> dict[int, Defects]:
    """The defects of each of these tiles (None: of all); tiles without any are left out.

    A tile's defects are the same whatever other tiles are asked for, and whatever trips drive elsewhere: `surveys` may
    leave out those that touch none of the tiles (`detection.defect_map.tiles_touched`).
    """
    return {tile: found for tile, (found, _) in find_defects_and_nature_in(tiles, surveys, calibration, settings).items()}


def find_defects_and_nature_in(
    tiles: Collection[int] | None, surveys: Sequence[Survey], calibration: Calibration, settings: DefectSettings = DEFAULT
) -> dict[int, tuple[Defects, Nature]]:
    """The same, each tile's with what sort of thing each is."""
    parts = _by_tile(tiles, surveys, calibration, settings)
    return {tile: (found, nature) for tile, (found, _, nature) in parts.items() if len(found)}


def joined(parts: Iterable[Defects]) -> Defects:
    """The defects of several tiles, most certain first, each with an id of its own."""
    found = Defects.concatenate(parts)
    order = _order(found)
    return replace(found[order], id=distinct(found.id[order]))


def _order(found: Defects) -> np.ndarray:
    return np.lexsort((found.longitude, found.latitude, found.id.astype(str), -found.confidence))


def _by_tile(
    tiles: Collection[int] | None, surveys: Sequence[Survey], calibration: Calibration, settings: DefectSettings
) -> dict[int, tuple[Defects, Severities, Nature]]:
    gathered = believed(gather(sorted(surveys, key=lambda survey: survey.trip_id)), calibration.trust)
    chance = chance_of_trips(gathered, settings)
    return {
        look.scene.tile: _defects_of(look, gathered, calibration, settings) for look in looks(gathered, chance, settings, tiles)
    }


def _defects_of(
    look: Look, gathered: Gathered, calibration: Calibration, settings: DefectSettings
) -> tuple[Defects, Severities, Nature]:
    probability = posterior(look.evidence)
    placed = place(look, gathered, probability, settings)
    figures = figures_of(look.evidence, look.near, placed.spread_m)
    kind = kinds_of(look.evidence, figures)
    keep = np.flatnonzero(look.own & (probability >= settings.min_confidence))
    passes = _only(look.passes, keep, len(probability))
    hits = np.flatnonzero(passes.jolt >= 0)
    owner, device, felt = passes.candidate[hits], passes.device[hits], gathered.jolts[passes.jolt[hits]]
    names = gathered.device_names[device]
    severities = _severities(owner, felt, names, kind[keep], calibration)
    found = _assembled(look, keep, passes, gathered, placed, kind[keep], probability[keep], severities.severity, settings)
    told = np.asarray(look.evidence.kinds[keep].any(axis=1), np.float64)  # 1 where a jolt tells
    kinds = np.round(kind_probabilities(figures[keep]), 9) * told[:, None]
    harm = calibration.severity(level_of(felt), felt.speed_mps, names, felt.kind).severity  # as what each hit alone was taken for
    sizes = sizes_of(owner, kind[keep], felt, harm, device)
    return found, severities, Nature(*kinds.T.copy(), **sizes.columns())


def _only(passes: Passes, which: Ints, count: int) -> Passes:
    """The passes of these of `count` candidates, numbered anew."""
    number = np.full(count, -1)
    number[which] = np.arange(len(which))
    mine = number[passes.candidate] >= 0
    kept = {column.name: getattr(passes, column.name)[mine] for column in fields(Passes)}
    return Passes(**kept | {"candidate": number[passes.candidate[mine]]})


def _severities(owner: Ints, felt: Jolts, device: Texts, kind: Codes, calibration: Calibration) -> Severities:
    """Of each candidate, from its hits (h,): whose each is, and which device felt it."""
    made = calibration.fused(owner, len(kind), level_of(felt), felt.speed_mps, device, kind[owner])
    # digits beyond the ninth depend on the order in which devices were summed, which is that of their random names
    return replace(made, severity=np.round(made.severity, 9))


def _assembled(
    look: Look,
    keep: Ints,
    passes: Passes,
    gathered: Gathered,
    placed: Placed,
    kind: Codes,
    probability: Floats,
    severity: Floats,
    settings: DefectSettings,
) -> Defects:
    count, east, north = len(keep), look.candidates.east[keep], look.candidates.north[keep]
    hit = passes.jolt >= 0
    hits = np.bincount(passes.candidate[hit], minlength=count)
    observed = (passes.weight > 0) | hit
    total = np.bincount(passes.candidate[observed], minlength=count)
    seen = gathered.started_at_s[passes.trip[hit]] + passes.t_s[hit]
    latitude, longitude = look.scene.plane.to_degrees(placed.x_m[keep], placed.y_m[keep])
    heading = heading_of(east, north)
    heading[(east == 0) & (north == 0)] = np.nan
    rate = hits / np.maximum(total, 1)
    return Defects(
        id=_names(latitude, longitude, heading),
        latitude=latitude,
        longitude=longitude,
        kind=kind,
        severity=severity,
        confidence=probability,
        hits=hits.astype(np.int64),
        passes=total.astype(np.int64),
        devices=look.evidence.devices[keep].astype(np.int64),
        hit_rate=rate,
        heading=heading,
        radius=np.hypot(placed.radius_m[keep], settings.systematic_m),
        first_seen=_reduce(np.fmin, passes.candidate[hit], seen, count, np.inf),
        last_seen=_reduce(np.fmax, passes.candidate[hit], seen, count, -np.inf),
        status=np.zeros(count, np.int8),
        priority=probability * severity * rate * np.log1p(total),
    )


def _reduce(how: np.ufunc, owner: np.ndarray, values: Floats, count: int, start: float) -> Floats:
    out = np.full(count, start)
    how.at(out, owner, values)
    return np.where(np.isfinite(out), out, np.nan)


def _names(latitude: Floats, longitude: Floats, heading: Floats) -> Texts:
    """Ids from place (about 1 m) and direction; the server carries them over when places move a little."""
    keys = zip(np.round(latitude, 5), np.round(longitude, 5), np.nan_to_num(heading, nan=-1.0) // 45, strict=True)
    names = [hashlib.blake2s(repr(tuple(map(float, key))).encode(), digest_size=6).hexdigest() for key in keys]
    return np.array(names, dtype=object)
