"""Days in the life of a phone, second by second, with known truth: drives, walks, waits, bicycles, as its sensors tell them.

Coarser than `detection.simulator`, which knows roads and cars but nobody who walks: here only what tells a drive from other
things must be right: speeds and their errors, how strongly and how evenly it shakes. Sizes are rough, from walking studies
(1.4 m/s at 1.9 steps/s, running 2.8 steps/s), from the vertical acceleration of recorded drives (0.2 to 1 m/s²) and from
receivers indoors.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from mobile_app.intake import ACCELEROMETER, LOCATION, Event

METRES_PER_DEGREE = 111_195.0
RATE_HZ = 50
DRIVING = ("drive", "queue", "light", "tunnel")


@dataclass(frozen=True)
class Piece:
    """So many seconds of one thing. mps: typical speed where it moves by itself."""

    kind: str
    seconds: float
    mps: float = 0.0


@dataclass(frozen=True)
class Scene:
    """Columns by second, and of samples at RATE_HZ. seen: whether there is a fix."""

    kinds: list[str]
    speed: np.ndarray
    vertical: np.ndarray
    place: np.ndarray  # (seconds, 2) degrees, as told
    told_speed: np.ndarray
    accuracy: np.ndarray
    seen: np.ndarray

    @property
    def driving(self) -> np.ndarray:
        """Seconds that should be recorded: from each first driven one to the last before minutes of anything else."""
        return np.array([kind in DRIVING for kind in self.kinds])

    def samples(self, second: int, step: int = 1) -> Iterator[Event]:
        """Of the accelerometer, as a phone that lies askew gives them."""
        up = (0.36, 0.48, 0.8)
        for i in range(second * RATE_HZ, (second + 1) * RATE_HZ, step):
            whole = 9.81 + float(self.vertical[i])
            yield i / RATE_HZ, ACCELEROMETER, (whole * up[0], whole * up[1], whole * up[2])

    def fix(self, second: int) -> Event | None:
        if not self.seen[second]:
            return None
        latitude, longitude = self.place[second].tolist()
        values = (latitude, longitude, float(self.told_speed[second]), math.nan, float(self.accuracy[second]))
        return second + 0.5, LOCATION, values


def scene(pieces: list[Piece], seed: int) -> Scene:
    rng = np.random.default_rng(seed)
    kinds = [piece.kind for piece in pieces for _ in range(int(piece.seconds))]
    wished = np.concatenate([_speeds(piece, rng) for piece in pieces])
    speed = _feasible(wished, np.array([kind in DRIVING for kind in kinds]))
    vertical = np.concatenate(
        [_shaking(kind, mps, second, rng) for second, (kind, mps) in enumerate(zip(kinds, speed, strict=True))]
    )
    return Scene(kinds, speed, _together(vertical, kinds, rng), *_fixes(kinds, speed, rng))


def _speeds(piece: Piece, rng: np.random.Generator) -> np.ndarray:
    count = int(piece.seconds)
    if piece.kind in ("light", "parked", "table", "wait", "indoors"):
        return np.zeros(count)
    spread = {"drive": 0.25, "tunnel": 0.1, "queue": 0.6, "walk": 0.1, "run": 0.1, "cycle": 0.12}[piece.kind]
    sway = np.convolve(rng.normal(0, 1, count + 30), np.ones(31) / math.sqrt(31), "valid")[:count]
    speeds = piece.mps * (1 + spread * sway)
    if piece.kind == "queue":  # moves for some seconds, stands for some
        phase = np.cumsum(rng.exponential(1, count)) % 40
        speeds = np.where(phase < 14, speeds + 2, 0.0)
    if piece.kind == "cycle":
        speeds = np.minimum(speeds, 6.9)
    return np.maximum(speeds, 0.0)


def _feasible(wished: np.ndarray, driven: np.ndarray) -> np.ndarray:
    """Cars gain 2 m/s in a second and lose 3."""
    speed = wished.copy()
    for i in range(1, len(speed)):
        if driven[i]:
            speed[i] = min(max(wished[i], speed[i - 1] - 3.0), speed[i - 1] + 2.0)
    return speed


def _shaking(kind: str, mps: float, second: int, rng: np.random.Generator) -> np.ndarray:
    """One second without what goes on over seconds."""
    t = second + np.arange(RATE_HZ) / RATE_HZ
    noise = rng.normal(0, 1, RATE_HZ)
    if kind in DRIVING:
        road = 0.06 + (0.16 + 0.03 * mps if mps > 0.5 else 0.0)
        bounce = 0.35 * road * np.sin(2 * math.pi * 1.4 * t + rng.uniform(0, 6)) if mps > 0.5 else 0.0
        return road * noise + bounce
    if kind == "walk":
        return 2.0 * np.sin(2 * math.pi * 1.9 * t) + 0.8 * np.sin(2 * math.pi * 3.8 * t + 1) + 0.5 * noise
    if kind == "run":
        return 7.0 * np.sin(2 * math.pi * 2.8 * t) + 2.0 * np.sin(2 * math.pi * 5.6 * t + 1) + noise
    if kind == "cycle":
        return 0.8 * np.sin(2 * math.pi * 1.2 * t) + (0.4 + 0.25 * mps) * noise
    if kind == "wait":
        return (0.35 if rng.uniform() < 0.3 else 0.06) * noise
    if kind == "indoors":
        return (0.25 if rng.uniform() < 0.2 else 0.03) * noise
    return 0.03 * noise


def _together(vertical: np.ndarray, kinds: list[str], rng: np.random.Generator) -> np.ndarray:
    """What the phone's own noise adds, and what a hand does now and then."""
    return vertical + rng.normal(0, 0.02, len(vertical))


