"""`cahot export`: what a running installation knows, as files."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Annotated, Any

import typer

from ingest.commands.installation import check_that_it_is_there, opened
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


def _read(what: str, data: Path | None, database: str) -> Any:
    """Defects, or surveys with their jolts; that they were read is written into the audit log."""
    from ingest.store import audit, defects, surveys

    with opened(data, database) as store:
        with store.database.read() as session:
            held = defects.load(session) if what == "defects" else surveys.load_all(session)
        with store.database.write() as session:
            audit.append(session, time.time(), audit.Deed(audit.OPERATOR), "export", what, None, f"{len(held)} rows")
    return held
