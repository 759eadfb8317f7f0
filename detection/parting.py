"""Where one defect is two: its jolts in two heaps, by where they spread most or by the side of the road.

Pure: places in, places out.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

METRES_PER_DEGREE = 111_195.0
LEAST = 4  # jolts: of three, one heap is a single jolt
TURN_DEG = 60.0  # jolts of the other direction are another defect's

Place = tuple[float, float]
Floats = npt.NDArray[np.float64]


def two_places(
    middle: Place, heading: float | None, jolts: Sequence[tuple[float | None, float | None, float | None]], *, side: bool = False
) -> tuple[Place, Place] | None:
    """The middles of two heaps of jolts, the larger first; None where there are fewer than four or they do not part.

    middle: latitude, longitude in degrees; jolts: the same and heading. side: left and right of the direction of travel.
    """
    held = np.array([[np.nan if value is None else value for value in jolt] for jolt in jolts], np.float64).reshape(-1, 3)
    turned = np.abs((held[:, 2] - (np.nan if heading is None else heading) + 180.0) % 360.0 - 180.0)
    held = held[np.isfinite(held[:, :2]).all(axis=1) & ~(turned > TURN_DEG)]
    if len(held) < LEAST or (side and heading is None):
        return None
    scale = METRES_PER_DEGREE * np.array([1.0, np.cos(np.radians(middle[0]))])
    xy = (held[:, :2] - middle) * scale  # north, east
    along = _across(heading) if side and heading is not None else _longest(xy)
    right = _heaps(xy @ along)
    if right is None:
        return None
    heaps = sorted((xy[right], xy[~right]), key=len, reverse=True)
    first, second = (tuple((heap.mean(axis=0) / scale + middle).tolist()) for heap in heaps)
    return (first[0], first[1]), (second[0], second[1])


def _across(heading: float) -> Floats:
    """North and east of a step to the right."""
    turn = np.radians(heading)
    return np.array([-np.sin(turn), np.cos(turn)])


def _longest(xy: Floats) -> Floats:
    return np.asarray(np.linalg.svd(xy - xy.mean(axis=0), full_matrices=False)[2][0], np.float64)


def _heaps(at: Floats) -> npt.NDArray[np.bool_] | None:
    """Which lie beyond the cut that leaves the least spread within both heaps; None where all lie together."""
    order = np.sort(at)
    cut = min(((order[1:] + order[:-1]) / 2).tolist(), key=lambda one: _spread(at[at > one]) + _spread(at[at <= one]))
    beyond = at > cut
    return beyond if beyond.any() and not beyond.all() else None


def _spread(at: Floats) -> float:
    return float(((at - at.mean()) ** 2).sum()) if len(at) else 0.0
