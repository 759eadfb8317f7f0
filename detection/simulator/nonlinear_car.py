"""A third vehicle, for judging only: off-roader, van, saloon, electric and light car whose suspensions are not linear.

Dampers stiffer in rebound than in bump and softer the faster they move, dry friction, bump stops, wheels that leave the ground,
rigid axles, an engine on its mounts, another tyre. Nothing that is shipped was trained on it. Same protocol: `vehicle.Vehicle`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from scipy.ndimage import convolve1d
from scipy.signal import sosfilt

from detection.columns import Floats
from detection.simulator.axles import Axles
from detection.simulator.corner_forces import CornerForces
from detection.simulator.published_axles import VEHICLES
from detection.simulator.roads import STEP_M
from detection.simulator.stepping import Nonlinear
from detection.simulator.vehicle import GRAVITY_MPS2, Ride, digital

SHARES = (0.1, 0.1, 0.4, 0.2, 0.2)  # of `VEHICLES`; assumption: a fifth of them on rigid axles


@dataclass(frozen=True)
class NonlinearCar:
    """Axles with dry friction, a tyre that gives way, and the phone's place on a panel that rings."""

    axles: Axles
    friction_n: tuple[float, float]
    tyre_radius_m: float
    contact_sigma_m: float  # how far from the middle of the contact the tyre still feels: standard deviation along the road
    phone_behind_axle_m: float
    phone_left_m: float
    phone_height_m: float  # above the axis of roll and pitch
    panel_hz: float
    panel_damping: float
    panel_share: float  # how much of what is felt there comes by way of the panel's own resonance

    @property
    def wheelbase_m(self) -> float:
        return sum(self.axles.axle_from_centre_m)

    @property
    def lean_per_g_rad(self) -> tuple[float, float]:
        """Roll and pitch in steady turning and braking, from the springs."""
        car = self.axles
        pitched, rolled = car.at(car.spring_aside_m)[:, 1:3].T ** 2 @ car.each(car.spring_npm)[:, 0]
        moment = car.sprung_kg * GRAVITY_MPS2 * car.above_roll_axis_m
        return float(moment / (rolled + sum(car.bar_nm_per_rad))), float(moment / pitched)

    def envelope(self, profile_m: Floats) -> Floats:
        """A round of bristles, each stiffer the more it is pressed (exponentially), under constant load.

        So its height is a soft maximum of profile less the tyre's round, 1/p·log of the mean of exp(p·(z - x²/2R)), with
        p = R/sigma². Constant-load envelope of radial springs: Badalamenti & Doyle, J. Vib. Acoust. 110 (1988) 70.
        """
        sharp = self.tyre_radius_m / self.contact_sigma_m**2
        reach = int(np.ceil(3 * self.contact_sigma_m / STEP_M))
        x = np.arange(-reach, reach + 1) * STEP_M
        weight = np.exp(-0.5 * (x / self.contact_sigma_m) ** 2)
        pressed = convolve1d(np.exp(sharp * profile_m), weight / weight.sum(), axis=-1, mode="nearest")
        return np.asarray(np.log(pressed) / sharp)

    def ride(self, front_m: Floats, rear_m: Floats, rate_hz: float) -> Ride:
        forces = CornerForces(self.axles, self.friction_n)
        road = np.concatenate([front_m, rear_m])
        moving = Nonlinear(self.axles.linear(), forces.directions(), forces.looks(), forces.constants().forces)
        out = moving.respond(self._outputs(forces.directions()), road - road[:, :1], rate_hz)
        return Ride(self._on_panel(out[0], rate_hz), out[4:7], out[1:4])

    def vertical(self, front_m: Floats, rear_m: Floats, rate_hz: float) -> Floats:
        return self.ride(front_m, rear_m, rate_hz).vertical_mps2

    def _outputs(self, directions: Floats) -> Floats:
        """(7, 32): acceleration up where the phone lies; pitch and roll, each as angle, rate and acceleration."""
        linear = self.axles.linear()
        pushed = np.vstack([np.zeros_like(directions), np.linalg.solve(linear.mass, directions)])
        all_of = np.hstack([linear.state_matrix(), linear.input_matrix(), pushed])  # of x'
        ahead = self.axles.axle_from_centre_m[0] - self.phone_behind_axle_m
        up = all_of[8] - all_of[9] * ahead + all_of[10] * self.phone_left_m
        angles = np.eye(16, 32)[[1, 2]]
        return np.stack([up, angles[0], all_of[1], all_of[9], angles[1], all_of[2], all_of[10]])

    def _on_panel(self, vertical_mps2: Floats, rate_hz: float) -> Floats:
        """The rest rigidly, a share through a resonance: 1 - share + share · (2·damping·w·s + w²) / (s² + 2·damping·w·s + w²)."""
        w, damping = 2 * np.pi * self.panel_hz, self.panel_damping
        tail = [2 * damping * w, w * w]
        return np.asarray(sosfilt(digital([1 - self.panel_share, *tail], [1.0, *tail], rate_hz), vertical_mps2))


def draw_nonlinear_car(rng: np.random.Generator) -> NonlinearCar:
    """One of the three published vehicles with load, wear and a place of the phone; ranges: docs/simulator.md."""
    axles = VEHICLES[int(rng.choice(len(VEHICLES), p=SHARES))]
    seated = rng.uniform(0.1, 0.5) if rng.random() < 0.85 else rng.uniform(0.6, 0.85)
    front, rear = axles.load_n()[[0, 2], 0] * rng.uniform(0.01, 0.04, 2)
    return NonlinearCar(
        _worn(axles, rng),
        friction_n=(front, rear),
        tyre_radius_m=rng.uniform(0.31, 0.38),
        contact_sigma_m=rng.uniform(0.04, 0.07),
        phone_behind_axle_m=sum(axles.axle_from_centre_m) * seated,
        phone_left_m=rng.uniform(-0.6, 0.6),
        phone_height_m=rng.uniform(0.2, 0.9),
        panel_hz=rng.uniform(17.0, 32.0),
        panel_damping=rng.uniform(0.05, 0.15),
        panel_share=rng.uniform(0.4, 0.9),
    )


def _worn(axles: Axles, rng: np.random.Generator) -> Axles:
    load = 1 + rng.uniform(70.0, 400.0) / axles.sprung_kg
    spring, tyre, oil, free = rng.uniform(0.85, 1.1), rng.uniform(0.85, 1.15), rng.uniform(0.7, 1.1), rng.uniform(0.8, 1.2)
    mount = rng.uniform(0.85, 1.25)

    def times(pair: tuple[float, float], factor: float) -> tuple[float, float]:
        return pair[0] * factor, pair[1] * factor

    return replace(
        axles,
        sprung_kg=axles.sprung_kg * load,
        roll_kgm2=axles.roll_kgm2 * load,
        pitch_kgm2=axles.pitch_kgm2 * load,
        spring_npm=times(axles.spring_npm, spring),
        bump_nspm=times(axles.bump_nspm, oil),
        rebound_nspm=times(axles.rebound_nspm, oil),
        free_m=times(axles.free_m, free),
        tyre_npm=axles.tyre_npm * tyre,
        mount_hz=axles.mount_hz * mount,
    )
