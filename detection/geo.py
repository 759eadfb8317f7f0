"""Positions in local metres and angles on the circle. Never cluster or average degrees."""

from __future__ import annotations

import numpy as np
import pyproj

from detection.trace import Floats

EARTH_RADIUS_M = 6_371_008.8  # mean radius, IUGG
SEMI_MAJOR_M = 6_378_137.0  # WGS 84 (EPSG:7030)
FLATTENING = 1.0 / 298.257223563
PIECE = 1 << 14  # places: they stay in a processor's cache from one step to the next
ECCENTRICITY_2 = FLATTENING * (2.0 - FLATTENING)  # squared


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
        longitude, latitude = (np.array(column, np.float64) for column in self._to(x_m, y_m, inverse=True))
        beyond = np.abs(longitude) > 180.0  # on the way to a fix at the other side of the globe
        longitude[beyond] = turn_deg(np.zeros(int(beyond.sum())), longitude[beyond])
        return latitude, longitude

    @classmethod
    def around(cls, latitude_deg: Floats, longitude_deg: Floats, round_deg: float | None = None) -> LocalMetres:
        """Centred on the mean direction of the places, so that a scene across ±180° stays one scene.

        round_deg: to whole multiples of so many degrees, so that one place more or less seldom makes it another plane.
        """
        lat, lon = np.radians(latitude_deg), np.radians(longitude_deg)
        x, y, z = (np.cos(lat) * np.cos(lon)).mean(), (np.cos(lat) * np.sin(lon)).mean(), np.sin(lat).mean()
        centre = np.degrees(np.arctan2(z, np.hypot(x, y))), np.degrees(np.arctan2(y, x))
        if round_deg is not None:
            centre = tuple(np.round(np.array(centre) / round_deg) * round_deg)
        return cls(float(centre[0]), float(centre[1]))


class TangentPlane:
    """East and north in metres on the plane that touches the ellipsoid at one place.

    Within 2 km of it distances are true to 1e-7: enough for a tile, and thirty times cheaper than a projection.
    """

    def __init__(self, latitude_deg: float, longitude_deg: float) -> None:
        lat, lon = np.radians(latitude_deg), np.radians(longitude_deg)
        self._origin = on_globe(np.array([latitude_deg]), np.array([longitude_deg]))[0]
        self._east = np.array([-np.sin(lon), np.cos(lon), 0.0])
        self._north = np.array([-np.sin(lat) * np.cos(lon), -np.sin(lat) * np.sin(lon), np.cos(lat)])

    @classmethod
    def under(cls, globe_m: Floats) -> TangentPlane:
        """Touching the ellipsoid below or above a place (3,) in geocentric metres."""
        latitude, longitude = from_globe(globe_m[None])
        return cls(float(latitude[0]), float(longitude[0]))

    def of_globe(self, globe_m: Floats) -> tuple[Floats, Floats]:
        """East and north (n,) of places (n, 3) in geocentric metres."""
        # axis by axis: a matrix product may round differently with the number of rows
        gap = [globe_m[:, axis] - self._origin[axis] for axis in range(3)]
        x, y = (sum(g * float(v) for g, v in zip(gap, way, strict=True)) for way in (self._east, self._north))
        return np.asarray(x), np.asarray(y)

    def to_degrees(self, x_m: Floats, y_m: Floats) -> tuple[Floats, Floats]:
        """Latitude and longitude in degrees."""
        return from_globe(self._origin + x_m[:, None] * self._east + y_m[:, None] * self._north)


def on_globe(latitude_deg: Floats, longitude_deg: Floats) -> Floats:
    """Geocentric metres (n, 3) of places on the WGS 84 ellipsoid: a space without date line, poles or seams."""
    out = np.empty((len(latitude_deg), 3))
    for start in range(0, len(out), PIECE):
        piece = slice(start, start + PIECE)
        lat, lon = np.radians(latitude_deg[piece]), np.radians(longitude_deg[piece])
        up, flat = np.sin(lat), np.cos(lat)
        normal = SEMI_MAJOR_M / np.sqrt(1.0 - ECCENTRICITY_2 * up**2)
        out[piece, 0] = normal * flat * np.cos(lon)
        out[piece, 1] = normal * flat * np.sin(lon)
        out[piece, 2] = normal * (1.0 - ECCENTRICITY_2) * up
    return out


def from_globe(globe_m: Floats) -> tuple[Floats, Floats]:
    """Latitude and longitude in degrees of places (n, 3) near the ellipsoid (Bowring 1976: 1e-9 deg within 10 km of it)."""
    x, y, z = globe_m.T
    out_m = np.hypot(x, y)  # from the axis
    semi_minor_m = SEMI_MAJOR_M * (1.0 - FLATTENING)
    reduced = np.arctan2(z * SEMI_MAJOR_M, out_m * semi_minor_m)
    lift = ECCENTRICITY_2 / (1.0 - ECCENTRICITY_2) * semi_minor_m * np.sin(reduced) ** 3
    latitude = np.arctan2(z + lift, out_m - ECCENTRICITY_2 * SEMI_MAJOR_M * np.cos(reduced) ** 3)
    return np.degrees(latitude), np.degrees(np.arctan2(y, x))


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
