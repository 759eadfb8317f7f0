"""What springs, dampers and tyres do beyond a straight line: forces at the four corners that `Axles.linear` leaves out."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from detection.columns import Floats
from detection.simulator.axles import Axles

# Progressive stops, k·x + c·x³: within 6 % of the ADAMS/Car table that Project Chrono's UAZ carries: 1 kN at 10 mm, 2.5 at 20,
# 4.5 at 30, 7.5 at 40, 12.5 at 50.
STOP_NPM, STOP_NPM3 = 1e5, 6e7
STICK_MPS = 0.02  # dry friction is whole from about twice this speed on; below it creeps (assumption: rubber gives way as much)


@dataclass(frozen=True, eq=False)
class CornerForces:
    """Forces (12, b) in N: of four dampers, of four stops (these part body and axle where positive), of four tyres upwards."""

    axles: Axles
    friction_n: tuple[float, float]  # dry, each side of an axle

    def directions(self) -> Floats:
        """(8, 12): each force's share in the force along each coordinate."""
        car = self.axles
        return np.asarray(np.vstack([car.at(car.damper_aside_m), car.at(car.spring_aside_m), car.wheels()]).T)

    def looks(self) -> Floats:
        """(12, 20): from state (8 coordinates, 8 rates) and road (4): rates at dampers, travel at springs, road over wheels."""
        car = self.axles
        rows = np.zeros((12, 20))
        rows[:4, 8:16] = car.at(car.damper_aside_m)
        rows[4:8, :8] = car.at(car.spring_aside_m)
        rows[8:, :8], rows[8:, 16:] = -car.wheels(), np.eye(4)
        return rows

    def constants(self) -> Constants:
        car = self.axles
        ratio = car.each(car.damper_ratio)
        return Constants(
            ratio * ratio * car.each(car.bump_nspm),
            ratio * ratio * car.each(car.rebound_nspm),
            ratio * car.bump_degressive_spm,
            ratio * car.rebound_degressive_spm,
            car.slope_nspm(),
            car.each(self.friction_n),
            car.each(car.free_m),
            car.load_n() / car.tyre_npm,
            car.tyre_npm,
        )


@dataclass(frozen=True, eq=False)
class Constants:
    """What `forces` needs of a vehicle, (4, 1) each: SI units; sunk_m: how deep a tyre is pressed at rest."""

    bump_nspm: Floats
    rebound_nspm: Floats
    bump_degressive_spm: Floats
    rebound_degressive_spm: Floats
    slope_nspm: Floats
    friction_n: Floats
    free_m: Floats
    sunk_m: Floats
    tyre_npm: float

    def forces(self, seen: Floats) -> Floats:
        """(12, b) from `CornerForces.looks` times state and road."""
        rate, travel, over = seen[:4], seen[4:8], seen[8:]
        out = np.empty_like(seen)
        fast = np.abs(rate)
        opening = rate > 0
        slope = np.where(opening, self.rebound_nspm, self.bump_nspm)
        slope /= 1 + np.where(opening, self.rebound_degressive_spm, self.bump_degressive_spm) * fast
        slope += self.friction_n / np.sqrt(rate * rate + STICK_MPS**2)
        out[:4] = (self.slope_nspm - slope) * rate
        beyond = np.maximum(np.abs(travel) - self.free_m, 0.0)
        out[4:8] = -np.sign(travel) * beyond * (STOP_NPM + STOP_NPM3 * beyond * beyond)
        out[8:] = self.tyre_npm * np.maximum(-over - self.sunk_m, 0.0)
        return out
