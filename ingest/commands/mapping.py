"""`cahot map`: defects from many recorded traces, offline."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ingest.commands.assets import KnownAssets
from ingest.commands.detect import Columns, Recordings

DefectFile = Annotated[
    Path | None,
    typer.Option(
        "--out", metavar="FILE", help="Write there (.geojson, .gpkg, .fgb, .parquet, .csv, .gpx) instead of a table on stdout."
    ),
]


def map_defects(paths: Recordings, out: DefectFile = None, columns: Columns = None, assets: KnownAssets = None) -> None:
    """Find the defects that many recorded traces agree on, counting who passed without a jolt.

    Example: cahot map drives/ --out defects.gpkg --assets humps.geojson
    """
    from detection import find_defects
    from detection.assets import join_assets
    from detection.export import ENDINGS, check_output, defect_table, write_defects
    from detection.priority import prioritised
    from ingest.commands.assets import read_telling
    from ingest.commands.screen import say, show
    from ingest.commands.surveying import columns_of, survey_all

    if out:
        check_output(out, ENDINGS)
    known, left_out = read_telling(assets)
    done = survey_all(paths, columns_of(columns), leave_out=out)
    defects = prioritised(join_assets(find_defects(done.surveys), known), done.surveys)
    if out:
        write_defects(defects, out)
    else:
        show(defect_table(defects))
    say(f"{len(defects)} defects from {done.summary}" + (f" → {out}" if out else ""))
    if done.failed or left_out:
        raise typer.Exit(1)
