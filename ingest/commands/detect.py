"""`cahot detect`: jolts in recorded traces, offline."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ingest.commands.assets import KnownAssets

Recordings = Annotated[
    list[Path],
    typer.Argument(metavar="PATH", help="Recordings, folders or zips of any supported app.", show_default=False),
]
Columns = Annotated[
    list[str] | None,
    typer.Option("--columns", metavar="NAME=HEADER,...", help="For tables of no known app: t=timestamp:ms,x=accX:g,…"),
]
JoltFile = Annotated[
    Path | None,
    typer.Option(
        "--out", metavar="FILE", help="Write there (.csv, .geojson, .gpkg, .fgb, .parquet, .gpx) instead of a table on stdout."
    ),
]
Plot = Annotated[
    Path | None,
    typer.Option(
        "--plot", metavar="FILE|FOLDER", help="Draw the trip into FILE (.png, .svg, .pdf), or many into FOLDER, a picture each."
    ),
]


def detect(
    paths: Recordings, out: JoltFile = None, columns: Columns = None, plot: Plot = None, assets: KnownAssets = None
) -> None:
    """Find the jolts in recorded traces.

    Example: cahot detect drives/ --out jolts.geojson --plot pictures/
    """
    from detection.assets import marked
    from detection.export import ENDINGS, check_output, jolt_table, write_jolts
    from ingest.commands.assets import read_telling
    from ingest.commands.plotting import drawing
    from ingest.commands.screen import say, show
    from ingest.commands.surveying import columns_of, survey_all

    if out:
        check_output(out, ENDINGS)
    known, left_out = read_telling(assets)
    with drawing(plot, paths) as draw:
        done = survey_all(paths, columns_of(columns), leave_out=out, draw=draw)
    done.surveys = [marked(survey, known) for survey in done.surveys]
    jolts = sum(len(survey.jolts) for survey in done.surveys)
    if out:
        write_jolts(done.surveys, out)
    else:
        show(jolt_table(done.surveys))
    made = ", ".join(str(file) for file in (out, plot) if file)
    say(f"{jolts} jolts in {done.summary}" + (f" → {made}" if made else ""))
    if done.failed or left_out:
        raise typer.Exit(1)
