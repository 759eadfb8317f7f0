"""All surveys of a region side by side in local metres: the input of clustering and exposure.

One row a jolt or a track point, with the trip and device it came from as integer codes.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree

from detection.columns import Texts
from detection.geo import LocalMetres, on_globe
from detection.jolts import Jolts, Survey, Track
from detection.trace import Floats

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Rows:
    """Places of one sort: x_m, y_m in the plane of the scene, unit heading east and north (0, 0 unknown), trip and
    device codes, t_s in its trip, and index into the table it was taken from. All (n,)."""

    x_m: Floats
    y_m: Floats
    east: Floats
    north: Floats
    trip: Ints
    device: Ints
    t_s: Floats
    index: Ints

    def __len__(self) -> int:
        return len(self.x_m)

    @property
    def xy(self) -> Floats:
        return np.asarray(np.c_[self.x_m, self.y_m])


@dataclass(frozen=True, eq=False)
class Scene:
    """One region: jolts and track points as rows, and the whole tables they index."""

    plane: LocalMetres
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


def scenes(gathered: Gathered, region_m: float) -> Iterator[Scene]:
    """A scene for each group of places that lie within about `region_m` of each other."""
    jolts = np.flatnonzero(np.isfinite(gathered.jolts.latitude_deg))
    if not len(jolts):
        return
    labels = _regions(gathered.jolts.latitude_deg[jolts], gathered.jolts.longitude_deg[jolts], gathered.track, region_m)
    jolt_label, point_label = labels
    for region in range(int(jolt_label.max()) + 1):
        mine = jolts[jolt_label == region]
        if len(mine):
            plane = LocalMetres.around(gathered.jolts.latitude_deg[mine], gathered.jolts.longitude_deg[mine])
            points = np.flatnonzero(point_label == region)
            yield Scene(
                plane,
                _rows(plane, gathered.jolts, gathered.jolt_trip, gathered.device_of_trip, mine),
                _rows(plane, gathered.track, gathered.point_trip, gathered.device_of_trip, points),
            )


def _rows(plane: LocalMetres, table: Jolts | Track, trip_of: Ints, device_of_trip: Ints, index: Ints) -> Rows:
    x, y = plane.to_xy(table.latitude_deg[index], table.longitude_deg[index])
    heading = np.radians(table.heading_deg[index])
    trip = trip_of[index]
    return Rows(
        x,
        y,
        np.nan_to_num(np.sin(heading)),
        np.where(np.isnan(heading), 0.0, np.cos(heading)),
        trip,
        device_of_trip[trip],
        table.t_s[index],
        index,
    )


def _regions(latitude_deg: Floats, longitude_deg: Floats, track: Track, region_m: float) -> tuple[Ints, Ints]:
    """A region label for each jolt and each track point: connected cells of a coarse grid on the globe.

    Cells are cubes in three dimensions, so neither the date line nor the poles are borders.
    """
    places = np.r_[on_globe(latitude_deg, longitude_deg), on_globe(track.latitude_deg, track.longitude_deg)]
    cells, which = np.unique(np.floor(places / region_m).astype(np.int64), axis=0, return_inverse=True)
    near = cKDTree(cells).query_pairs(1.8, output_type="ndarray")  # cells that share a face, edge or corner
    graph = coo_matrix((np.ones(len(near)), (near[:, 0], near[:, 1])), shape=(len(cells), len(cells)))
    _, label = connected_components(graph, directed=False)
    labels = np.asarray(label, np.int64)[which.ravel()]
    return labels[: len(latitude_deg)], labels[len(latitude_deg) :]
