"""Ways as stretches between two points: thinned for a scale, cut to what is seen, and widened to what is drawn."""

from __future__ import annotations

import math
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from mobile_app.ui.map.thinning import importance
from mobile_app.ui.map.view import Array, Box, nearest_turn

UNSEEN_PX = 0.6  # a point this near to the line is missed by nobody
FINEST = 7.5e-9  # of the world, 0.3 m: fixes are not as good
CORNERS = 8  # of a stretch as it is drawn: two round caps and what is between them
_TRIANGLES = np.array([0, 1, 2, 1, 3, 2, 2, 3, 4, 3, 5, 4, 4, 5, 6, 5, 7, 6])


class Lines:
    """Lines in units of the world (`view.world`), each a pair of x and y; prepared once, drawn often."""

    def __init__(self, pieces: Iterable[tuple[Array, Array]] = ()) -> None:
        whole = [(_in_one_piece(np.asarray(x, dtype=float)), np.asarray(y, dtype=float)) for x, y in pieces if len(x) > 1]
        nothing = np.empty(0)
        self.x = np.concatenate([nothing, *(x for x, _ in whole)])
        self.y = np.concatenate([nothing, *(y for _, y in whole)])
        self._worth = np.concatenate([nothing, *(importance(x, y, FINEST) for x, y in whole)])
        self._line = np.repeat(np.arange(len(whole)), [len(x) for x, _ in whole])
        self._thinned: dict[int, Array] = {}

    def __bool__(self) -> bool:
        return bool(len(self.x))

    def at_scale(self, scale: float) -> Array:
        """All stretches (n, 4: x, y, x, y) as they need be drawn at a scale in px per unit of the world."""
        level = math.floor(math.log2(scale))
        if level not in self._thinned:
            self._thinned[level] = self._stretches(UNSEEN_PX / 2.0 ** (level + 1))
        return self._thinned[level]

    def _stretches(self, within: float) -> Array:
        keep = self._worth > within
        points, line = np.column_stack((self.x, self.y))[keep], self._line[keep]
        stretches: Array = np.column_stack((points[:-1], points[1:]))[line[:-1] == line[1:]]
        return stretches


def seen(stretches: Array, box: Box) -> Array:
    """Those whose own box meets the box, written on the box's turn around the globe."""
    middle = (box.west + box.east) / 2
    shift = nearest_turn(stretches[:, 0], middle) - stretches[:, 0]
    west = np.minimum(stretches[:, 0], stretches[:, 2]) + shift
    east = np.maximum(stretches[:, 0], stretches[:, 2]) + shift
    south, north = np.minimum(stretches[:, 1], stretches[:, 3]), np.maximum(stretches[:, 1], stretches[:, 3])
    meets = (west <= box.east) & (east >= box.west) & (south <= box.north) & (north >= box.south)
    found = stretches[meets]
    found[:, 0::2] += shift[meets, None]
    return found


def strokes(stretches: Array, reach: float) -> tuple[NDArray[np.float32], NDArray[np.uint16]]:
    """Corners (n, 4: x, y, u, v) and triangles of stretches in px, round at their ends.

    reach: half the width with its soft edge, px. u, v: into the picture of a disc of that radius.
    """
    ends = stretches.reshape(-1, 2, 2)
    along = ends[:, 1] - ends[:, 0]
    length = np.hypot(along[:, 0], along[:, 1])
    along = np.divide(along, length[:, None], out=np.tile([1.0, 0.0], (len(along), 1)), where=length[:, None] > 0) * reach
    aside = np.column_stack((-along[:, 1], along[:, 0]))
    corners = np.empty((len(ends), CORNERS, 4), dtype=np.float32)
    spine = (ends[:, 0] - along, ends[:, 0], ends[:, 1], ends[:, 1] + along)
    for at, (middle, u) in enumerate(zip(spine, (0.0, 0.5, 0.5, 1.0), strict=True)):
        corners[:, 2 * at, :2], corners[:, 2 * at + 1, :2] = middle + aside, middle - aside
        corners[:, 2 * at : 2 * at + 2, 2] = u
        corners[:, 2 * at : 2 * at + 2, 3] = (0.0, 1.0)
    triangles = (np.arange(len(ends))[:, None] * CORNERS + _TRIANGLES).astype(np.uint16)
    return corners.reshape(-1, 4), triangles.ravel()


def _in_one_piece(x: Array) -> Array:
    """A way across 180° runs on instead of back around the globe."""
    unwrapped: Array = np.unwrap(x, period=1.0)
    return unwrapped