def _fixes(kinds: list[str], speed: np.ndarray, rng: np.random.Generator) -> tuple[np.ndarray, ...]:
    """Places with errors that wander, speeds with theirs, radii as receivers claim them."""
    count = len(kinds)
    poor = np.array([kind in ("indoors", "table") for kind in kinds])
    bend = np.cumsum(rng.normal(0, 0.03, count)) + rng.uniform(0, 6)
    north, east = np.cumsum(speed * np.cos(bend)), np.cumsum(speed * np.sin(bend))
    wander = np.zeros((count, 2))
    for i in range(1, count):
        wander[i] = 0.97 * wander[i - 1] + rng.normal(0, 6.0 if poor[i] else 0.5, 2)
    accuracy = np.where(poor, rng.lognormal(3.6, 0.6, count), rng.lognormal(1.6, 0.4, count))
    told = np.abs(speed + rng.normal(0, 0.3, count) * (1 + 0.03 * speed))
    spikes = rng.uniform(size=count) < np.where(poor, 0.2, 0.004)  # a reflection is taken for the way itself
    told = np.where(spikes, rng.uniform(3, 14, count), told)
    accuracy = np.where(spikes & ~poor, rng.uniform(8, 35, count), accuracy)
    seen = np.array([kind != "tunnel" for kind in kinds]) & (rng.uniform(size=count) < np.where(poor, 0.4, 0.98))
    place = np.stack(
        [48.0 + (north + wander[:, 0]) / METRES_PER_DEGREE, 2.0 + (east + wander[:, 1]) / METRES_PER_DEGREE / 0.669], axis=1
    )
    return place, told, accuracy, seen


def errand(seed: int) -> list[Piece]:
    """Out of the house, a drive with lights, perhaps a queue and a tunnel, a walk at the other end."""
    rng = np.random.default_rng([seed, 1])
    way = [Piece("indoors", rng.uniform(300, 600)), Piece("walk", rng.uniform(30, 240), 1.4), Piece("parked", rng.uniform(5, 40))]
    for _ in range(rng.integers(6, 16)):
        way.append(Piece("drive", rng.uniform(20, 150), rng.choice([9.0, 12.0, 14.0, 20.0, 30.0], p=[0.25, 0.3, 0.25, 0.1, 0.1])))
        way.append(Piece("light", rng.uniform(5, 100)))
        if rng.uniform() < 0.15:
            way.append(Piece("queue", rng.uniform(60, 600), 3.0))
        if rng.uniform() < 0.1:
            way.append(Piece("tunnel", rng.uniform(30, 600), 18.0))
    way += [Piece("drive", 40, 10.0), Piece("parked", rng.uniform(10, 60)), Piece("walk", rng.uniform(60, 400), 1.4)]
    return [*way, Piece("indoors", rng.uniform(600, 1200))]


def on_foot(seed: int) -> list[Piece]:
    """Walks, runs and bus-stop waits, with a phone that never sees a car from inside."""
    rng = np.random.default_rng([seed, 2])
    pieces = [Piece("indoors", rng.uniform(200, 900))]
    for _ in range(rng.integers(2, 6)):
        kind = rng.choice(["walk", "wait", "run", "indoors", "table"])
        pieces.append(Piece(str(kind), rng.uniform(120, 900), {"walk": 1.4, "run": 3.4}.get(str(kind), 0.0)))
    return pieces


def by_bicycle(seed: int) -> list[Piece]:
    """Below the threshold: a pedelec helps up to 6.9 m/s."""
    rng = np.random.default_rng([seed, 3])
    pieces = [Piece("indoors", 200), Piece("walk", 30, 1.4)]
    for _ in range(rng.integers(4, 10)):
        pieces += [Piece("cycle", rng.uniform(60, 300), rng.uniform(3.5, 6.5)), Piece("wait", rng.uniform(5, 60))]
    return [*pieces, Piece("walk", 60, 1.4)]
