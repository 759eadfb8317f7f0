"""The surveys of many trips side by side, tile by tile in local metres: the input of clustering and exposure.

One row a jolt or a track point, with the trip and device it came from as integer codes.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import numpy.typing as npt

from detection.columns import Texts
from detection.geo import TangentPlane, on_globe
from detection.jolts import Jolts, Survey, Track
from detection.settings import DefectSettings
from detection.tiles import middle_of, rows_of, stretches
from detection.trace import Floats
from detection.weight import DeviceTrust

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

AT_ONCE = 200_000  # jolts: some 400 MB with all their neighbours


@dataclass(frozen=True, eq=False)
class Rows:
    """Places of one sort: x_m, y_m in the plane of the scene, unit heading east and north (0, 0 unknown), trip and
    device codes, t_s in its trip, and index into the table it was taken from, all (n,); globe_m (n, 3) geocentric metres, which
    are the same in every scene."""

    x_m: Floats
    y_m: Floats
    east: Floats
    north: Floats
    trip: Ints
    device: Ints
    t_s: Floats
    index: Ints
    globe_m: Floats

    def __len__(self) -> int:
        return len(self.x_m)

    @property
    def xy(self) -> Floats:
        return np.asarray(np.c_[self.x_m, self.y_m])


@dataclass(frozen=True, eq=False)
class Scene:
    """One tile with what matters to it on it and around: jolts and track points as rows, in order of trip and time."""

    tile: int
    plane: TangentPlane
    jolts: Rows
    points: Rows


@dataclass(frozen=True, eq=False)
class Gathered:
    """All surveys as two tables; trip and device codes beside them; started_at_s (trips,); device_names: of each code."""

    jolts: Jolts
    jolt_trip: Ints
    track: Track
    point_trip: Ints
    device_of_trip: Ints
    started_at_s: Floats
    device_names: Texts

    @cached_property
    def jolt_globe_m(self) -> Floats:
        return on_globe(self.jolts.latitude_deg, self.jolts.longitude_deg)

    @cached_property
    def point_globe_m(self) -> Floats:
        return on_globe(self.track.latitude_deg, self.track.longitude_deg)


def gather(surveys: Sequence[Survey]) -> Gathered:
    """One table of jolts and one of track points. A trip without a device id is a device of its own."""
    names, device = np.unique(np.array([survey.owner for survey in surveys], dtype=str), return_inverse=True)
    trips = np.arange(len(surveys))
    return Gathered(
        Jolts.concatenate([survey.evidence for survey in surveys]),
        np.repeat(trips, [len(survey.evidence) for survey in surveys]),
        Track.concatenate([survey.track for survey in surveys]),
        np.repeat(trips, [len(survey.track) for survey in surveys]),
        np.asarray(device, np.int64),
        np.array([survey.started_at_s for survey in surveys], np.float64),
        names.astype(object),
    )


def believed(gathered: Gathered, trust: DeviceTrust) -> Gathered:
    """The same with what devices that are not trusted found, and did not find, worth less."""
    of_device = trust.of(gathered.device_names)
    if (of_device >= 1.0).all():
        return gathered
    of_trip = of_device[gathered.device_of_trip]
    jolts = replace(gathered.jolts, weight=gathered.jolts.weight * of_trip[gathered.jolt_trip])
    track = replace(gathered.track, weight=gathered.track.weight * of_trip[gathered.point_trip])
    return replace(gathered, jolts=jolts, track=track)


@dataclass(frozen=True, eq=False)
class Batch:
    """Tiles (t,) that lie about each other, and the jolts (j,), indices in order, that can matter to any of them."""

    tiles: Ints
    jolts: Ints


def batches(
    gathered: Gathered, settings: DefectSettings, tiles: Collection[int] | None = None, most: int = AT_ONCE
) -> Iterator[Batch]:
    """The tiles, or all, that have a jolt of their own, in order; so many at once as see about `most` jolts, one at least.

    What neighbouring tiles see is mostly the same: clustered at once it is clustered once.
    """
    over = spread(gathered.jolt_globe_m, settings.halo_m, tiles)
    own = np.flatnonzero(over.own)
    number = np.cumsum(np.diff(over.bound)[own]) // most
    for some in np.split(own, np.flatnonzero(np.diff(number)) + 1) if len(own) else ():
        yield Batch(over.tiles[some], np.unique(np.concatenate([over.of(nth) for nth in some.tolist()])))


def scene_of(gathered: Gathered, jolts: Ints, points: Ints, tile: int) -> Scene:
    """The scene of these jolts and track points (indices) on the plane of a tile."""
    plane = TangentPlane.under(middle_of(tile))
    device = gathered.device_of_trip
    return Scene(
        tile,
        plane,
        _rows(plane, gathered.jolts, gathered.jolt_globe_m[jolts], gathered.jolt_trip[jolts], device, jolts),
        _rows(plane, gathered.track, gathered.point_globe_m[points], gathered.point_trip[points], device, points),
    )


@dataclass(frozen=True, eq=False)
class Spread:
    """Which rows (n,), in order, lie within reach of each of the tiles (t,), one tile behind the other; bound (t + 1,): where
    each tile's begin; own (t,): whether a row lies on the tile itself."""

    tiles: Ints
    bound: Ints
    own: Bools
    row: Ints

    def on(self, tile: int) -> Ints:
        """The rows of a tile."""
        first, end = self.bound[np.searchsorted(self.tiles, [tile, tile + 1])]
        return self.row[first:end]

    def of(self, nth: int) -> Ints:
        """The rows of the tile at a position."""
        return self.row[self.bound[nth] : self.bound[nth + 1]]


def spread(globe_m: Floats, reach_m: float, tiles: Collection[int] | None = None) -> Spread:
    """Places (n, 3) over the tiles, or all, that lie within `reach_m` of them."""
    finite = np.isfinite(globe_m[:, 0])
    placed = None if finite.all() else np.flatnonzero(finite)
    start, length, tile, own = stretches(globe_m if placed is None else globe_m[placed], reach_m)
    wanted = np.arange(len(tile)) if tiles is None else np.flatnonzero(np.isin(tile, np.fromiter(tiles, np.int64, len(tiles))))
    order = wanted[np.lexsort((start[wanted], tile[wanted]))]
    row = rows_of(start[order], length[order])
    known, first = np.unique(tile[order], return_index=True)
    bound = np.r_[0, np.cumsum(length[order])][np.r_[first, len(order)]]
    return Spread(known, bound, np.isin(known, tile[order][own[order]]), row if placed is None else placed[row])


def _rows(plane: TangentPlane, table: Jolts | Track, globe: Floats, trip: Ints, device_of_trip: Ints, index: Ints) -> Rows:
    x, y = plane.of_globe(globe)
    return Rows(
        x,
        y,
        *unit_headings(table.heading_deg[index]),
        trip,
        device_of_trip[trip],
        table.t_s[index],
        index,
        globe,
    )


def unit_headings(heading_deg: Floats) -> tuple[Floats, Floats]:
    """East and north (n,) of headings in degrees; 0, 0 where they are NaN."""
    heading = np.radians(heading_deg)
    return np.nan_to_num(np.sin(heading)), np.where(np.isnan(heading), 0.0, np.cos(heading))
