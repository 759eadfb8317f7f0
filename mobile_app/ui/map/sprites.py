"""All pictures in one, and where on the screen each mark's piece of it goes: a thousand marks are one call to the GPU."""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

from mobile_app.ui.map.marks import BOX, DEFECTS, GROUP, JOLT, PIN_TIP, REPORTS, SPAN, Look, picture
from mobile_app.ui.map.view import Array

SURE, LIKELY = 0.9, 0.6  # confidences from which the city's map draws a defect full, and no longer hollow
_ALL: dict[tuple[str, str], tuple[Look, bool]] = {
    **{("defect", kind): (look, False) for kind, look in DEFECTS.items()},
    **{("doubtful", kind): (look, True) for kind, look in DEFECTS.items()},
    **{("report", kind): (look, False) for kind, look in REPORTS.items()},
    ("jolt", ""): (JOLT, False),
    ("group", ""): (GROUP, False),
}
PICTURES = tuple(_ALL.values())
_NUMBER = {name: number for number, name in enumerate(_ALL)}
# how far above the place a picture's middle stands, in sizes of it: a pin stands on its tip
_RAISED = np.array([0.0 if look.tip is None else (PIN_TIP[1] - BOX / 2) / SPAN for look, _ in PICTURES])
_TRIANGLES = np.array([0, 1, 2, 2, 3, 0])


def number_of(sort: str, kind: str = "") -> int:
    """Index into `PICTURES`. sort: defect, doubtful, report, jolt or group. A newer server's kind looks like an unknown one."""
    return _NUMBER.get((sort, kind), _NUMBER.get((sort, "unknown"), 0))


@cache
def sheet(size_px: int) -> NDArray[np.uint8]:
    """All pictures side by side, (size_px, n * size_px, 4), row 0 at the top."""
    return np.hstack([picture(look, size_px, hollow) for look, hollow in PICTURES])


def raised(pictures: NDArray[np.intp], size: Array) -> Array:
    """How far above its place the middle of each is drawn."""
    above: Array = _RAISED[pictures] * size
    return above


def quads(px: Array, py: Array, size: Array, pictures: NDArray[np.intp]) -> tuple[NDArray[np.float32], NDArray[np.uint16]]:
    """Corners (x, y, u, v) and triangles. size: px. u, v: into the `sheet` as kivy holds it, its first row the lowest."""
    half = size / 2
    up = py + raised(pictures, size)
    left, right = pictures / len(PICTURES), (pictures + 1) / len(PICTURES)
    nought, one = np.zeros(len(px)), np.ones(len(px))
    corners = np.stack(
        [
            np.stack([px - half, up - half, left, nought], axis=1),
            np.stack([px + half, up - half, right, nought], axis=1),
            np.stack([px + half, up + half, right, one], axis=1),
            np.stack([px - half, up + half, left, one], axis=1),
        ],
        axis=1,
    )
    triangles = (np.arange(len(px))[:, None] * 4 + _TRIANGLES).astype(np.uint16)
    return corners.astype(np.float32).reshape(-1, 4), triangles.ravel()
