"""`cahot serve` and `cahot work`: thin over `ingest.serve`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ingest.commands.assets import KnownAssets

HOST, PORT = "127.0.0.1", 8600
LOCAL_SERVER = f"http://{HOST}:{PORT}"

Data = Annotated[
    Path | None,
    typer.Option("--data", metavar="DIR", help="Folder of everything kept; default ~/.local/share/cahot.", show_default=False),
]
Database = Annotated[
    str, typer.Option("--database", metavar="URL", help="SQLAlchemy URL; default SQLite in the data folder.", show_default=False)
]
Objects = Annotated[
    str,
    typer.Option("--objects", metavar="URL", help="s3://bucket/prefix for traces; default a folder in DIR.", show_default=False),
]
Host = Annotated[str, typer.Option("--host", metavar="H", help="Address to listen at; 0.0.0.0 is every one of this machine.")]
Port = Annotated[int, typer.Option("--port", metavar="P", min=0, max=65535, help="0 takes any free one.")]
K = Annotated[int, typer.Option("--k", metavar="K", min=1, help="Show the public no place that fewer devices passed.")]
Tiles = Annotated[
    str | None, typer.Option("--tile-url", metavar="URL", help="Raster background, with {z}/{x}/{y}; default none.")
]
Style = Annotated[str | None, typer.Option("--style-url", metavar="URL", help="MapLibre style as the background; default none.")]
Attribution = Annotated[str, typer.Option("--attribution", metavar="TEXT", help="Whom to thank for the background.")]


def serve(
    host: Host = HOST,
    port: Port = PORT,
    data: Data = None,
    database: Database = "",
    objects: Objects = "",
    k: K = 3,
    tile_url: Tiles = None,
    style_url: Style = None,
    attribution: Attribution = "",
    assets: KnownAssets = None,
) -> None:
    """Run the API, the worker and the map until Ctrl-C. Assets stay until another file is given, be it an empty collection.

    Example: cahot serve --data /srv/cahot --port 8600 --assets humps.geojson
    """
    from ingest import serve as server
    from ingest.commands.assets import read_telling
    from ingest.commands.screen import say
    from ingest.settings import Settings, default_data

    server.set_up_logging()
    known = read_telling(assets)[0] if assets else None
    settings = Settings(
        data or default_data(), objects=objects, k=k, tile_url=tile_url, style_url=style_url, attribution=attribution
    )

    def ready(address: str) -> None:
        print(address, flush=True)
        say(f"That is the map; the API is described at {address}docs, everything is kept in {settings.data}. Ctrl-C stops.")

    server.serve(host, port, database=database, settings=settings, assets=known, on_ready=ready)


def work(data: Data = None, database: Database = "", objects: Objects = "") -> None:
    """Run a further worker on an installation's backlog until Ctrl-C, here or on another machine that has database and objects.

    Example: cahot work --database postgresql+psycopg://cahot@db/cahot --objects s3://cahot/traces
    """
    from ingest import serve as server
    from ingest.commands.screen import say

    server.set_up_logging()
    say("working; Ctrl-C stops")
    server.work(data, database, objects)
