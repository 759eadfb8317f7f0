"""`cahot backup` and `cahot restore`: thin over `ingest.backup`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ingest.commands.serving import Data, Database, Objects

Target = Annotated[Path, typer.Argument(metavar="FILE|DIR", help="A new .tar file, or a new or empty folder.")]
Source = Annotated[Path, typer.Argument(metavar="FILE|DIR", help="What `cahot backup` wrote.")]


def backup(target: Target, data: Data = None, database: Database = "", objects: Objects = "") -> None:
    """Copy all that is kept, while serving. A folder on the same disk shares the chunks' bytes; a .tar holds them, and so does
    either of what lies in a bucket.

    Example: cahot backup /mnt/other-disk/cahot-2026-05-04.tar --data /srv/cahot
    """
    from ingest import backup as backing_up
    from ingest.commands.screen import complain, progress, say
    from ingest.settings import Settings, default_data

    with progress() as bars:
        task = bars.add_task("copying", total=None)
        told = backing_up.back_up(
            Settings(data or default_data(), database, objects),
            target,
            lambda done, of: bars.update(task, completed=done, total=of),
        )
    for line in told.missing:
        complain(line)
    say(f"{target}: {told.chunks} chunks, {told.size / 1e6:.1f} MB; keep it as safe as the server: it holds people's drives")
    if told.missing:
        raise typer.Exit(1)


def restore(source: Source, data: Data = None, database: Database = "", objects: Objects = "") -> None:
    """Put a backup into an empty data folder (and a bucket), after every file in it was checked.

    Example: cahot restore /mnt/other-disk/cahot-2026-05-04.tar --data /srv/cahot-new
    """
    from ingest import backup as backing_up
    from ingest.commands.screen import progress, say
    from ingest.settings import Settings, default_data

    settings = Settings(data or default_data(), database, objects)
    with progress() as bars:
        task = bars.add_task("checking and copying", total=None)
        told = backing_up.restore(source, settings, lambda done, of: bars.update(task, completed=done, total=of))
    say(f"{settings.data}: {told.chunks} chunks, {told.size / 1e6:.1f} MB; now: cahot serve --data {settings.data}")
