"""`cahot import`: recordings made by other apps, sent to a server the way a phone sends its own."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ingest.commands.detect import Columns, Recordings
from ingest.commands.screen import UnusableInput, complain, progress, say
from ingest.commands.serving import LOCAL_SERVER

if TYPE_CHECKING:
    from detection import Trace
    from mobile_app.privacy import Ends

PATIENCE_S = 60.0  # a server that is busy or restarting for longer will not be waited for

Server = Annotated[str, typer.Option("--server", metavar="URL", help="Where to send them.")]
Token = Annotated[
    str | None,
    typer.Option("--token", metavar="TOKEN", envvar="CAHOT_TOKEN", help="Of a device; default: this machine registers once."),
]
Code = Annotated[
    str | None,
    typer.Option(
        "--code", metavar="CODE", envvar="CAHOT_CODE", help="To register with, where the city asks for one.", show_default=False
    ),
]
StartedAt = Annotated[
    datetime | None,
    typer.Option(
        "--started-at",
        metavar="UTC",
        formats=["%Y-%m-%dT%H:%M:%SZ", "%Y-%m-%dT%H:%M:%S"],
        help="When recordings without a clock began, as 2026-05-04T07:12:00Z.",
        show_default=False,
    ),
]
Cell = Annotated[
    float,
    typer.Option(
        "--cell",
        metavar="M",
        min=0,
        max=65535,
        help="Withhold the ends of each trip by cells of this size, as phones do by 500; 0 sends recordings whole.",
    ),
]


def send(
    paths: Recordings,
    server: Server = LOCAL_SERVER,
    token: Token = None,
    code: Code = None,
    started_at: StartedAt = None,
    columns: Columns = None,
    cell: Cell = 0.0,
) -> None:
    """Send recordings made by other apps to a server; what it has already is not stored twice.

    What is sent from here counts as one device, except where a recording names its own. Recordings of people's own drives show
    where they live: give --cell 500.

    Example: cahot import drives/ --server https://cahot.example.org --cell 500
    """
    from detection.readers import read_all
    from ingest.commands.ends import ends_of
    from ingest.commands.surveying import columns_of

    sender, failed = Sender(server, token, code, ends_of(cell)), 0
    begin = started_at.replace(tzinfo=UTC) if started_at else None
    with progress() as bars:
        task = bars.add_task("trips", total=None)
        for found in read_all(paths, columns=columns_of(columns)):
            failed += not sender.send(found, begin)
            bars.advance(task)
    say(f"{sender.trips} trips sent to {server}, {sender.chunks} chunks, {sender.sent_bytes / 1e6:.1f} MB")
    if sender.vanished:
        say(f"{sender.vanished} further trips lay within what --cell withholds; nothing of them was sent")
    elif not cell:
        say("sent whole, where they began and ended included; --cell 500 withholds that")
    if failed:
        raise typer.Exit(1)


class Sender:
    """Sends traces one by one and counts what the server took. token: of one device for all, None: registered ones, by `code`.

    ends: how the ends of trips are withheld, None: not at all. vanished: trips of which nothing was left to send.
    """

    def __init__(self, server: str, token: str | None, code: str | None = None, ends: Ends | None = None) -> None:
        self.trips = self.chunks = self.sent_bytes = self.vanished = 0
        self._server, self._token, self._code, self._ends = server, token, code, ends

    def send(self, found: Trace | Exception, begin: datetime | None) -> bool:
        """Whether the server has the whole trip; if not, one line on stderr says why. Raises UnusableInput without a server."""
        from detection import CahotError

        try:
            if isinstance(found, Exception):
                raise found
            self._send(replace(found, started_at=found.started_at or begin))
        except CahotError as error:
            complain(str(error))
            return False
        return True

    def _send(self, trace: Trace) -> None:
        from ingest.commands.replaying import Unimportable, replay, trip_id_of
        from mobile_app.outbox import Outbox
        from mobile_app.uploader import Uploader

        source = trace.provenance.source or trace.trip_id
        with tempfile.TemporaryDirectory(prefix="cahot-import-") as folder:
            outbox = Outbox(folder)
            if not replay(trace, outbox, trip_id_of(trace), self._ends):
                self.vanished += 1
                return
            token = self._token or token_for(self._server, trace.device, self._code)
            done = Uploader(outbox, self._server, token).run(PATIENCE_S)
        self.chunks, self.sent_bytes = self.chunks + done.sent, self.sent_bytes + done.sent_bytes
        if not done.done:
            raise UnusableInput(f"{source}: {done.why}")
        if done.refused or done.stuck or not done.closed:
            why = done.refused[0][2] if done.refused else (*done.stuck, "the trip was deleted on the server")[0]
            raise Unimportable(source, f"the server did not take it ({why})", "the others go on")
        self.trips += 1


def token_for(server: str, device: str | None, code: str | None = None) -> str:
    """The token of this machine at that server (or of the device that a recording names), registered on first use.

    Kept with mode 0600 below the user's data folder. Raises UnusableInput.
    """
    from mobile_app.credentials import (
        Credentials,
        RegistrationFailed,
        UnusableCredentials,
        load_credentials,
        register,
        save_credentials,
    )

    path = _credentials_of(server, device)
    try:
        if path.exists():
            return load_credentials(path).token
        device_id, token = register(server, code)
    except (RegistrationFailed, UnusableCredentials) as error:
        raise UnusableInput(str(error)) from error
    save_credentials(path, Credentials(server, device_id, token))
    return token


def _credentials_of(server: str, device: str | None) -> Path:
    from hashlib import sha256

    from ingest.settings import default_data

    name = sha256(f"{server.rstrip('/')} {device or ''}".encode()).hexdigest()[:24]
    return default_data() / "sending-as" / f"{name}.json"
