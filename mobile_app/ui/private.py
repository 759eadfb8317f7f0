"""The private places of a person, told so that they know which is which: how far and in which direction from here."""

from __future__ import annotations

import math
from dataclasses import dataclass

from mobile_app.privacy import Cell, cell_of
from mobile_app.privacy.cells import METRES_PER_DEGREE, middle_of
from mobile_app.status import Status
from mobile_app.ui import words
from mobile_app.ui.words import N_, _

_DIRECTIONS = (
    N_("north"),
    N_("north-east"),
    N_("east"),
    N_("south-east"),
    N_("south"),
    N_("south-west"),
    N_("west"),
    N_("north-west"),
)


@dataclass(frozen=True)
class Private:
    cell: Cell
    said: str


def told(cells: list[Cell], status: Status) -> list[Private]:
    """In the order they were added."""
    return [Private(cell, f"{number}. {_where(cell, status)}") for number, cell in enumerate(cells, 1)]


def _where(cell: Cell, status: Status) -> str:
    latitude, longitude = middle_of(cell)
    if status.latitude is None or status.longitude is None:
        return _("Around {latitude}, {longitude}").format(
            latitude=words.number(latitude, 2), longitude=words.number(longitude, 2)
        )
    if cell_of(status.latitude, status.longitude, cell.size_m) == cell:
        return _("Here")
    north = (latitude - status.latitude) * METRES_PER_DEGREE
    turn = (longitude - status.longitude + 180.0) % 360.0 - 180.0
    east = turn * METRES_PER_DEGREE * math.cos(math.radians(latitude))
    direction = _DIRECTIONS[round(math.degrees(math.atan2(east, north)) / 45.0) % 8]
    km = words.distance(math.hypot(north, east) / 1000.0)
    return _("{km} km to the {direction}").format(km=km, direction=_(direction))
