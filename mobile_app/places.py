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
    """places.json in the folder of the outbox. added: nothing in these is ever sent. ends: where earlier trips ended."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / "places.json"
        held = durable.read_json(self._path) or {}
        self.added, self.ends = (_cells(held.get(name)) for name in ("added", "ends"))

    def add(self, latitude: float, longitude: float, rules: Ends | None = None) -> None:
        """From now on nothing is sent of this place's cell and the margin around it, whether or not a trip ends there."""
        cell = cell_of(latitude, longitude, (rules or Ends()).cell_m)
        self.added = [*(one for one in self.added if one != cell), cell]
        self._write()

    def forget_ends(self) -> None:
        """Where earlier trips ended; places that a person added stay."""
        if self.ends:
            self.ends = []
            self._write()

    def remember(self, ends: Iterable[Cell]) -> None:
        """Cells that trips ended in, on the disk on return."""
        new = sorted(set(ends))
        if not set(new) <= set(self.ends):
            self.ends = [*(cell for cell in self.ends if cell not in new), *new][-MOST_ENDS:]
            self._write()

    def _write(self) -> None:
        durable.write_json(self._path, {"added": self.added, "ends": self.ends})


def _cells(told: Any) -> list[Cell]:
    return [Cell(float(size_m), int(row), int(column)) for size_m, row, column in told or ()]
