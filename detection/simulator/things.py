"""Things on the road: potholes, humps, joints, rough stretches and harmless castings; where they lie and what shape they have."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from detection.columns import KINDS, Codes, Columns, Counts, Floats, Texts
from detection.geo import LocalMetres
from detection.simulator.roads import STEP_M, TRACK_M
from detection.simulator.streets import LANE_OFFSET_M, Street, along

POTHOLE, SPEED_BUMP, JOINT, ROUGH = (KINDS.index(name) for name in ("pothole", "speed_bump", "joint", "rough"))
PER_KM: Mapping[str, float] = {"pothole": 2.5, "speed_bump": 0.8, "joint": 1.0, "rough": 0.25, "distractor": 8.0}
# assumption, per km of street (both directions together)
TREAD_M = 0.19  # width of a passenger car's tyre, e.g. 195/65 R15
APART_M, CORNER_CLEAR_M = 25.0, 22.0  # assumption: truth stays unambiguous within the scoring radius; none inside a crossing


@dataclass(frozen=True, eq=False)
class TrueDefects(Columns):
    """What really lies on the road. Columns (n,); the first as in `Defects`, the rest to find it on its street.

    heading: deg, NaN for what meets both directions. size_m: depth of a hole, height of a hump, step of a joint; for a
    rough stretch the factor by which its surface is rougher than its street. length_m along, width_m across the road.
    lateral_m: centre right of the lane's centre, NaN: all of the road. street: index in `city.streets`. direction: 1 lane
    along the street's line, -1 against, 0 both. station_m: of the centre, from the line's start. street_heading: of the line.
    """

    id: Texts
    latitude: Floats
    longitude: Floats
    heading: Floats
    kind: Codes
    size_m: Floats
    length_m: Floats
    width_m: Floats
    lateral_m: Floats
    street: Counts
    direction: Codes
    station_m: Floats
    street_heading: Floats

    def each_way(self) -> TrueDefects:
        """What meets both directions as two rows with a heading each, the second ones at the end; ids stay."""
        both = np.isnan(self.heading)
        along = replace(self, heading=np.where(both, self.street_heading, self.heading))
        against = replace(self, heading=(self.street_heading + 180.0) % 360.0)[both]
        return TrueDefects.concatenate([along, against])


Drawn = tuple[float, float, float, float, float, float]  # kind, both ways, size, length, width, lateral


def scatter_things(
    streets: Sequence[Street],
    plane: LocalMetres,
    per_km: Mapping[str, float],
    draw: Mapping[str, Callable[[np.random.Generator], Drawn]],
    rng: np.random.Generator,
) -> tuple[TrueDefects, TrueDefects]:
    """(defects, distractors): the latter are castings and joints of at most 6 mm, too small to be worth a repair."""
    free = _Places(streets, rng)
    km = sum(street.length_m for street in streets) / 1e3
    rows: dict[str, list[tuple[float, ...]]] = {"defects": [], "distractors": []}
    for name in ("speed_bump", "rough", "joint", "pothole", "distractor"):
        for _ in range(rng.poisson(per_km.get(name, 0.0) * km)):
            place = free.take(slow_only=name == "speed_bump")
            if place is not None:
                rows["distractors" if name == "distractor" else "defects"].append((*place, *draw[name](rng)))
    return _table(rows["defects"], streets, plane, "d"), _table(rows["distractors"], streets, plane, "c")


def shape(kind: int, size_m: float, length_m: float) -> Floats:
    """Heights (n,) in m every STEP_M of one thing, centred, beginning and ending at 0."""
    half = int(np.ceil(0.5 * length_m / STEP_M)) + 1
    s = np.arange(-half, half + 1) * STEP_M / (0.5 * length_m)
    if kind == SPEED_BUMP:
        return np.asarray(
            size_m * np.clip(1 - s**2, 0, None)
        )  # circular segment (Watts, TRRL LR 597, 1973), flat enough for a parabola
    ramp = np.clip((1 - np.abs(s)) * 0.5 * length_m / 0.05, 0, 1)  # assumption: edges broken over 5 cm
    return np.asarray((-size_m if kind == POTHOLE else size_m) * ramp)


def wheel_share(things: TrueDefects, offset_m: Floats) -> Floats:
    """(n, 2): how much of a left and right tyre's tread meets each thing, 0..1, the car's centre offset_m right of the lane's."""
    wheels = offset_m[:, None] + np.array([-0.5, 0.5]) * TRACK_M
    clear = np.abs(wheels - things.lateral_m[:, None])
    over = (0.5 * (things.width_m[:, None] + TREAD_M) - clear) / TREAD_M
    return np.asarray(np.where(np.isnan(things.lateral_m)[:, None], 1.0, np.clip(over, 0, 1)))


