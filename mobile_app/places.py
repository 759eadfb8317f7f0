"""The cells that this phone keeps to itself: of places its person added, and of the ends of earlier trips.

Cells, not places: who takes the file learns no more than who has the trips.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from mobile_app import durable
from mobile_app.privacy import Cell, Ends, cell_of

MOST_ENDS = 1000  # the oldest are forgotten first: a taxi ends in many places, and only those it comes back to matter


class Places:
    """In the folder of the outbox. added: nothing in these is ever sent. ends: where earlier trips ended.

    Two files, since two processes write: private.json, of what was added, is the screens', places.json the recorder's. In one
    file, an end remembered from before could undo a place that was added meanwhile.
    """

    def __init__(self, folder: Path) -> None:
        self._added_path, self._ends_path = folder / "private.json", folder / "places.json"
        self.added = _cells((durable.read_json(self._added_path) or {}).get("added"))
        self.ends = _cells((durable.read_json(self._ends_path) or {}).get("ends"))

    def add(self, latitude: float, longitude: float, rules: Ends | None = None) -> None:
        """From now on nothing is sent of this place's cell and the margin around it, whether or not a trip ends there."""
        cell = cell_of(latitude, longitude, (rules or Ends()).cell_m)
        self._write_added([*(one for one in self.added if one != cell), cell])

    def remove(self, cell: Cell) -> None:
        """Trips that pass there from now on are sent again; those that ended there are still cut."""
        self._write_added([one for one in self.added if one != cell])

    def forget_ends(self) -> None:
        """Where earlier trips ended; places that a person added stay."""
        if self.ends:
            self._write_ends([])

    def remember(self, ends: Iterable[Cell]) -> None:
        """Cells that trips ended in, on the disk on return."""
        new = sorted(set(ends))
        if not set(new) <= set(self.ends):
            self._write_ends([*(cell for cell in self.ends if cell not in new), *new][-MOST_ENDS:])

    def _write_added(self, cells: list[Cell]) -> None:
        durable.make_folder(self._added_path.parent)
        durable.write_json(self._added_path, {"added": cells})
        self.added = cells

    def _write_ends(self, cells: list[Cell]) -> None:
        durable.write_json(self._ends_path, {"ends": cells})
        self.ends = cells


def _cells(told: Any) -> list[Cell]:
    return [Cell(float(size_m), int(row), int(column)) for size_m, row, column in told or ()]
