"""`--cell`: how the ends of trips are withheld, as commands are told it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mobile_app.privacy import Ends

SMALLEST_M = 10.0


def ends_of(cell_m: float) -> Ends | None:
    """The rules by cells of this size; None for 0, which withholds nothing. Raises WrongUsage."""
    from ingest.commands.screen import WrongUsage
    from mobile_app.privacy import Ends

    if cell_m == 0:
        return None
    if cell_m < SMALLEST_M:
        raise WrongUsage(f"--cell {cell_m:g}: give at least {SMALLEST_M:g} m, or 0 to send trips whole")
    return Ends.of_cell(cell_m)
