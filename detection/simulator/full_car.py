"""A full car: a rigid body that heaves, pitches and rolls on four sprung wheels. A second opinion to `vehicle.TwoAxleCar`.

Seven degrees of freedom with anti-roll bars, another tyre and another flexing body: what is found with cars that were never
looked at while building shows how much of a figure the first car model made. Same protocol: `vehicle.Vehicle`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from scipy.signal import sosfilt

from detection.columns import Floats
from detection.simulator.chassis import CARS, Chassis
from detection.simulator.roads import STEP_M
from detection.simulator.vehicle import GRAVITY_MPS2, Ride, digital

CAM_ORDER, CAM_APART = 1.8, 0.8  # of the tandem cams: order of the ellipse; distance in lengths of the contact patch


@dataclass(frozen=True)
class FullCar:
    """A chassis with its tyres' geometry, a body that bends once, and the phone's place in the cabin."""

    chassis: Chassis
    tyre_radius_m: float
    contact_m: float
    phone_behind_axle_m: float
    phone_left_m: float
    phone_height_m: float  # above the axis of roll and pitch
    bending_hz: float
    bending_damping: float
    bending_share: float  # how far the bending mode follows where the phone is; 1: all that is felt above it is damped away

    @property
    def wheelbase_m(self) -> float:
        return sum(self.chassis.axle_from_centre_m)

    @property
    def lean_per_g_rad(self) -> tuple[float, float]:
        """Roll and pitch in steady turning and braking, from the springs."""
        car = self.chassis
        moment = car.sprung_kg * GRAVITY_MPS2 * car.centre_height_m
        return moment / car.roll().stiffness[0, 0], moment / car.bounce().stiffness[1, 1]

    def envelope(self, profile_m: Floats) -> Floats:
        """Two elliptical cams behind one another, their mean (Schmeitz, thesis, TU Delft 2004; Pacejka 2012, ch. 10)."""
        reach = round(0.6 * self.tyre_radius_m / STEP_M)
        lifted = profile_m.copy()
        for k in range(1, reach + 1):
            x = k * STEP_M / self.tyre_radius_m
            drop = self.tyre_radius_m * (1 - (1 - x**CAM_ORDER) ** (1 / CAM_ORDER))
            np.maximum(lifted[..., k:], profile_m[..., :-k] - drop, out=lifted[..., k:])
            np.maximum(lifted[..., :-k], profile_m[..., k:] - drop, out=lifted[..., :-k])
        half = max(1, round(0.5 * CAM_APART * self.contact_m / STEP_M))
        padded = np.pad(lifted, [(0, 0)] * (lifted.ndim - 1) + [(half, half)], mode="edge")
        return np.asarray(0.5 * (padded[..., 2 * half :] + padded[..., : -2 * half]))

    def ride(self, front_m: Floats, rear_m: Floats, rate_hz: float) -> Ride:
        bounce, roll = self.chassis.bounce(), self.chassis.roll()
        mean, half = _split(front_m, rear_m)
        a = bounce.state_matrix()
        rows = np.vstack([np.eye(8)[[0, 1, 4, 5]], a[[4, 5]]])
        _, pitch, _, pitch_rate, heave2, pitch2 = bounce.respond(rows, mean, rate_hz)
        lean = roll.respond(np.vstack([np.eye(6)[[0, 3]], roll.state_matrix()[3]]), half, rate_hz)
        vertical = heave2 - pitch2 * self._phone_ahead_m + lean[2] * self.phone_left_m
        return Ride(self._bent(vertical, rate_hz), lean, np.stack([pitch, pitch_rate, pitch2]))

    def vertical(self, front_m: Floats, rear_m: Floats, rate_hz: float) -> Floats:
        bounce, roll = self.chassis.bounce(), self.chassis.roll()
        mean, half = _split(front_m, rear_m)
        a = bounce.state_matrix()
        moved = bounce.respond((a[4] - a[5] * self._phone_ahead_m)[None], mean, rate_hz)
        leant = roll.respond(roll.state_matrix()[3:4] * self.phone_left_m, half, rate_hz)
        return self._bent(moved[0] + leant[0], rate_hz)

    @property
    def _phone_ahead_m(self) -> float:
        return self.chassis.axle_from_centre_m[0] - self.phone_behind_axle_m

    def _bent(self, vertical_mps2: Floats, rate_hz: float) -> Floats:
        """One bending mode on the rigid body, excited by it: 1 - share · s² / (s² + 2·damping·w·s + w²)."""
        w, damping = 2 * np.pi * self.bending_hz, self.bending_damping
        tail = [2 * damping * w, w * w]
        return np.asarray(sosfilt(digital([1 - self.bending_share, *tail], [1.0, *tail], rate_hz), vertical_mps2))


def draw_full_car(rng: np.random.Generator) -> FullCar:
    """One of the three published cars with load, wear and a place of the phone; ranges: docs/simulator.md."""
    chassis = CARS[int(rng.integers(3))]
    wheelbase_m = sum(chassis.axle_from_centre_m)
    seated = rng.uniform(0.15, 0.5) if rng.random() < 0.85 else rng.uniform(0.6, 0.8)
    return FullCar(
        _worn(chassis, rng),
        tyre_radius_m=rng.uniform(0.28, 0.36),
        contact_m=rng.uniform(0.10, 0.18),
        phone_behind_axle_m=wheelbase_m * seated,
        phone_left_m=rng.uniform(-0.5, 0.5),
        phone_height_m=rng.uniform(0.1, 0.6),
        bending_hz=rng.uniform(18.0, 30.0),
        bending_damping=rng.uniform(0.06, 0.2),
        bending_share=rng.uniform(0.3, 0.8),
    )


def _worn(car: Chassis, rng: np.random.Generator) -> Chassis:
    load = 1 + rng.uniform(70.0, 350.0) / car.sprung_kg
    spring, tyre = rng.uniform(0.85, 1.15), rng.uniform(0.9, 1.15)
    front, rear = rng.uniform(0.6, 1.2, 2)
    return replace(
        car,
        sprung_kg=car.sprung_kg * load,
        roll_kgm2=car.roll_kgm2 * load,
        pitch_kgm2=car.pitch_kgm2 * load,
        spring_npm=(car.spring_npm[0] * spring, car.spring_npm[1] * spring),
        damper_nspm=(car.damper_nspm[0] * front, car.damper_nspm[1] * rear),
        tyre_npm=car.tyre_npm * tyre,
    )


def _split(front_m: Floats, rear_m: Floats) -> tuple[Floats, Floats]:
    """Means and half differences (2, n), front and rear, of heights (2, n) left and right; from what they begin with.

    The car is alike on both sides: the means move heave and pitch only, the differences roll only.
    """
    change = np.stack([z - z[:, :1] for z in (front_m, rear_m)])
    return 0.5 * (change[:, 0] + change[:, 1]), 0.5 * (change[:, 0] - change[:, 1])
