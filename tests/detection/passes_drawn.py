"""Trips along lines that a test draws, in metres around one place: exact tracks, without any sensor."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from detection import Survey, Track
from detection.geo import LocalMetres, heading_of
from detection.jolts import Jolts
from detection.trace import Floats

SPACING_M = 10.0
HOME = (48.137, 11.575)


def trip(
    name: str,
    corners: Sequence[tuple[float, float]],
    speed_at: Callable[[Floats], Floats] = lambda way: np.full(len(way), 10.0),
    device: str | None = None,
    home: tuple[float, float] = HOME,
    turned_deg: float = 0.0,
) -> Survey:
    """One trip from corner to corner, (east, north) in m; speed_at: m/s by metres driven; the drawing turned clockwise."""
    at = np.array(corners, np.float64)
    turn = np.radians(turned_deg)
    at = at @ np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    gone = np.r_[0.0, np.cumsum(np.hypot(*np.diff(at, axis=0).T))]
    way = np.arange(0.0, gone[-1], SPACING_M)
    x, y = (np.interp(way, gone, column) for column in at.T)
    speed = np.asarray(speed_at(way), np.float64)
    latitude, longitude = LocalMetres(*home).to_degrees(x, y)
    t_s = np.r_[0.0, np.cumsum(SPACING_M / np.maximum((speed[1:] + speed[:-1]) / 2, 0.5))]
    heading = heading_of(np.gradient(x), np.gradient(y))
    track = Track(t_s, latitude, longitude, heading, speed, np.full(len(way), 0.4), np.ones(len(way)))
    return Survey(name, device or name, np.nan, Jolts.empty(), track)
