"""The car: quarter cars at the corners of a rigid body, and the tyre that smooths what the wheel meets.

A vehicle turns the heights under its four wheels into the motion of its body. Another model need only offer `Vehicle`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from scipy.ndimage import uniform_filter1d
from scipy.signal import bilinear_zpk, sosfilt, tf2zpk, zpk2sos

from detection.columns import Floats
from detection.simulator.roads import STEP_M, TRACK_M

GRAVITY_MPS2 = 9.80665


@dataclass(frozen=True)
class QuarterCar:
    """One corner, per unit of sprung mass; by default the Golden Car of the IRI (Sayers, TRR 1501, 1995; ASTM E1926)."""

    tyre_k1_per_s2: float = 653.0  # tyre stiffness over sprung mass
    spring_k2_per_s2: float = 63.3  # spring stiffness over sprung mass
    damper_c_per_s: float = 6.0  # damper rate over sprung mass
    unsprung_mu: float = 0.15  # unsprung over sprung mass

    def polynomials(self) -> tuple[Floats, Floats]:
        """(b, a) of body height over road height, highest power of s first."""
        k1, k2, c, mu = self.tyre_k1_per_s2, self.spring_k2_per_s2, self.damper_c_per_s, self.unsprung_mu
        a = np.array([mu, c * (1 + mu), k1 + k2 * (1 + mu), c * k1, k1 * k2])
        return np.array([c * k1, k1 * k2]), a

    def filter(self, derivatives: int, rate_hz: float) -> Floats:
        """Second-order sections from road height to the body's height (0), velocity (1) or acceleration (2)."""
        b, a = self.polynomials()
        return digital(np.r_[b, np.zeros(derivatives)], a, rate_hz)


@dataclass(frozen=True, eq=False)
class Ride:
    """What the road does to the body, arrays (n,): acceleration up at the phone's place in m/s²; roll (left side up) and pitch
    (nose down) as angle in rad, rate in rad/s and acceleration in rad/s², each (3, n)."""

    vertical_mps2: Floats
    roll: Floats
    pitch: Floats


class Vehicle(Protocol):
    """What a drive needs of a car."""

    @property
    def wheelbase_m(self) -> float: ...
    @property
    def phone_behind_axle_m(self) -> float: ...
    @property
    def phone_height_m(self) -> float: ...
    @property
    def lean_per_g_rad(self) -> tuple[float, float]: ...

    def envelope(self, profile_m: Floats) -> Floats:
        """Heights (..., n) every STEP_M as the wheel's centre feels them."""

    def ride(self, front_m: Floats, rear_m: Floats, rate_hz: float) -> Ride:
        """Motion of the body over heights (2, n), left and right, under the front and under the rear wheels."""

    def vertical(self, front_m: Floats, rear_m: Floats, rate_hz: float) -> Floats:
        """`ride(...)`.vertical_mps2 alone."""


