"""Positions in local metres and angles on the circle. Never cluster or average degrees."""

from __future__ import annotations

import numpy as np
import pyproj

from detection.trace import Floats

EARTH_RADIUS_M = 6_371_008.8  # mean radius, IUGG


class LocalMetres:
    """A transverse Mercator plane around one place (pyproj, WGS 84): distances within 100 km of it are true to 0.02 %."""

    def __init__(self, latitude_deg: float, longitude_deg: float) -> None:
        # a Proj, not a Transformer between two CRS: a hundred times cheaper to make, and one is made for every trip
        self._to = pyproj.Proj(proj="tmerc", lat_0=latitude_deg, lon_0=longitude_deg, k=1.0, ellps="WGS84", units="m")

    def to_xy(self, latitude_deg: Floats, longitude_deg: Floats) -> tuple[Floats, Floats]:
        """East and north in metres, each of the shape given."""
        x, y = self._to(longitude_deg, latitude_deg)
        return np.asarray(x, np.float64), np.asarray(y, np.float64)

    def to_degrees(self, x_m: Floats, y_m: Floats) -> tuple[Floats, Floats]:
        """Latitude and longitude in degrees."""
        longitude, latitude = self._to(x_m, y_m, inverse=True)
        return np.asarray(latitude, np.float64), np.asarray(longitude, np.float64)

    @classmethod
    def around(cls, latitude_deg: Floats, longitude_deg: Floats) -> LocalMetres:
        """Centred on the mean direction of the places, so that a scene across ±180° stays one scene."""
        lat, lon = np.radians(latitude_deg), np.radians(longitude_deg)
        x, y, z = (np.cos(lat) * np.cos(lon)).mean(), (np.cos(lat) * np.sin(lon)).mean(), np.sin(lat).mean()
        return cls(float(np.degrees(np.arctan2(z, np.hypot(x, y)))), float(np.degrees(np.arctan2(y, x))))


def on_globe(latitude_deg: Floats, longitude_deg: Floats) -> Floats:
    """(n, 3) m: straight distances over a few hundred metres are true everywhere, date line and poles included."""
    lat, lon = np.radians(latitude_deg), np.radians(longitude_deg)
    return np.asarray(EARTH_RADIUS_M * np.c_[np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)])


def turn_deg(from_deg: Floats, to_deg: Floats) -> Floats:
    """Smallest turn between two headings, degrees in [-180, 180)."""
    return np.asarray((to_deg - from_deg + 180.0) % 360.0 - 180.0)


def heading_of(east: Floats, north: Floats) -> Floats:
    """Degrees clockwise from north of a displacement, in [0, 360)."""
    return np.asarray(np.degrees(np.arctan2(east, north)) % 360.0)


def steps_m(latitude_deg: Floats, longitude_deg: Floats) -> Floats:
    """Distances (m − 1,) between consecutive places on the sphere: 0.5 % at worst, enough to tell a leap from a drive."""
    lat, lon = np.radians(latitude_deg), np.radians(longitude_deg)
    half = np.sin(np.diff(lat) / 2) ** 2 + np.cos(lat[:-1]) * np.cos(lat[1:]) * np.sin(np.diff(lon) / 2) ** 2
    return np.asarray(2.0 * EARTH_RADIUS_M * np.arcsin(np.sqrt(np.minimum(half, 1.0))))
