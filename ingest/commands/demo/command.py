"""The demo from beginning to end."""

from __future__ import annotations

import os
import sys
import webbrowser
from typing import Annotated

import typer

from ingest.commands.serving import PORT, Port

CELL_M = 100.0  # the city is 1 km wide
TRIPS = 60  # enough for most defects to be passed by three devices; under a minute on two cores

Trips = Annotated[int, typer.Option("--trips", metavar="N", min=1, max=5000, help="Drives to simulate.")]
Cell = Annotated[
    float,
    typer.Option(
        "--cell",
        metavar="M",
        min=0,
        max=65535,
        help="Withhold the ends of trips by cells of this size; 500 on real phones, where this little city would vanish. "
        "0 sends them whole.",
    ),
]
NoBrowser = Annotated[bool, typer.Option("--no-browser", help="Do not open the map.")]


def demo(port: Port = PORT, trips: Trips = TRIPS, no_browser: NoBrowser = False, cell: Cell = CELL_M) -> None:
    """Show the whole system on this machine: cars drive, phones record, a server finds the defects. Runs until Ctrl-C.

    Example: cahot demo --trips 30 --port 8899
    """
    from ingest.commands.demo.driving import drive_all
    from ingest.commands.demo.stage import staged
    from ingest.commands.demo.verdict import show_verdict
    from ingest.commands.ends import ends_of
    from ingest.commands.screen import say

    ends = ends_of(cell)
    with staged(port) as stage:
        say(f"The map is at {stage.address} and fills while the cars drive.")
        say(f"What crews do there, try signed in by this link, once and soon: {stage.admin_link}")
        if not no_browser and _has_a_screen():
            webbrowser.open(stage.address)
        driven = drive_all(stage, trips, ends)
        show_verdict(stage, driven)
        say(f"The map stays at {stage.address} until Ctrl-C, which stops everything and removes what was stored.")
        stage.wait()


def _has_a_screen() -> bool:
    """On Linux without one, `webbrowser` would fill the terminal with a text browser."""
    return not sys.platform.startswith("linux") or bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
