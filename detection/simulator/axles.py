"""Five published vehicles, two of them on rigid axles: their masses, springs, dampers and stops, and the linear part of their motion.

For `nonlinear_car`. No road, no phone. Eight coordinates: body up, nose down and left side up; each axle's mean wheel height and
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


# Jeep Cherokee of 1997: SAE 1999-01-0121 (Salaani, Guenther & Heydinger), as in Project Chrono's vehicle models (jeep/Cherokee_*,
# BSD). Rims (9 kg each), the front bar, engine and tyre stiffness are not given there: assumption.
JEEP_CHEROKEE = Axles(
    sprung_kg=1663.0,
    roll_kgm2=653.0,
    pitch_kgm2=2498.0,
    axle_from_centre_m=(1.147, 1.431),
    track_m=(1.496, 1.476),
    axle_kg=(202.0, 156.0),
    axle_roll_kgm2=(83.4, 59.3),
    spring_npm=(25000.0, 25000.0),
    spring_aside_m=(0.467, 0.552),
    bar_nm_per_rad=(20000.0, 0.0),
    damper_ratio=(0.955, 0.865),
    damper_aside_m=(0.452, 0.507),
    bump_nspm=(4528.0, 3821.0),
    rebound_nspm=(9705.0, 8189.0),
    bump_degressive_spm=3.0,
    rebound_degressive_spm=1.0,
    free_m=(0.04, 0.04),
    tyre_npm=215e3,
    above_roll_axis_m=0.40,
    engine_kg=250.0,
    engine_ahead_m=1.1,
    mount_hz=9.0,
    mount_damping=0.12,
)
# UAZ 452 van: Project Chrono (uaz/UAZBUS_*, BSD): leaf springs on rigid axles. Engine and tyre stiffness: assumption.
UAZ_VAN = Axles(
    sprung_kg=2321.0,
    roll_kgm2=785.0,
    pitch_kgm2=2612.0,
    axle_from_centre_m=(1.204, 1.096),
    track_m=(1.465, 1.465),
    axle_kg=(249.0, 229.0),
    axle_roll_kgm2=(89.0, 78.3),
    spring_npm=(94748.0, 102644.0),
    spring_aside_m=(0.382, 0.514),
    bar_nm_per_rad=(0.0, 0.0),
    damper_ratio=(0.846, 0.895),
    damper_aside_m=(0.441, 0.441),
    bump_nspm=(15080.0, 16336.0),
    rebound_nspm=(15080.0, 16336.0),
    bump_degressive_spm=3.0,
    rebound_degressive_spm=1.0,
    free_m=(0.08, 0.08),
    tyre_npm=260e3,
    above_roll_axis_m=0.50,
    engine_kg=180.0,
    engine_ahead_m=1.0,
    mount_hz=9.0,
    mount_damping=0.10,
)
# BMW 330i of 2006: SAE 2007-01-0818, as in Project Chrono (bmw/BMW_E90_*, BSD): body, strut's spring and damper by its inclination,
# unsprung parts with wheels. Its rear springs there, of a suspension that replaces the real one, give a third of any real car's
# stiffness: 1.15 times the front ones instead, and dampers alike; parted 1 to 2, bars, engine and free travel: assumption.
BMW_E90 = Axles(
    sprung_kg=1442.0,
    roll_kgm2=572.0,
    pitch_kgm2=2487.0,
    axle_from_centre_m=(1.371, 1.386),
    track_m=(1.50, 1.50),
    axle_kg=(92.0, 104.0),
    axle_roll_kgm2=(51.8, 58.5),
    spring_npm=(26900.0, 30900.0),
    spring_aside_m=(0.75, 0.75),
    bar_nm_per_rad=(20000.0, 8000.0),
    damper_ratio=(0.95, 0.95),
    damper_aside_m=(0.75, 0.75),
    bump_nspm=(2900.0, 2900.0),
    rebound_nspm=(5800.0, 5800.0),
    bump_degressive_spm=1.3,
    rebound_degressive_spm=1.3,
    free_m=(0.05, 0.05),
    tyre_npm=230e3,
    above_roll_axis_m=0.45,
    engine_kg=220.0,
    engine_ahead_m=1.1,
    mount_hz=9.0,
    mount_damping=0.12,
)
# A compact electric car: TUM's ADTM vehicle dynamics tool, "Electric Car" (S. Frank, 2024): masses, springs, bars, dampers (400 N
# at 0.05 m/s, 900 N at 0.2 m/s, alike both ways: parted 1 to 2 here, assumption). Its inertias are round numbers that fit no
# body of this mass: radii of gyration of 1.25 and 0.62 m instead. Free travel, motor and tyre stiffness: assumption.
COMPACT_ELECTRIC = Axles(
    sprung_kg=2190.0,
    roll_kgm2=842.0,
    pitch_kgm2=3422.0,
    axle_from_centre_m=(1.302, 1.468),
    track_m=(1.54, 1.51),
    axle_kg=(80.0, 80.0),
    axle_roll_kgm2=(47.4, 45.6),
    spring_npm=(49587.0, 57851.0),
    spring_aside_m=(0.77, 0.755),
    bar_nm_per_rad=(29400.0, 14130.0),
    damper_ratio=(0.909, 0.909),
    damper_aside_m=(0.77, 0.755),
    bump_nspm=(7200.0, 7200.0),
    rebound_nspm=(14400.0, 14400.0),
    bump_degressive_spm=7.0,
    rebound_degressive_spm=7.0,
    free_m=(0.06, 0.06),
    tyre_npm=250e3,
    above_roll_axis_m=0.45,
    engine_kg=90.0,
    engine_ahead_m=-1.4,
    mount_hz=13.0,
    mount_damping=0.10,
)
# A light car of four equal corners: 290 and 59 kg, 16812 N/m, 1000 N·s/m, 190 kN/m, 8 cm of travel each: Lin & Kanellakopoulos, IEEE
# Control Systems 17(3) (1997) 45. Damper parted 1 to 2 and degressive, bars, inertias, geometry and engine: assumption.
LIGHT_CAR = Axles(
    sprung_kg=1160.0,
    roll_kgm2=420.0,
    pitch_kgm2=1630.0,
    axle_from_centre_m=(1.25, 1.25),
    track_m=(1.44, 1.44),
    axle_kg=(118.0, 118.0),
    axle_roll_kgm2=(61.2, 61.2),
    spring_npm=(16812.0, 16812.0),
    spring_aside_m=(0.72, 0.72),
    bar_nm_per_rad=(12000.0, 4000.0),
    damper_ratio=(1.0, 1.0),
    damper_aside_m=(0.72, 0.72),
    bump_nspm=(900.0, 900.0),
    rebound_nspm=(1800.0, 1800.0),
    bump_degressive_spm=1.2,
    rebound_degressive_spm=1.2,
    free_m=(0.08, 0.08),
    tyre_npm=190e3,
    above_roll_axis_m=0.45,
    engine_kg=170.0,
    engine_ahead_m=1.2,
    mount_hz=10.0,
    mount_damping=0.10,
)
VEHICLES = (JEEP_CHEROKEE, UAZ_VAN, BMW_E90, COMPACT_ELECTRIC, LIGHT_CAR)