@dataclass(frozen=True)
class TwoAxleCar:
    """Independent quarter cars front and rear, bounce and roll alike; roll, pitch and bounce follow from the corners.

    What a rigid body on springs lacks, shake of shell, seat and engine above 15 Hz, is one resonance after it.
    """

    front: QuarterCar
    rear: QuarterCar
    wheelbase_m: float
    tyre_radius_m: float
    contact_m: float
    phone_behind_axle_m: float
    phone_left_m: float
    phone_height_m: float  # above the axis of roll and pitch
    lean_per_g_rad: tuple[float, float]  # roll and pitch in steady turning and braking
    shake_hz: float
    shake_damping: float

    def envelope(self, profile_m: Floats) -> Floats:
        """Rolling disc, then the mean over the contact patch (Captain, Boghani & Wormley, Veh. Syst. Dyn. 8 (1979) 1)."""
        rolled = profile_m.copy()
        for k in range(1, round(0.6 * self.tyre_radius_m / STEP_M) + 1):
            drop = self.tyre_radius_m - np.sqrt(self.tyre_radius_m**2 - (k * STEP_M) ** 2)
            np.maximum(rolled[..., k:], profile_m[..., :-k] - drop, out=rolled[..., k:])
            np.maximum(rolled[..., :-k], profile_m[..., k:] - drop, out=rolled[..., :-k])
        return np.asarray(uniform_filter1d(rolled, max(1, round(self.contact_m / STEP_M)), axis=-1))

    def ride(self, front_m: Floats, rear_m: Floats, rate_hz: float) -> Ride:
        heave, lean = [], []
        for car, z in ((self.front, front_m), (self.rear, rear_m)):
            both = np.stack([z.mean(axis=0), z[0] - z[1]]) - np.c_[z[:, 0].mean(), z[0, 0] - z[1, 0]].T
            out = np.stack([sosfilt(car.filter(d, rate_hz), both) for d in (0, 1, 2)])
            heave.append(out[:, 0])
            lean.append(out[:, 1])
        pitch = (heave[1] - heave[0]) / self.wheelbase_m
        roll = (lean[0] + lean[1]) / (2 * TRACK_M)
        vertical = heave[0][2] + pitch[2] * self.phone_behind_axle_m + roll[2] * self.phone_left_m
        return Ride(self._shaken(vertical, rate_hz), roll, pitch)

    def vertical(self, front_m: Floats, rear_m: Floats, rate_hz: float) -> Floats:
        share = self.phone_behind_axle_m / self.wheelbase_m
        corners = ((1 - share, self.front, front_m), (share, self.rear, rear_m))
        y = self.phone_left_m / (2 * TRACK_M)
        filtered = []
        for part, car, z in corners:
            left, right = z - z[:, :1]
            filtered.append(sosfilt(car.filter(2, rate_hz), part * 0.5 * (left + right) + y * (left - right)))
        return self._shaken(filtered[0] + filtered[1], rate_hz)

    def _shaken(self, vertical_mps2: Floats, rate_hz: float) -> Floats:
        return np.asarray(sosfilt(resonance(self.shake_hz, self.shake_damping, rate_hz), vertical_mps2))


def digital(b: Sequence[float] | Floats, a: Sequence[float] | Floats, rate_hz: float) -> Floats:
    """Second-order sections of the transfer function b(s)/a(s), by the bilinear transform."""
    analog = tf2zpk(np.asarray(b, np.float64), np.asarray(a, np.float64))
    zeros, poles, gain = bilinear_zpk(analog[0], analog[1], float(analog[2]), rate_hz)
    return np.asarray(zpk2sos(np.asarray(zeros, np.complex128), np.asarray(poles, np.complex128), float(gain)))


def resonance(hz: float, damping: float, rate_hz: float) -> Floats:
    """Second-order sections of a mass on spring and damper, from the motion of its base to its own."""
    w = 2 * np.pi * hz
    return digital([2 * damping * w, w * w], [1.0, 2 * damping * w, w * w], rate_hz)


def draw_car(rng: np.random.Generator) -> TwoAxleCar:
    """A passenger car around published values; docs/simulator.md lists ranges and sources."""
    front_hz = rng.uniform(1.0, 1.4)
    wheelbase_m = rng.uniform(2.45, 2.85)
    return TwoAxleCar(
        front=_corner(front_hz, rng),
        rear=_corner(front_hz * rng.uniform(1.05, 1.25), rng),
        wheelbase_m=wheelbase_m,
        tyre_radius_m=rng.uniform(0.29, 0.35),
        contact_m=rng.uniform(0.10, 0.18),
        phone_behind_axle_m=wheelbase_m * rng.uniform(0.15, 0.5),
        phone_left_m=rng.uniform(-0.4, 0.4),
        phone_height_m=rng.uniform(0.2, 0.7),
        lean_per_g_rad=(rng.uniform(0.05, 0.1), rng.uniform(0.02, 0.04)),
        shake_hz=rng.uniform(16.0, 26.0),
        shake_damping=rng.uniform(0.2, 0.4),
    )


DrawVehicle = Callable[[np.random.Generator], Vehicle]


def _corner(body_hz: float, rng: np.random.Generator) -> QuarterCar:
    k2 = (2 * np.pi * body_hz) ** 2
    mu = rng.uniform(0.09, 0.16)
    hop_hz = rng.uniform(10.0, 14.5)
    damping = rng.uniform(0.2, 0.4)
    return QuarterCar((2 * np.pi * hop_hz) ** 2 * mu - k2, k2, 2 * damping * np.sqrt(k2), mu)
