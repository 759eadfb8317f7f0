"""Slow, obvious twins of what the map works out with arrays."""

from __future__ import annotations

import math


def on_turn_of(x, around):
    """The meridian x, of all turns around the globe the nearest to `around`."""
    return min((x + turn for turn in range(-3, 4)), key=lambda one: abs(one - around))


def inside(xs, ys, box):
    middle = (box.west + box.east) / 2
    found = []
    for index, (x, y) in enumerate(zip(xs, ys, strict=True)):
        if box.west <= on_turn_of(x, middle) <= box.east and box.south <= y <= box.north:
            found.append(index)
    return found


def seen(stretches, box):
    middle = (box.west + box.east) / 2
    found = []
    for x0, y0, x1, y1 in stretches:
        shift = on_turn_of(x0, middle) - x0
        west, east = sorted((x0 + shift, x1 + shift))
        south, north = sorted((y0, y1))
        if not (east < box.west or west > box.east or north < box.south or south > box.north):
            found.append((x0 + shift, y0, x1 + shift, y1))
    return found


def grouped(xs, ys, weights, width):
    """Members of each square that holds any, the weightiest first (of equals the first)."""
    squares = {}
    for index, (x, y) in enumerate(zip(xs, ys, strict=True)):
        squares.setdefault((math.floor(x / width), math.floor(y / width)), []).append(index)
    return {square: sorted(members, key=lambda at: -weights[at]) for square, members in squares.items()}


def away_from_stretch(point, one, other):
    """Distance of a point from the nearest of the stretch, by looking at many of its points and at the foot of the plumb line."""
    (px, py), (x0, y0), (x1, y1) = point, one, other
    length = math.dist(one, other)
    if length < 1e-9:
        return math.dist(point, one)
    along = ((px - x0) * (x1 - x0) + (py - y0) * (y1 - y0)) / length / length
    along = min(max(along, 0.0), 1.0)
    return math.dist(point, (x0 + along * (x1 - x0), y0 + along * (y1 - y0)))


def kept(points, within):
    """Douglas and Peucker's own words, as they are usually written down."""
    if len(points) < 3:
        return list(points)
    away = [away_from_stretch(point, points[0], points[-1]) for point in points[1:-1]]
    furthest = max(range(len(away)), key=away.__getitem__)
    if away[furthest] <= within:
        return [points[0], points[-1]]
    return kept(points[: furthest + 2], within)[:-1] + kept(points[furthest + 1 :], within)