class _Places:
    """Free places on the streets, so that things lie apart."""

    def __init__(self, streets: Sequence[Street], rng: np.random.Generator) -> None:
        self.rng = rng
        self.lengths = np.array([street.length_m for street in streets])
        self.slow = np.array([street.limit_mps < 9 for street in streets])
        self.taken: list[list[float]] = [[] for _ in streets]

    def take(self, slow_only: bool) -> tuple[float, float, float] | None:
        """(street, station, direction), None where 50 tries found no room."""
        usable = np.maximum(self.lengths - 2 * CORNER_CLEAR_M, 0) * (self.slow if slow_only and self.slow.any() else 1)
        if not usable.any():
            return None
        for _ in range(50):
            street = int(self.rng.choice(len(usable), p=usable / usable.sum()))
            station = float(CORNER_CLEAR_M + self.rng.random() * usable[street])
            if all(abs(station - other) >= APART_M for other in self.taken[street]):
                self.taken[street].append(station)
                return street, station, float(self.rng.choice([-1, 1]))
        return None


def _pothole(rng: np.random.Generator) -> Drawn:
    depth = float(np.clip(rng.lognormal(np.log(0.042), 0.4), 0.02, 0.10))
    lateral = rng.choice([-0.5, 0.5]) * TRACK_M + rng.normal(0, 0.15)  # assumption: holes grow in or near the wheel tracks
    return POTHOLE, 0.0, depth, rng.uniform(0.3, 1.0), rng.uniform(0.35, 0.8), lateral


def _speed_bump(rng: np.random.Generator) -> Drawn:
    if rng.random() < 0.6:
        return SPEED_BUMP, 1.0, rng.uniform(0.075, 0.10), 3.7, 7.0, np.nan  # Watts profile, 75 to 100 mm
    return SPEED_BUMP, 1.0, rng.uniform(0.04, 0.06), rng.uniform(0.5, 1.0), 7.0, np.nan  # rubber or asphalt bump


def _joint(rng: np.random.Generator) -> Drawn:
    if rng.random() < 0.5:  # rail crossing or expansion joint across the whole road
        return JOINT, 1.0, rng.uniform(0.010, 0.022), rng.uniform(0.1, 0.3), 7.0, np.nan
    lateral = rng.choice([-0.5, 0.5]) * TRACK_M + rng.normal(0, 0.1)  # sunk or raised manhole cover
    return JOINT, 0.0, rng.uniform(0.015, 0.025), rng.uniform(0.6, 0.8), rng.uniform(0.6, 0.8), lateral


def _rough(rng: np.random.Generator) -> Drawn:
    return ROUGH, 0.0, rng.uniform(3.0, 5.0), rng.uniform(12.0, 30.0), 3.5, np.nan


def _distractor(rng: np.random.Generator) -> Drawn:
    lateral = rng.choice([-0.5, 0.5]) * TRACK_M + rng.normal(0, 0.4)
    return JOINT, 0.0, rng.uniform(0.003, 0.006), rng.uniform(0.4, 0.7), 0.6, lateral


DRAW = {"pothole": _pothole, "speed_bump": _speed_bump, "joint": _joint, "rough": _rough, "distractor": _distractor}


def _table(rows: list[tuple[float, ...]], streets: Sequence[Street], plane: LocalMetres, prefix: str) -> TrueDefects:
    if not rows:
        return TrueDefects.empty()
    street, station, side, kind, both, size, length, width, lateral = np.array(rows).T
    direction = np.where(both > 0, 0.0, side)
    x, y, line_deg = np.array(
        [_spot(streets[int(row[0])], *row[1:]) for row in zip(street, station, direction, lateral, strict=True)]
    ).T
    latitude, longitude = plane.to_degrees(x, y)
    heading = np.where(direction == 0, np.nan, np.where(direction > 0, line_deg, line_deg + 180) % 360)
    return TrueDefects.from_columns(
        {
            "id": np.array([f"{prefix}{i}" for i in range(len(rows))], object),
            "latitude": latitude, "longitude": longitude, "heading": heading,
            "kind": kind, "size_m": size, "length_m": length, "width_m": width, "lateral_m": lateral,
            "street": street, "direction": direction, "station_m": station, "street_heading": line_deg,
        }
    )  # fmt: skip


def _spot(street: Street, station_m: float, direction: float, lateral_m: float) -> tuple[float, float, float]:
    """(x, y) in m of a thing, and the heading of the street's line there in degrees."""
    centre, u = street.xy, along(street.xy)
    ahead = [np.interp(station_m + 1, u, c) - np.interp(station_m - 1, u, c) for c in centre.T]
    line = float(np.degrees(np.arctan2(ahead[0], ahead[1])) % 360)
    right_m = direction * (LANE_OFFSET_M + (0.0 if np.isnan(lateral_m) else lateral_m))
    right = np.array([ahead[1], -ahead[0]]) / np.hypot(*ahead)
    x, y = (np.interp(station_m, u, c) + right_m * r for c, r in zip(centre.T, right, strict=True))
    return float(x), float(y), line
