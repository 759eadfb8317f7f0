"""The command from its options to the app's processes."""

from __future__ import annotations

import contextlib
import secrets
import socket
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ingest.commands.screen import WrongUsage, say

if TYPE_CHECKING:
    from mobile_app.choices import Choices

FAST = 20.0  # without a window nobody watches

Recordings = Annotated[
    list[str] | None, typer.Argument(metavar="[PATH]...", help="Recordings as `cahot detect` reads them.", show_default=False)
]
Server = Annotated[
    str | None, typer.Option("--server", metavar="URL", help="Default: one of its own, gone at the end.", show_default=False)
]
Speed = Annotated[
    float | None,
    typer.Option("--speed", metavar="X", min=0.1, max=100, help="Default 1; 20 without a window.", show_default=False),
]
SensorLogger = Annotated[
    int | None,
    typer.Option(
        "--sensor-logger",
        metavar="PORT",
        min=0,
        max=65535,
        help="Not a recording: a phone that pushes to this port with the Sensor Logger app.",
        show_default=False,
    ),
]
HomeFolder = Annotated[
    Path | None,
    typer.Option("--home", metavar="DIR", help="The app's folder; default: one that is gone at the end.", show_default=False),
]
NoWindow = Annotated[bool, typer.Option("--no-window", help="No screens: record, send, print what the server found.")]


def phone(
    paths: Recordings = None,
    server: Server = None,
    speed: Speed = None,
    sensor_logger: SensorLogger = None,
    home: HomeFolder = None,
    no_window: NoWindow = False,
) -> None:
    """Open the phone app on this machine: it records a replayed or a simulated drive and sends it to a server.

    The window asks for consent as on a phone; with --no-window the command consents for itself. What lies around the ends of a
    drive is withheld, half a kilometre and more: of a short one nothing may be left.

    Example: cahot phone drive.zip --no-window
    """
    from ingest.commands.demo.stage import staged
    from ingest.commands.phone.taping import tape_of

    if sensor_logger is not None and (paths or speed):
        raise WrongUsage("--sensor-logger takes what a phone pushes: leave PATH and --speed out")
    pace = speed or (FAST if no_window else 1.0)
    with contextlib.ExitStack() as ends:
        folder = Path(ends.enter_context(tempfile.TemporaryDirectory(prefix="cahot-phone-")))
        tape = tape_of(paths or [], folder / "tape") if sensor_logger is None else None
        address = server or ends.enter_context(staged(0)).address.rstrip("/")
        source = tape.spec(pace, time.time()) if tape else _listening(sensor_logger or 0)
        if no_window:
            _record(home or folder / "home", address, source, tape.lasts_s(pace) if tape else None)
        else:
            _show(home or folder / "home", address, source)


def _show(home: Path, server: str, source: str) -> None:
    from ingest.commands.phone.processes import open_screens

    say(f"The app sends to {server}; close its window to end.")
    code = open_screens(home, server, source)
    if code:
        raise typer.Exit(1)


def _record(folder: Path, server: str, source: str, tape_s: float | None) -> None:
    from ingest.commands.phone.processes import recorder, wait_until_sent
    from ingest.commands.phone.verdict import show_verdict
    from ingest.commands.screen import Legs
    from mobile_app.choices import load_choices, save_choices
    from mobile_app.home import Home

    home, began = Home(folder), time.monotonic()
    save_choices(home.choices, _agreed(load_choices(home.choices), server))
    with recorder(folder, source) as process:
        if tape_s is None:
            say("Recording until Ctrl-C.")
            process.wait()
            return
        with Legs({"playing": 100}) as legs:
            played = wait_until_sent(
                home, process, tape_s, lambda _: legs.show("playing", min(100, int((time.monotonic() - began) / tape_s * 100)))
            )
        if not played:
            say("No trip was recorded: nothing in it looked like driving for long enough.")
            return
        show_verdict(home, played)


def _agreed(choices: Choices, server: str) -> Choices:
    return replace(choices.agree(time.time()), server_url=server, wifi_only=False)


def _listening(port: int) -> str:
    """The source that waits for a phone, whose owner is told the address to push to."""
    key = secrets.token_urlsafe(6)
    chosen = port or _free_port()
    url = f"http://{_own_address()}:{chosen}/{key}"
    say(f"Sensor Logger's push URL: {url}   (docs/start-with-sensor-logger.md says what to switch on in the app)")
    return f"sensor-logger:{chosen}?key={key}"


def _own_address() -> str:
    """Of this machine in its network; nothing is sent to find it out."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # TEST-NET: routed like any other, answered by nobody
        except OSError:
            return "127.0.0.1"
        return str(probe.getsockname()[0])


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("", 0))
        return int(one.getsockname()[1])
