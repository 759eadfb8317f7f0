"""Known things on the road (castings, humps, rail crossings): what lies on one is joined with it, not rediscovered.

Pure, after the estimate: defects in, defects out. Reading a city's file is `detection.asset_files`.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from scipy.spatial import cKDTree

from detection.columns import KINDS, STATUSES, Codes, Columns, Counts, Floats, Texts
from detection.defects import Defects
from detection.geo import on_globe, turn_deg
from detection.identity import carry_ids, distinct
from detection.jolts import Jolts, Survey
from detection.settings import AssetSettings

DEFAULT = AssetSettings()
SORTS = ("casting", "hump", "crossing", "joint")  # a city's words; the index is the code kept in arrays
KIND_OF = np.array([KINDS.index(kind) for kind in ("joint", "speed_bump", "joint", "joint")], np.int8)  # ours for each
COMPASS = ("N", "NE", "E", "SE", "S", "SW", "W", "NW")
_OPEN = [STATUSES.index("new"), STATUSES.index("dismissed")]  # what is said here; everything else was said by the crew


@dataclass(frozen=True, eq=False)
class Assets(Columns):
    """Places of known things, columns (n,); a thing that is a line has several rows of one id.

    id: the city's, or made from the place. latitude, longitude: WGS 84 degrees. sort: code into `SORTS`. heading: deg, of the
    traffic that meets it, NaN both ways. radius_m: how far from the place the thing itself reaches.
    """

    id: Texts
    latitude: Floats
    longitude: Floats
    sort: Codes
    heading: Floats
    radius_m: Floats


def join_assets(defects: Defects, assets: Assets, settings: AssetSettings = DEFAULT) -> Defects:
    """The same defects in the same order; those on an asset have its place, kind and id, and are `dismissed`.

    One asset takes one defect per direction of travel; where it may have two, the id ends in the direction (`hump-7-NE`).
    What is harder than such a thing should be (`hard_severity`: a sunken casting) stays `new`. The crew's statuses stay.
    """
    row = asset_of(defects, assets, settings)
    on = np.flatnonzero(row >= 0)
    if not len(on):
        return defects
    known, columns = assets[row[on]], {name: column.copy() for name, column in defects.columns().items()}
    columns["latitude"][on], columns["longitude"][on], columns["kind"][on] = known.latitude, known.longitude, KIND_OF[known.sort]
    columns["id"][on] = _named(defects.id[on], defects.heading[on], known)
    hard = _is_hard(defects.severity[on], known.sort, settings)
    said = np.where(hard, *map(np.int8, _OPEN))
    columns["status"][on] = np.where(np.isin(defects.status[on], _OPEN), said, defects.status[on])
    columns["id"] = distinct(columns["id"], last=row < 0)  # the asset's id is not the one to give way
    return Defects(**columns)


def asset_of(defects: Defects, assets: Assets, settings: AssetSettings = DEFAULT) -> Counts:
    """Row of the asset that each defect (n,) lies on, -1 none.

    What has an asset's id already keeps it while it is in reach. Else an intact asset explains before a broken one, one of
    the same kind before another, then the nearest, measured by how far either may be off. What is too hard for the asset
    and of another kind is a hole beside it.
    """
    out = np.full(len(defects), -1, np.int64)
    defect, row, apart = _pairs(
        (defects.latitude, defects.longitude, defects.heading), defects.radius, assets, settings.max_turn_deg, settings
    )
    other_kind = defects.kind[defect] != KIND_OF[assets.sort[row]]
    hard = _is_hard(defects.severity[defect], assets.sort[row], settings)
    fits = ~(other_kind & hard)
    defect, row, apart, other_kind, hard = (column[fits] for column in (defect, row, apart, other_kind, hard))
    if not len(defect):
        return out
    _, which = np.unique(assets.id.astype(str), return_inverse=True)
    stranger = np.array([not _owns(*pair) for pair in zip(assets.id[row], defects.id[defect], strict=True)])
    place = (defects.latitude[defect], defects.longitude[defect], np.nan_to_num(defects.heading[defect], nan=-1.0))
    taken: dict[int, list[float]] = {}
    for pair in np.lexsort((row, which[row], defects.id[defect].astype(str), *place, apart, other_kind, hard, stranger)).tolist():
        i, heading = defect[pair], defects.heading[defect[pair]]
        held = taken.setdefault(int(which[row[pair]]), [])
        # NaN, both ways, is the direction of any other
        if out[i] < 0 and (np.abs(turn_deg(np.array(held), heading)) > settings.max_turn_deg).all():
            out[i] = row[pair]
            held.append(float(heading))
    return out


def mark_jolts(jolts: Jolts, assets: Assets, settings: AssetSettings = DEFAULT) -> Jolts:
    """The same jolts; those on an asset have its kind. A jolt's own place is good to several metres only, so is its mark."""
    sigma = np.nan_to_num(jolts.position_sigma_m, nan=settings.jolt_sigma_m)
    places = (jolts.latitude_deg, jolts.longitude_deg, jolts.heading_deg)
    jolt, row, apart = _pairs(places, sigma, assets, settings.max_turn_deg, settings)
    first = np.lexsort((row, assets.id[row].astype(str), apart, jolt))
    marked, nearest = np.unique(jolt[first], return_index=True)
    kind = jolts.kind.copy()
    kind[marked] = KIND_OF[assets.sort[row[first][nearest]]]
    return replace(jolts, kind=kind)


