"""`cahot export`: what a running installation knows, as files."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ingest.commands.installation import check_that_it_is_there, opened
from ingest.commands.serving import Data, Database

if TYPE_CHECKING:
    import pandas as pd
    from sqlalchemy.orm import Session

WHAT = ("defects", "jolts", "roughness", "coverage", "crossings")
What = Annotated[str, typer.Argument(metavar="WHAT", help=f"{', '.join(WHAT[:-1])} or {WHAT[-1]}.", show_default=False)]
File = Annotated[
    Path | None,
    typer.Option(
        "--out",
        metavar="FILE",
        help="Write there (.csv, .geojson, .gpkg, .fgb, .parquet, .gpx) instead of a table on stdout.",
    ),
]


def export(what: What, out: File = None, data: Data = None, database: Database = "") -> None:
    """Write what an installation knows: of defects and jolts all of it, not only what the public may see.

    Example: cahot export defects --out defects.gpkg
    """
    _check(what)
    check_that_it_is_there(data, database)
    from detection.export import ENDINGS, check_output, write_table
    from ingest.commands.screen import say, show

    if out:
        check_output(out, ENDINGS)
    table = _read(what, data, database)
    if out:
        write_table(table, out, what)
    else:
        show(table)
    say(f"{len(table)} {what}" + (f" → {out}" if out else ""))


def _check(what: str) -> None:
    from ingest.commands.screen import WrongUsage

    if what not in WHAT:
        raise WrongUsage(f"export {what}: unknown; choose one of {', '.join(WHAT)}")


def _read(what: str, data: Path | None, database: str) -> pd.DataFrame:
    """The table; that it was read is written into the audit log."""
    from ingest.store import audit

    with opened(data, database) as store:
        with store.database.read() as session:
            table = _table(session, what)
        with store.database.write() as session:
            audit.append(session, time.time(), audit.Deed(audit.OPERATOR), "export", what, None, f"{len(table)} rows")
    return table


def _table(session: Session, what: str) -> pd.DataFrame:
    from detection.export import defect_table, jolt_table
    from ingest.commands.streets import crossing_table, street_table
    from ingest.store import defects, surveys

    match what:
        case "defects":
            return defect_table(defects.shown(session))
        case "jolts":
            return jolt_table(surveys.load_all(session))
        case "crossings":
            return crossing_table(session)
        case _:
            return street_table(session, what)
