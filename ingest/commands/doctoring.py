"""`cahot doctor`: thin over `ingest.checking`."""

from __future__ import annotations

from typing import Annotated

import typer

from ingest.commands.serving import Data, Database, Objects

Repair = Annotated[
    bool, typer.Option("--repair", help="Set damaged and unnamed chunks aside, and have lost work done again; deletes nothing.")
]


def doctor(data: Data = None, database: Database = "", objects: Objects = "", repair: Repair = False) -> None:
    """Check all that is kept: every chunk against its checksum, rows, jobs, surveys. Exit code 1 and a line for each finding.

    Works while serving. Example: cahot doctor --data /srv/cahot --repair
    """
    from ingest import checking
    from ingest.commands.screen import UnusableInput, progress, say
    from ingest.running import is_served
    from ingest.settings import Settings, default_data
    from ingest.store import open_store, quarantine

    settings = Settings(data or default_data(), database, objects)
    if not settings.data.is_dir():
        raise UnusableInput(f"{settings.data}: no installation is there; name its folder by --data")
    store, wrong, mended = open_store(settings), 0, 0
    with progress() as bars:
        task = bars.add_task("")

        def step(name: str, steps: int) -> None:
            if name:
                bars.reset(task, description=name, total=steps)
            else:
                bars.advance(task, steps)

        for found in checking.doctor(store, repair=repair, alone=not is_served(settings.data), on_step=step):
            print(found, flush=True)
            mended, wrong = mended + found.mended, wrong + (not found.mended)
    with store.database.read() as session:
        aside = quarantine.count(session)
    say(f"{wrong} things are wrong, {mended} were mended, {aside} chunks are in quarantine")
    if wrong:
        raise typer.Exit(1)
