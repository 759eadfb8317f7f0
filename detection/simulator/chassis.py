"""A car's masses, springs and dampers, those of three real cars, and their equations of motion. No road, no phone."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from detection.columns import Floats
from detection.simulator.modes import LinearSystem


@dataclass(frozen=True)
class Chassis:
    """Seven degrees of freedom; (front, rear) where there are two. Per wheel: unsprung mass, springs, dampers, tyre."""

    sprung_kg: float
    roll_kgm2: float
    pitch_kgm2: float
    unsprung_kg: float
    axle_from_centre_m: tuple[float, float]
    track_m: tuple[float, float]
    spring_npm: tuple[float, float]
    damper_nspm: tuple[float, float]
    bar_nm_per_rad: tuple[float, float]  # anti-roll bar, per axle
    tyre_npm: float
    centre_height_m: float  # of the sprung mass above the roll axis, which lies on the ground

    def bounce(self) -> LinearSystem:
        """Coordinates: body up, nose down, mean wheel front and rear; inputs: mean road heights front and rear."""
        ahead, behind = self.axle_from_centre_m
        stretch = np.array([[1.0, -ahead, -1.0, 0.0], [1.0, behind, 0.0, -1.0]])
        return self._system([self.sprung_kg, self.pitch_kgm2], stretch, np.zeros((2, 4)))

    def roll(self) -> LinearSystem:
        """Coordinates: left side up, half of left wheel minus right, front and rear; inputs: the same of the road.

        The car is alike on both sides, so that nothing but this answers to a difference of the tracks.
        """
        front, rear = self.track_m
        stretch = np.array([[front / 2, -1.0, 0.0], [rear / 2, 0.0, -1.0]])
        twist = np.array([[1.0, -2 / front, 0.0], [1.0, 0.0, -2 / rear]])
        return self._system([self.roll_kgm2], stretch, twist)

    def _system(self, body: list[float], stretch: Floats, twist: Floats) -> LinearSystem:
        """From how far the two suspensions of each axle stretch, and each bar twists, per unit of each coordinate (2, d)."""
        tyre = np.r_[np.zeros(len(body)), 2 * self.tyre_npm, 2 * self.tyre_npm]
        springs = stretch.T @ np.diag(2 * np.array(self.spring_npm)) @ stretch
        bars = twist.T @ np.diag(self.bar_nm_per_rad) @ twist
        return LinearSystem(
            mass=np.diag([*body, 2 * self.unsprung_kg, 2 * self.unsprung_kg]),
            damping=stretch.T @ np.diag(2 * np.array(self.damper_nspm)) @ stretch,
            stiffness=springs + bars + np.diag(tyre),
            force=np.diag(tyre)[:, len(body) :],
        )


# Allen, Szostak, Klyde, Rosenthal & Owens, Vehicle dynamic stability and rollover, DOT HS 807 956 (1992), table E-5, as in
# CommonRoad's vehicle models (Althoff, Koschi & Manzinger, IEEE IV 2017), vehicles 1 to 3; from slugs, lb and ft.
FORD_ESCORT = Chassis(
    sprung_kg=1094.5,
    roll_kgm2=244.0,
    pitch_kgm2=1342.3,
    unsprung_kg=32.8,
    axle_from_centre_m=(0.884, 1.509),
    track_m=(1.39, 1.423),
    spring_npm=(21891.0, 21891.0),
    damper_nspm=(1459.0, 1459.0),
    bar_nm_per_rad=(12880.0, 0.0),
    tyre_npm=189721.0,
    centre_height_m=0.594,
)
BMW_320I = Chassis(
    sprung_kg=965.7,
    roll_kgm2=207.3,
    pitch_kgm2=1565.8,
    unsprung_kg=31.9,
    axle_from_centre_m=(1.156, 1.423),
    track_m=(1.387, 1.364),
    spring_npm=(24445.0, 19629.0),
    damper_nspm=(1786.0, 1649.0),
    bar_nm_per_rad=(6915.0, 2644.0),
    tyre_npm=158240.0,
    centre_height_m=0.614,
)
VW_VANAGON = Chassis(
    sprung_kg=1316.6,
    roll_kgm2=479.9,
    pitch_kgm2=2204.3,
    unsprung_kg=40.6,
    axle_from_centre_m=(1.151, 1.321),
    track_m=(1.574, 1.544),
    spring_npm=(33566.0, 39112.0),
    damper_nspm=(2406.0, 2770.0),
    bar_nm_per_rad=(33948.0, 7731.0),
    tyre_npm=212569.0,
    centre_height_m=0.804,
)
CARS = (FORD_ESCORT, BMW_320I, VW_VANAGON)
