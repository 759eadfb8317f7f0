"""The option `--assets FILE` of several commands: a city's own list of castings, humps and crossings."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:  # at run time late: a mistyped option need not wait for scipy
    from detection.assets import Assets

TOLD = 10  # lines about what is left out; a wrong column would fill the screen

KnownAssets = Annotated[
    Path | None,
    typer.Option(
        "--assets",
        metavar="FILE",
        help="Known castings, humps and rail crossings (.geojson, .csv): joined, not rediscovered. E.g. --assets humps.geojson",
        show_default=False,
    ),
]


def read_telling(path: Path | None) -> tuple[Assets, int]:
    """The assets of a file, none without one, and how many things in it were left out: each is told on stderr.

    Raises UnreadableAssets, OSError.
    """
    from detection.asset_files import read_assets
    from detection.assets import Assets
    from ingest.commands.screen import complain

    if path is None:
        return Assets.empty(), 0
    held = read_assets(path)
    for error in held.left_out[:TOLD]:
        complain(str(error))
    if len(held.left_out) > TOLD:
        complain(f"{path}: {len(held.left_out) - TOLD} more left out; mend these first")
    return held.assets, len(held.left_out)
