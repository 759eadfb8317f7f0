"""A map that grows trip by trip: new trips have only the tiles estimated again that they touch.

Pure: `update` gives a new map and leaves the old one. The result is that of estimating everything from all trips.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from detection.calibration import Calibration, CalibrationState
from detection.defects import Defects
from detection.estimate import find_defects_in, joined
from detection.geo import on_globe
from detection.jolts import Jolts, Survey, Track
from detection.settings import DefectSettings
from detection.tiles import tiles_within

DEFAULT = DefectSettings()
UNCALIBRATED = CalibrationState().calibration()  # every car the middle one, with the width of the prior


@dataclass(frozen=True, eq=False)
class DefectMap:
    """calibration: of the fleet; by another one every severity is another, so it stays while the map grows. surveys by
    trip id; trips_by_tile: who touches a tile; defects_by_tile: what was found, tiles without any left out."""

    calibration: Calibration = UNCALIBRATED
    surveys: Mapping[str, Survey] = field(default_factory=dict)
    trips_by_tile: Mapping[int, frozenset[str]] = field(default_factory=dict)
    defects_by_tile: Mapping[int, Defects] = field(default_factory=dict)

    @cached_property
    def defects(self) -> Defects:
        """All of them, most certain first: what `find_defects` says of the same surveys and calibration."""
        return joined(self.defects_by_tile[tile] for tile in sorted(self.defects_by_tile))


def update(
    known: DefectMap, new: Iterable[Survey] = (), gone: Collection[str] = (), settings: DefectSettings = DEFAULT
) -> DefectMap:
    """The map with the surveys `new`, in the place of older ones of the same trips, and without the trips `gone`."""
    arriving = {survey.trip_id: survey for survey in new}
    leaving = (set(gone) | set(arriving)) & set(known.surveys)
    surveys = {trip: survey for trip, survey in known.surveys.items() if trip not in leaving} | arriving
    trips: defaultdict[int, frozenset[str]] = defaultdict(frozenset, known.trips_by_tile)
    before, after = (_tiles_of(which, settings) for which in ([known.surveys[t] for t in leaving], arriving.values()))
    for tile in before.keys() | after.keys():
        trips[tile] = trips[tile] - before[tile] | after[tile]
    touched = before.keys() | after.keys()
    speaking = sorted({trip for tile in touched for trip in trips[tile]})
    found = find_defects_in(touched, [surveys[trip] for trip in speaking], known.calibration, settings)
    kept = {tile: defects for tile, defects in known.defects_by_tile.items() if tile not in touched}
    return DefectMap(known.calibration, surveys, {tile: names for tile, names in trips.items() if names}, kept | found)


def tiles_touched(survey: Survey, settings: DefectSettings = DEFAULT, beyond_m: float = 0.0) -> frozenset[int]:
    """The tiles whose defects a trip can matter to: those it passes, and those its jolts lie within a halo of.

    beyond_m: and those so much further away.
    """
    jolted = _near(survey.evidence, settings.halo_m + beyond_m)
    return frozenset(jolted | _near(survey.track, settings.passing_m + beyond_m))


def _tiles_of(surveys: Iterable[Survey], settings: DefectSettings) -> defaultdict[int, frozenset[str]]:
    trips: defaultdict[int, frozenset[str]] = defaultdict(frozenset)
    for survey in surveys:
        for tile in tiles_touched(survey, settings):
            trips[tile] |= {survey.trip_id}
    return trips


def _near(table: Jolts | Track, reach_m: float) -> set[int]:
    placed = np.isfinite(table.latitude_deg)
    _, tile, _ = tiles_within(on_globe(table.latitude_deg[placed], table.longitude_deg[placed]), reach_m)
    return set(np.unique(tile).tolist())
