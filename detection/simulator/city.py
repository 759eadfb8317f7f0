"""A city: its streets, their surface and what lies on them, drawn once from one seed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from detection.columns import Floats
from detection.geo import LocalMetres
from detection.simulator.road_models import road_model
from detection.simulator.streets import Street, lay_streets
from detection.simulator.things import PER_KM, TrueDefects, scatter_things


@dataclass(frozen=True, eq=False)
class City:
    """Known truth. defects: what a city would repair or wants on its map; distractors: real but harmless, at most 6 mm.

    surface: heights (2, n) in m of left and right wheel track of lane 2·street (along its line) and 2·street + 1 (against).
    roads: name in `ROAD_MODELS`, which gives the things their shape.
    """

    plane: LocalMetres
    streets: Sequence[Street]
    surface: Sequence[Floats]
    defects: TrueDefects
    distractors: TrueDefects
    roads: str = "iso8608"

    @property
    def street_km(self) -> float:
        return sum(street.length_m for street in self.streets) / 1e3

    def without(self, ids: Iterable[str]) -> City:
        """The same city after these defects were repaired: streets, surface, castings, cars and routes stay as they are.

        Raises ValueError where there is no such defect.
        """
        gone = set(ids)
        unknown = sorted(gone - set(self.defects.id))
        if unknown:
            raise ValueError(f"no such defects in this city: {', '.join(unknown)}; take ids from city.defects.id")
        return replace(self, defects=self.defects[np.array([name not in gone for name in self.defects.id], bool)])


def simulate_city(
    seed: int,
    *,
    street_km: float = 13.0,
    origin: tuple[float, float] = (48.137, 11.575),
    per_km: Mapping[str, float] = PER_KM,
    roads: str = "iso8608",
) -> City:
    """A city of streets around origin (latitude, longitude in degrees), the same for the same seed.

    per_km: things per km of street by name: pothole, speed_bump, joint, rough, distractor; what is not named is absent.
    roads: name of a model in `road_models.ROAD_MODELS`; the streets of a seed run alike in all. Raises ValueError.
    """
    model = road_model(roads)
    layout, surfaces, things = (np.random.default_rng(s) for s in np.random.SeedSequence(seed).spawn(3))
    plane, streets = LocalMetres(*origin), lay_streets(street_km, layout)
    surface = [model.wheel_tracks(street.length_m, street.gd_n0_m3, surfaces) for street in streets for _ in (0, 1)]
    return City(plane, streets, surface, *scatter_things(streets, plane, per_km, model.draw, things), roads)
