"""`cahot codes`, `cahot devices`, `cahot audit`: who may enrol, which devices there are, and what was done."""

from __future__ import annotations

import time
from typing import Annotated

import typer

from ingest.commands.installation import opened
from ingest.commands.screen import UnusableInput, say
from ingest.commands.serving import Data, Database

DAY_S = 86_400.0

codes = typer.Typer(help="Codes that devices enrol with, where the server was told to ask for them.")
devices = typer.Typer(help="The devices that have enrolled.")
audit = typer.Typer(help="The log of who did what: append-only, chained by hashes.")

Uses = Annotated[int, typer.Option("--uses", metavar="N", min=1, max=100_000, help="How many devices it enrols.")]
Days = Annotated[int, typer.Option("--days", metavar="D", min=1, max=3650, help="How long it is good.")]
DeviceId = Annotated[str, typer.Argument(metavar="ID", show_default=False)]
Head = Annotated[
    str | None,
    typer.Option("--head", metavar="SHA256", help="A head printed earlier, which must be in the log.", show_default=False),
]


@codes.command("add")
def add_code(uses: Uses = 1, days: Days = 7, data: Data = None, database: Database = "") -> None:
    """Print a new enrolment code.

    Example: cahot codes add --uses 20 --days 30
    """
    from ingest.store import audit as log
    from ingest.store import devices as store_of_devices

    with opened(data, database, new=True) as store, store.database.write() as session:
        told = f"{uses} uses, {days} days"
        log.append(session, time.time(), log.Deed(log.OPERATOR), "code.add", "code", None, told)
        print(store_of_devices.add_code(session, time.time(), uses, days * DAY_S))
    say(f"enrols {uses} device{'s' if uses > 1 else ''} within {days} days; shown this once")


@devices.command("list")
def list_devices(data: Data = None, database: Database = "") -> None:
    """Print the devices: when they enrolled, the day of their last use, how many trips they sent.

    Example: cahot devices list
    """
    import pandas as pd

    from ingest.api.geojson import day, moment
    from ingest.commands.screen import show
    from ingest.store import devices as store_of_devices

    with opened(data, database) as store, store.database.read() as session:
        held = store_of_devices.known(session)
    rows = [(d.device_id, moment(d.created_at), day(d.last_used), d.trips, moment(d.revoked_at)) for d in held]
    show(pd.DataFrame(rows, columns=["device", "enrolled", "last used", "trips", "revoked"]))


@devices.command("revoke")
def revoke(device_id: DeviceId, data: Data = None, database: Database = "") -> None:
    """Shut a device out: from its next request on its tokens are unknown. What it sent stays.

    Example: cahot devices revoke 0b54a6a3-3c7e-4a43-8f5a-0d6d1c7a9e10
    """
    from ingest.store import audit as log
    from ingest.store import devices as store_of_devices

    with opened(data, database) as store, store.database.write() as session:
        if not store_of_devices.revoke(session, device_id, time.time()):
            raise UnusableInput(f"devices revoke {device_id}: no device has this id; `cahot devices list` shows them")
        log.append(session, time.time(), log.Deed(log.OPERATOR), "device.revoke", log.pseudonym(device_id))
    say(f"{device_id} is shut out")


@audit.command("list")
def list_audit(data: Data = None, database: Database = "") -> None:
    """Print the log, a line a deed, oldest first.

    Example: cahot audit list | tail
    """
    from ingest.api.geojson import moment
    from ingest.store import audit as log

    with opened(data, database) as store, store.database.read() as session:
        for entry in log.entries(session):
            change = f" {entry.before or '–'} → {entry.after or '–'}" if entry.before or entry.after else ""
            print(f"{entry.number} {moment(entry.at)} {entry.who} {entry.what} {entry.subject}{change}")


@audit.command("verify")
def verify(head: Head = None, data: Data = None, database: Database = "") -> None:
    """Check that no line of the log was changed, removed or cut off; prints its head, to be kept somewhere else.

    Example: cahot audit verify --head 3f0c…
    """
    from ingest.store import audit as log

    with opened(data, database) as store, store.database.read() as session:
        found = log.verify(session, head)
    if found.fault:
        raise UnusableInput(f"audit verify: {found.fault}; compare with a backup, and ask who could write the database")
    print(f"{found.entries} entries, head {found.head}")