def marked(survey: Survey, assets: Assets, settings: AssetSettings = DEFAULT) -> Survey:
    """The survey with its jolts marked."""
    return replace(survey, evidence=mark_jolts(survey.evidence, assets, settings))


def carry_with_assets(new: Defects, old: Defects, assets: Assets, settings: AssetSettings = DEFAULT) -> Defects:
    """`carry_ids` and `join_assets` in one: an asset's id stays with the asset, any other id with its hole.

    `old` is what this gave before. A crew's status outlives estimates there as elsewhere.
    """
    of_asset = have_names_of(old.id, assets)
    joined = join_assets(carry_ids(new, old[~of_asset]), assets, settings)
    row = asset_of(joined, assets, settings)
    on = np.flatnonzero(row >= 0)
    carried = carry_ids(joined[on], old[of_asset])
    ids, status = joined.id.copy(), joined.status.copy()
    own = np.array([_owns(*pair) for pair in zip(assets.id[row[on]], carried.id, strict=True)], bool)
    ids[on[own]], status[on[own]] = carried.id[own], carried.status[own]
    return join_assets(replace(joined, id=ids, status=status), assets, settings)


def have_names_of(ids: Texts, assets: Assets) -> npt.NDArray[np.bool_]:
    """Which ids (n,) are those of an asset, with or without a direction."""
    names = set(assets.id.tolist())
    return np.array([_asset_in(name, names) for name in ids], bool)


def name_of(sort: int, latitude_deg: float, longitude_deg: float) -> str:
    """Id of an asset whose file gives none: the same as long as it stays at its place (1 m)."""
    place = repr((round(latitude_deg, 5), round(longitude_deg, 5))).encode()
    return f"{SORTS[sort]}-{hashlib.blake2s(place, digest_size=5).hexdigest()}"


def _pairs(
    places: tuple[Floats, Floats, Floats], sigma_m: Floats, assets: Assets, max_turn_deg: float, settings: AssetSettings
) -> tuple[Counts, Counts, Floats]:
    """Triples (row of places, row of assets, distance over reach ≤ 1) where the directions agree."""
    nothing = np.empty(0, np.int64)
    placed = np.flatnonzero(np.isfinite(places[0]))
    if not len(placed) or not len(assets):
        return nothing, nothing, np.empty(0)
    here = cKDTree(on_globe(places[0][placed], places[1][placed]))
    there = cKDTree(on_globe(assets.latitude, assets.longitude))
    furthest = settings.max_reach_m + float(assets.radius_m.max())
    near = here.sparse_distance_matrix(there, furthest, output_type="coo_matrix")
    row, asset = placed[near.row], near.col.astype(np.int64)
    off = settings.reach_sigmas * np.hypot(sigma_m[row], settings.place_sigma_m)
    apart = near.data / (np.minimum(off, settings.max_reach_m) + assets.radius_m[asset])
    against = np.abs(turn_deg(places[2][row], assets.heading[asset])) > max_turn_deg  # NaN is never against
    fits = (apart <= 1.0) & ~against
    return row[fits], asset[fits], apart[fits]


def _is_hard(severity: Floats, sort: Codes, settings: AssetSettings) -> npt.NDArray[np.bool_]:
    return np.asarray(severity > np.array(settings.hard_severity)[sort])


def _named(ids: Texts, headings: Floats, assets: Assets) -> Texts:
    """The asset's id, with the direction where traffic meets it both ways; one that a defect has already stays."""
    out = assets.id.copy()
    for i, (old, heading) in enumerate(zip(ids, headings, strict=True)):
        if np.isnan(assets.heading[i]) and not np.isnan(heading):
            out[i] = f"{assets.id[i]}-{_way(str(old).removeprefix(f'{assets.id[i]}-'), float(heading))}"
    return out


def _way(before: str, heading: float) -> str:
    """The eighth of the compass; the one before stays a little beyond its edge, but never where another direction may be."""
    if before in COMPASS and abs((heading - 45.0 * COMPASS.index(before) + 180.0) % 360.0 - 180.0) < 33.0:
        return before
    return COMPASS[round(heading / 45.0) % 8]


def _owns(asset: str, name: str) -> bool:
    """Whether a defect's name is that of the asset, with or without a direction."""
    return name == asset or _asset_in(name, {asset})


def _asset_in(name: str, assets: set[str]) -> bool:
    stem, _, way = str(name).rpartition("-")
    return name in assets or (way in COMPASS and stem in assets)
