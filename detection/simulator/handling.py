"""A phone taken in the hand: it turns, is shaken and knocked, and lies differently afterwards."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.ndimage import gaussian_filter1d
from scipy.spatial.transform import Rotation, Slerp

from detection.columns import Floats
from detection.simulator.phone import draw_pose


@dataclass(frozen=True, eq=False)
class Episode:
    """From start_s to end_s the phone is in the hand. poses: of the key times (k,), the last one stays."""

    start_s: float
    end_s: float
    key_s: Floats
    poses: Rotation


def draw_episodes(duration_s: float, first: Rotation, rng: np.random.Generator) -> list[Episode]:
    """None in most drives; else one, seldom two, of 3 to 20 s (assumption)."""
    episodes: list[Episode] = []
    pose = first
    count = int(rng.choice([0, 1, 2], p=[0.65, 0.27, 0.08]))
    for start in np.sort(rng.uniform(20.0, max(21.0, duration_s - 30.0), count)):
        if episodes and start < episodes[-1].end_s + 10.0:
            continue
        end = start + rng.uniform(3.0, 20.0)
        keys = np.r_[start, np.sort(rng.uniform(start, end, int(rng.integers(2, 8)))), end]
        poses = Rotation.concatenate([pose, *(draw_pose(rng) for _ in keys[1:])])
        episodes.append(Episode(float(start), float(end), keys, poses))
        pose = poses[-1]
    return episodes


def poses_at(t_s: Floats, first: Rotation, episodes: list[Episode]) -> Rotation:
    """Orientation (n,) at each time."""
    quaternions = np.tile(first.as_quat(), (len(t_s), 1))
    for episode in episodes:
        during = (t_s >= episode.start_s) & (t_s <= episode.end_s)
        quaternions[during] = _eased(episode, t_s[during]).as_quat()
        quaternions[t_s > episode.end_s] = episode.poses[-1].as_quat()
    return Rotation.from_quat(quaternions)


def hand_force(t_s: Floats, episodes: list[Episode], rng: np.random.Generator) -> Floats:
    """Acceleration (n, 3) in m/s², phone axes: swinging of 1 to 4 Hz, tremor, and knocks when gripped and put down."""
    force = np.zeros((len(t_s), 3))
    for episode in episodes:
        during = np.flatnonzero((t_s >= episode.start_s) & (t_s <= episode.end_s))
        if len(during) < 4:
            continue
        rate_hz = 1 / np.median(np.diff(t_s[during]))
        sigma = max(rate_hz / (2 * np.pi * rng.uniform(1.0, 4.0)), 0.5)
        swing = gaussian_filter1d(rng.standard_normal((len(during), 3)), sigma, axis=0) * np.sqrt(2 * np.sqrt(np.pi) * sigma)
        force[during] += swing * rng.uniform(0.6, 2.5) + rng.normal(0, 0.15, swing.shape)
        for at in np.r_[episode.start_s, episode.end_s, rng.uniform(episode.start_s, episode.end_s, rng.integers(0, 4))]:
            pulse = np.exp(-0.5 * ((t_s[during] - at) / rng.uniform(0.006, 0.02)) ** 2)
            force[during] += pulse[:, None] * rng.normal(0, 6.0, 3)
    return force


def turning(t_s: Floats, poses: Rotation) -> Floats:
    """Rates (n, 3) in rad/s in phone axes that changing poses make a gyroscope see."""
    step = poses[:-1] * poses[1:].inv()
    rates = step.as_rotvec() / np.diff(t_s)[:, None]
    return np.concatenate([rates, rates[-1:]])


def _eased(episode: Episode, t_s: Floats) -> Rotation:
    """Between key poses without sudden starts."""
    keys = episode.key_s
    k = np.clip(np.searchsorted(keys, t_s, "right") - 1, 0, len(keys) - 2)
    part = np.clip((t_s - keys[k]) / np.maximum(keys[k + 1] - keys[k], 1e-9), 0, 1)
    return Slerp(np.arange(len(keys)), episode.poses)(k + part * part * (3 - 2 * part))
