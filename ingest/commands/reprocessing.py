"""`cahot reprocess` and `cahot backlog`: trips made anew while service goes on, and what is still to do."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ingest.commands.serving import Data, Database, Objects

if TYPE_CHECKING:  # at run time late: `cahot --help` needs no database
    from ingest.settings import Settings
    from ingest.store import Store

AT_ONCE = 500  # trips asked for in one transaction: it holds up phones for some hundredths of a second
LOOK_S = 0.5  # between looks at what others have done
SHOWN = 1000  # parked trips in one listing

Trips = Annotated[list[str] | None, typer.Argument(metavar="TRIP", help="Ids of trips.", show_default=False)]
All = Annotated[bool, typer.Option("--all", help="Every finished trip.")]
Parked = Annotated[bool, typer.Option("--parked", help="Those that were given up.")]
Since = Annotated[
    str, typer.Option("--since", metavar="DATE", help="Those finished then or later, e.g. 2026-05-04.", show_default=False)
]
Leave = Annotated[bool, typer.Option("--leave", help="Only put them into the backlog; the installation's workers do them.")]


def reprocess(
    trip: Trips = None,
    every: All = False,
    parked: Parked = False,
    since: Since = "",
    leave: Leave = False,
    data: Data = None,
    database: Database = "",
    objects: Objects = "",
) -> None:
    """Find the jolts of trips anew with this version's settings, and then the defects; service goes on.

    What was found stays until the new result is stored. New trips of phones go first. This command works along with the
    installation's workers until all is done; interrupted, it leaves the rest to them.

    Example: cahot reprocess --since 2026-05-01 --data /srv/cahot
    """
    from ingest.commands.screen import say
    from ingest.store import open_store, reprocessing

    _check(trip or [], every, parked, since)
    settings = _existing(data, database, objects)
    store = open_store(settings)
    try:
        chosen = _chosen(store, trip or [], every, parked, _instant(since) if since else None)
        for first in range(0, len(chosen), AT_ONCE):
            part = chosen[first : first + AT_ONCE]
            store.database.run(lambda session, part=part: reprocessing.request(session, part), by_locks=True)  # type: ignore[misc]
        if chosen and not leave:
            _work_along(store, settings, len(chosen))
        say(f"{len(chosen)} trips {'wait to be' if leave else ''} made anew".replace("  ", " "))
        if not leave:
            _tell_backlog(store)
    finally:
        store.database.close()


def backlog(data: Data = None, database: Database = "", parked: Parked = False) -> None:
    """Say what is still to do: trips waiting, under way and parked; with --parked which ones, and why.

    Example: cahot backlog --parked --data /srv/cahot
    """
    import pandas as pd

    from ingest.commands.screen import show
    from ingest.store import backlog as store_backlog
    from ingest.store import open_store

    store = open_store(_existing(data, database, ""))
    try:
        if not parked:
            _tell_backlog(store)
            return
        with store.database.read() as session:
            held = store_backlog.parked(session, SHOWN)
        columns = {"trip_id": [one.trip_id for one in held], "kept": ["yes" if one.has_survey else "no" for one in held]}
        show(pd.DataFrame(columns | {"reason": [one.reason for one in held]}), left=["trip_id", "kept", "reason"])
    finally:
        store.database.close()


def _tell_backlog(store: Store) -> None:
    """One line on stdout."""
    from ingest.store import backlog as store_backlog

    with store.database.read() as session:
        now = store_backlog.look(session)
    age = f", the oldest for {now.oldest_s:.0f} s" if now.waiting else ""
    estimate = "; defects are to be estimated" if now.estimates else ""
    print(
        f"{now.waiting} trips wait{age}; {now.under_way} under way; {now.anew} of both made anew; {now.parked} parked{estimate}"
    )


def _check(trips: list[str], every: bool, parked: bool, since: str) -> None:
    from ingest.commands.screen import WrongUsage

    if sum(map(bool, (trips, every, parked, since))) != 1:
        raise WrongUsage("reprocess: name trips, or say one of --all, --parked and --since DATE")


def _instant(text: str) -> float:
    from ingest.commands.screen import WrongUsage

    try:
        told = datetime.fromisoformat(text)
    except ValueError:
        raise WrongUsage(f"--since {text}: not a date; write 2026-05-04 or 2026-05-04T07:12:00Z") from None
    return (told if told.tzinfo else told.replace(tzinfo=UTC)).timestamp()


def _existing(data: Path | None, database: str, objects: str) -> Settings:
    from ingest.commands.installation import check_that_it_is_there
    from ingest.settings import Settings, default_data

    check_that_it_is_there(data, database)
    return Settings((data or default_data()).absolute(), database, objects)


def _chosen(store: Store, trips: list[str], every: bool, parked: bool, since: float | None) -> list[str]:
    from ingest.commands.screen import UnusableInput
    from ingest.store import reprocessing

    with store.database.read() as session:
        if unfit := reprocessing.unfit(session, trips):
            raise UnusableInput(f"trip {unfit[0]}: not there, not finished, or its traces are gone; nothing was begun")
        if every:
            return reprocessing.all_trips(session)
        if parked:
            return reprocessing.parked(session)
        return trips if since is None else reprocessing.finished_since(session, since)


def _work_along(store: Store, settings: Settings, chosen: int) -> None:
    """One more worker until everything is made anew and the defects are estimated, with a bar."""
    from ingest import worker
    from ingest.commands.screen import Legs, say
    from ingest.store import backlog as store_backlog

    try:
        with Legs({"trips made anew": chosen}) as legs:
            while True:
                with store.database.read() as session:
                    now = store_backlog.look(session)
                legs.show("trips made anew", max(0, chosen - now.anew))
                if not (now.anew or now.estimates):
                    return
                if not worker.work_once(store, settings):
                    time.sleep(LOOK_S)
    except KeyboardInterrupt:
        say("interrupted: the rest stays in the backlog, for the installation's workers")
        raise
