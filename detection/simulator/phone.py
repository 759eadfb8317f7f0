"""The phone: how it is held, what its mount does, and what its sensors make of the motion."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.signal import butter, sosfilt
from scipy.spatial.transform import Rotation

from detection.columns import Floats
from detection.simulator.vehicle import resonance
from detection.trace import STANDARD_GRAVITY_MPS2

PLACES = ("dashboard", "cup holder", "pocket")


@dataclass(frozen=True, eq=False)
class Phone:
    """One phone and its usual place in one car. Ranges: docs/simulator.md."""

    place: str
    gain: float  # of the car's vibration at this place of the cabin
    mount_hz: float  # resonance of the mount
    mount_damping: float
    rate_hz: float
    jitter: float  # of the interval, part of it
    loss: float  # share of samples that never arrive
    noise_mps2: float
    bias_mps2: Floats
    scale: Floats
    step_mps2: float  # quantisation
    range_mps2: float  # clipping
    gyroscope: bool
    gyro_noise_radps: float
    gyro_bias_radps: Floats


def draw_phone(rng: np.random.Generator, rate_hz: tuple[float, float]) -> Phone:
    """A phone of the given range of sampling rates, log-uniform."""
    place = PLACES[int(rng.choice(3, p=[0.55, 0.25, 0.20]))]
    mount_hz = {"dashboard": (14.0, 35.0), "cup holder": (25.0, 60.0), "pocket": (5.0, 12.0)}[place]
    full_g = float(rng.choice([2.0, 4.0, 8.0], p=[0.1, 0.3, 0.6]))
    bits = int(rng.choice([12, 14, 16], p=[0.15, 0.15, 0.7]))
    return Phone(
        place=place,
        gain=rng.uniform(0.6, 1.4),
        mount_hz=rng.uniform(*mount_hz),
        mount_damping=rng.uniform(0.3, 0.6) if place == "pocket" else rng.uniform(0.15, 0.4),
        rate_hz=float(np.exp(rng.uniform(*np.log(rate_hz)))),
        jitter=rng.uniform(0.005, 0.08),
        loss=float(rng.choice([0.0, rng.uniform(0.0, 0.01)])),
        noise_mps2=rng.uniform(0.01, 0.05),
        bias_mps2=rng.normal(0, 0.12, 3),
        scale=1 + rng.normal(0, 0.004, 3),
        step_mps2=2 * full_g * STANDARD_GRAVITY_MPS2 / 2**bits,
        range_mps2=full_g * STANDARD_GRAVITY_MPS2,
        gyroscope=bool(rng.random() < 0.85),
        gyro_noise_radps=rng.uniform(0.001, 0.004),
        gyro_bias_radps=rng.normal(0, 0.005, 3),
    )


def through_mount(shaking: Floats, phone: Phone, rate_hz: float) -> Floats:
    """Vibration (n, k) at the phone: a damped resonance excited at its base, then the sensor's own low-pass."""
    mount = resonance(phone.mount_hz, phone.mount_damping, rate_hz)
    cut_hz = min(0.45 * max(phone.rate_hz, 50.0), 0.45 * rate_hz)  # assumption: below 50 Hz the sensor itself runs at 50
    sensor = butter(2, cut_hz, fs=rate_hz, output="sos")
    return np.asarray(sosfilt(np.concatenate([mount, sensor]), shaking, axis=0))


def sample_times(duration_s: float, phone: Phone, rng: np.random.Generator) -> Floats:
    """Stamps (n,) in s: jittered, some missing, now and then a hole of up to a second."""
    n = int(duration_s * phone.rate_hz)
    t = (np.arange(n) + 0.5) / phone.rate_hz
    t = np.sort(t + rng.normal(0, phone.jitter / phone.rate_hz, n))
    kept = rng.random(n) >= phone.loss
    for start in rng.uniform(0, duration_s, rng.poisson(duration_s / 900.0)):  # assumption: one in a quarter of an hour
        kept &= ~((t > start) & (t < start + rng.uniform(0.1, 1.0)))
    return np.unique(np.round(t[kept & (t > 0) & (t < duration_s)], 6))


def measure(force_mps2: Floats, phone: Phone, rng: np.random.Generator) -> Floats:
    """Accelerometer output (n, 3) for the specific force (n, 3) in phone axes."""
    seen = force_mps2 * phone.scale + phone.bias_mps2 + rng.normal(0, phone.noise_mps2, force_mps2.shape)
    seen = np.round(seen / phone.step_mps2) * phone.step_mps2
    return np.asarray(np.clip(seen, -phone.range_mps2, phone.range_mps2))


def measure_turning(rate_radps: Floats, phone: Phone, rng: np.random.Generator) -> Floats:
    """Gyroscope output (n, 3) for the true rates (n, 3) in phone axes."""
    return np.asarray(rate_radps + phone.gyro_bias_radps + rng.normal(0, phone.gyro_noise_radps, rate_radps.shape))


def draw_pose(rng: np.random.Generator) -> Rotation:
    """Any orientation alike: turns car axes (ahead, left, up) into phone axes."""
    return Rotation.random(rng=rng)
