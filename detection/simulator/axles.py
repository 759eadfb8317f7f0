"""A vehicle's masses, springs, dampers and stops, and the linear part of its motion; for `nonlinear_car`. No road, no phone.

Real ones: `published_axles`. Eight coordinates: body up, nose down and left side up; each axle's mean wheel height and
half of left minus right; the engine's height.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from detection.columns import Floats
from detection.simulator.modes import LinearSystem
from detection.simulator.vehicle import GRAVITY_MPS2

ACROSS = np.array([1.0, -1.0, 1.0, -1.0])  # wheels in the order front left, front right, rear left, rear right
MIDDLING_MPS = 0.3  # of a damper over a hole: where a linear one should be right, so that what is left over is small there
BODY, AXLE, ENGINE = slice(0, 3), (3, 5), 7


@dataclass(frozen=True)
class Axles:
    """(front, rear) where there are two. Springs and dampers as they are built in, each with its distance from the middle line.

    A damper's ratio is its stroke over the axle's heave; its force at speed v is slope·v / (1 + degressive·|v|), with slopes
    for bump (shorter) and rebound (longer). An axle may be rigid or two wheels: `axle_roll_kgm2` tells.
    """

    sprung_kg: float  # with the engine
    roll_kgm2: float
    pitch_kgm2: float
    axle_from_centre_m: tuple[float, float]
    track_m: tuple[float, float]
    axle_kg: tuple[float, float]
    axle_roll_kgm2: tuple[float, float]
    spring_npm: tuple[float, float]
    spring_aside_m: tuple[float, float]
    bar_nm_per_rad: tuple[float, float]
    damper_ratio: tuple[float, float]
    damper_aside_m: tuple[float, float]
    bump_nspm: tuple[float, float]
    rebound_nspm: tuple[float, float]
    bump_degressive_spm: float
    rebound_degressive_spm: float
    free_m: tuple[float, float]  # travel from rest to the bump stop, and as far to the rebound stop
    tyre_npm: float
    above_roll_axis_m: float
    engine_kg: float
    engine_ahead_m: float  # of the centre of mass
    mount_hz: float
    mount_damping: float

    def at(self, aside_m: tuple[float, float]) -> Floats:
        """(4, 8): how far body and axle part where each corner's spring or damper stands, per unit of each coordinate."""
        rows = np.zeros((4, 8))
        for i, sign in enumerate(ACROSS):
            axle = i // 2
            x, y = self.axle_from_centre_m[axle] * (1 if axle == 0 else -1), sign * aside_m[axle]
            rows[i, BODY] = 1.0, -x, y
            rows[i, AXLE[axle]], rows[i, AXLE[axle] + 1] = -1.0, -2 * y / self.track_m[axle]
        return rows

    def wheels(self) -> Floats:
        """(4, 8): each wheel's height per unit of each coordinate."""
        rows = np.zeros((4, 8))
        for i, sign in enumerate(ACROSS):
            rows[i, AXLE[i // 2]], rows[i, AXLE[i // 2] + 1] = 1.0, sign
        return rows

    def each(self, pair: tuple[float, float]) -> Floats:
        """(4, 1): a value of each axle for its two wheels."""
        return np.repeat(np.asarray(pair, np.float64), 2)[:, None]

    def load_n(self) -> Floats:
        """(4, 1): how hard each tyre stands on the ground at rest."""
        a, b = self.axle_from_centre_m
        axle_kg = np.array([b, a]) * self.sprung_kg / (a + b) + np.array(self.axle_kg)
        return np.asarray(np.repeat(0.5 * GRAVITY_MPS2 * axle_kg, 2)[:, None])

    def slope_nspm(self) -> Floats:
        """(4, 1): a linear damper where each stands: the mean of bump and rebound at a middling speed."""
        slopes = ((self.bump_nspm, self.bump_degressive_spm), (self.rebound_nspm, self.rebound_degressive_spm))
        mean = sum(0.5 * self.each(slope) / (1 + MIDDLING_MPS * thin) for slope, thin in slopes)
        return np.asarray(mean * self.each(self.damper_ratio) ** 2)

    def linear(self) -> LinearSystem:
        """Springs, bars, tyres that hold, engine mounts, and the dampers' mean slope; inputs: heights under the wheels."""
        springs, dampers, wheels = self.at(self.spring_aside_m), self.at(self.damper_aside_m), self.wheels()
        mount, twist = np.zeros((1, 8)), np.zeros((2, 8))
        mount[0, [0, 1, ENGINE]] = -1.0, self.engine_ahead_m, 1.0
        twist[:, 2] = 1.0
        twist[0, 4], twist[1, 6] = (-2 / track for track in self.track_m)
        w = 2 * np.pi * self.mount_hz
        mass = [self.sprung_kg - self.engine_kg, self.pitch_kgm2, self.roll_kgm2]
        for kg, roll, track in zip(self.axle_kg, self.axle_roll_kgm2, self.track_m, strict=True):
            mass += [kg, roll / (track / 2) ** 2]
        return LinearSystem(
            mass=np.diag([*mass, self.engine_kg]),
            damping=dampers.T @ (self.slope_nspm() * dampers) + 2 * self.mount_damping * w * self.engine_kg * mount.T @ mount,
            stiffness=springs.T @ (self.each(self.spring_npm) * springs)
            + twist.T @ np.diag(self.bar_nm_per_rad) @ twist
            + self.tyre_npm * wheels.T @ wheels
            + w * w * self.engine_kg * mount.T @ mount,
            force=self.tyre_npm * wheels.T,
        )
