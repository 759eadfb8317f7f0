"""`cahot export`: what a running installation knows, as files."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from ingest.commands.serving import Data, Database

NOW, LATER = ("defects", "jolts"), ("roughness", "coverage", "crossings")
What = Annotated[str, typer.Argument(metavar="WHAT", help="defects or jolts.", show_default=False)]
File = Annotated[
    Path | None,
    typer.Option(
        "--out", metavar="FILE", help="Write there (.csv, .geojson, .parquet; defects also .gpkg) instead of a table on stdout."
    ),
]


def export(what: What, out: File = None, data: Data = None, database: Database = "") -> None:
    """Write what an installation knows: all of it, not only what the public may see.

    Example: cahot export defects --out defects.gpkg
    """
    _check(what)
    check_that_it_is_there(data, database)
    from detection.export import DEFECT_ENDINGS, JOLT_ENDINGS, check_output, defect_table, jolt_table, write_table
    from ingest.commands.screen import say, show

    if out:
        check_output(out, DEFECT_ENDINGS if what == "defects" else JOLT_ENDINGS)
    known = _read(what, data, database)
    table = defect_table(known) if what == "defects" else jolt_table(known)
    if out:
        write_table(table, out, what)
    else:
        show(table)
    say(f"{len(table)} {what}" + (f" → {out}" if out else ""))


def _check(what: str) -> None:
    from ingest.commands.screen import WrongUsage

    if what in LATER:
        raise WrongUsage(f"export {what}: this version does not estimate {what} yet; it exports {' and '.join(NOW)}")
    if what not in NOW:
        raise WrongUsage(f"export {what}: unknown; choose one of {', '.join(NOW)}")


def check_that_it_is_there(data: Path | None, database: str) -> None:
    """Reading must not found an empty installation where the name of the folder was mistyped."""
    from ingest.commands.screen import UnusableInput
    from ingest.settings import default_data

    folder = data or default_data()
    if not database and not (folder / "cahot.sqlite").is_file():
        raise UnusableInput(f"{folder}: no installation there; name its folder with --data, or its --database")


def _read(what: str, data: Path | None, database: str) -> Any:
    """Defects, or surveys with their jolts."""
    from ingest.settings import Settings, default_data
    from ingest.store import defects, open_store, surveys

    store = open_store(Settings(data or default_data(), database))
    try:
        with store.database.read() as session:
            return defects.load(session) if what == "defects" else surveys.load_all(session)
    finally:
        store.database.close()
