"""Places as integers: a cell of the globe and a direction of travel. The same for every trip, without a plane to agree on."""

from __future__ import annotations

import numpy as np

from detection.columns import Counts, Floats
from detection.geo import EARTH_RADIUS_M

QUADRANTS = 4  # opposite directions and crossing streets are never the same place
COLUMNS = 1 << 23  # more than the earth has around it, at 5 m


def place_codes(latitude_deg: Floats, longitude_deg: Floats, heading_deg: Floats, cell_m: float) -> Counts:
    """Codes (n,) of cells about `cell_m` wide at any latitude, with the quarter of the heading (unknown: north)."""
    step = np.degrees(cell_m / EARTH_RADIUS_M)
    row = np.floor((latitude_deg + 90.0) / step).astype(np.int64)
    width = step / np.maximum(np.cos(np.radians((row + 0.5) * step - 90.0)), 1e-6)
    column = np.floor(((longitude_deg + 180.0) % 360.0) / width).astype(np.int64)
    quadrant = (np.round(np.nan_to_num(heading_deg) / 90.0) % QUADRANTS).astype(np.int64)
    return np.asarray((row * COLUMNS + column) * QUADRANTS + quadrant)
