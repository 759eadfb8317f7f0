"""A day's work: stops chosen, ordered and timed, as GeoJSON and as GPX.

Pure but for the solver's clock: rows of defects and streets in, documents out.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import gpxpy.gpx
import numpy as np

from ingest.street_graph import Distances, Line, distances
from ingest.touring import Plan, plan

USUAL_MPS = 30 / 3.6  # across a town with lights and turns; streets are known by how they are driven, not by their limits

Place = tuple[float, float]  # latitude, longitude, degrees


@dataclass(frozen=True)
class Asked:
    """start and depot: where crews begin, and must end (None: at their last stop). hours: of work, None as long as it takes."""

    start: Place
    depot: Place | None = None
    crews: int = 1
    hours: float | None = None
    minutes: float = 15.0  # at each stop


@dataclass(frozen=True, eq=False)
class Tour:
    """The stops' features, an order of them for each crew, and what leads from one to the next."""

    asked: Asked
    stops: Sequence[Mapping[str, Any]]
    plan: Plan
    known: Distances

    def places(self, route: Sequence[int]) -> list[int]:
        """Numbers in `known` of a crew's places: the start, its stops, the depot where there is one."""
        end = [len(self.stops) + 1] if self.asked.depot and route else []
        return [0, *(1 + stop for stop in route), *end]


def make_tour(stops: Sequence[Mapping[str, Any]], worth: Sequence[float], lines: Sequence[Line], asked: Asked) -> Tour:
    """The best tour found of these GeoJSON points. lines: known streets around them, longitude and latitude."""
    ends = [asked.depot] if asked.depot else []
    places = [(asked.start[1], asked.start[0]), *(stop["geometry"]["coordinates"] for stop in stops)]
    known = distances(lines, np.array([*places, *((end[1], end[0]) for end in ends)], np.float64))
    shift_s = None if asked.hours is None else asked.hours * 3600.0
    made = plan(known.metres / USUAL_MPS, asked.minutes * 60.0, worth, crews=asked.crews, shift_s=shift_s, ends=bool(ends))
    return Tour(asked, stops, made, known)


def as_geojson(tour: Tour) -> dict[str, Any]:
    """A FeatureCollection: for each crew its stops in order, then the way as a line; `crews` sums them up for a print sheet."""
    crews = [_crew(tour, number, route) for number, route in enumerate(tour.plan.routes, 1)]
    return {
        "type": "FeatureCollection",
        "features": [feature for features, _ in crews for feature in features],
        "crews": [summary for _, summary in crews],
        "left_out": [tour.stops[stop]["id"] for stop in tour.plan.left_out],
        "start": _point(tour.asked.start),
        "depot": _point(tour.asked.depot) if tour.asked.depot else None,
        "speed": round(USUAL_MPS, 2),
        "minutes": tour.asked.minutes,
    }


def as_gpx(tour: Tour) -> str:
    """A route to follow, a track to see and a waypoint for each stop, of each crew."""
    gpx = gpxpy.gpx.GPX()
    gpx.creator, gpx.name = "Cahot", "Work list"
    for number, route in enumerate(tour.plan.routes, 1):
        if not route:
            continue
        name = f"Crew {number}" if len(tour.plan.routes) > 1 else "Tour"
        led, way = gpxpy.gpx.GPXRoute(name=name), gpxpy.gpx.GPXTrackSegment()
        for order, stop in enumerate(route, 1):
            led.points.append(gpxpy.gpx.GPXRoutePoint(**_gpx_place(tour.stops[stop], order)))
            gpx.waypoints.append(gpxpy.gpx.GPXWaypoint(**_gpx_place(tour.stops[stop], order)))
        for longitude, latitude in _way(tour, tour.places(route)):
            way.points.append(gpxpy.gpx.GPXTrackPoint(latitude, longitude))
        gpx.routes.append(led)
        gpx.tracks.append(gpxpy.gpx.GPXTrack(name=name))
        gpx.tracks[-1].segments.append(way)
    return str(gpx.to_xml())


def _crew(tour: Tour, crew: int, route: Sequence[int]) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """Its features and its summary; seconds count from leaving the start."""
    places, features, at_s, driven_m = tour.places(route), [], 0.0, 0.0
    work_s = tour.asked.minutes * 60.0
    for order, (before, here) in enumerate(itertools.pairwise(places), 1):
        leg_m = float(tour.known.metres[before, here])
        at_s, driven_m = at_s + leg_m / USUAL_MPS, driven_m + leg_m
        if here <= len(tour.stops):
            stop = tour.stops[here - 1]
            told = {"crew": crew, "order": order, "leg": round(leg_m), "by_street": bool(tour.known.by_street[before, here])}
            features.append({**stop, "properties": stop["properties"] | told | {"arrive": round(at_s)}})
            at_s += work_s
    summary = {"crew": crew, "stops": [tour.stops[stop]["id"] for stop in route], "distance": round(driven_m)}
    summary |= {"driving": round(driven_m / USUAL_MPS), "working": round(len(route) * work_s), "duration": round(at_s)}
    if route:
        line = {"type": "LineString", "coordinates": _way(tour, places)}
        told = {"crew": crew, "distance": round(driven_m), "duration": round(at_s)}
        features.append({"type": "Feature", "geometry": line, "properties": told})
    return features, summary


def _way(tour: Tour, places: Sequence[int]) -> list[list[float]]:
    legs = [tour.known.way(before, here) for before, here in itertools.pairwise(places)]
    whole = [corner for leg in legs for corner in leg]
    return [corner for number, corner in enumerate(whole) if number in (0, len(whole) - 1) or corner != whole[number - 1]]


def _gpx_place(stop: Mapping[str, Any], order: int) -> dict[str, Any]:
    longitude, latitude = stop["geometry"]["coordinates"]
    of = stop["properties"]
    text = f"{of['id']}: severity {of['severity']}, {of['status']}, ± {of['radius']} m"
    heading = "" if of["heading"] is None or math.isnan(of["heading"]) else f", heading {of['heading']:.0f}°"
    return {"latitude": latitude, "longitude": longitude, "name": f"{order} {of['kind']}", "description": text + heading}


def _point(place: Place) -> dict[str, Any]:
    return {"type": "Point", "coordinates": [place[1], place[0]]}
