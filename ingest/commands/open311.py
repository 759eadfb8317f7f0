"""`cahot open311 push`: confirmed defects to a city's request system; for a crontab."""

from __future__ import annotations

import time
from typing import Annotated
from urllib.parse import urlsplit

import typer

from ingest.commands.installation import opened
from ingest.commands.screen import WrongUsage, say
from ingest.commands.serving import Data, Database, K

app = typer.Typer(help="Defects to a city's request system that speaks Open311 GeoReport v2.")

To = Annotated[str, typer.Option("--endpoint", metavar="URL", help="Up to and with its /v2.", show_default=False)]
ApiKey = Annotated[
    str, typer.Option("--api-key", metavar="KEY", envvar="CAHOT_OPEN311_KEY", help="What it asks for.", show_default=False)
]
Jurisdiction = Annotated[str, typer.Option("--jurisdiction", metavar="ID", help="Where it serves several.", show_default=False)]
Services = Annotated[
    str,
    typer.Option(
        "--services", metavar="NAMES", help="Its code for each kind, as pothole=001,joint=007; else the kind.", show_default=False
    ),
]


@app.callback()
def _one_verb() -> None:
    """Keeps `push` a word of its own."""


@app.command("push")
def push(
    endpoint: To,
    api_key: ApiKey = "",
    jurisdiction: Jurisdiction = "",
    services: Services = "",
    k: K = 3,
    data: Data = None,
    database: Database = "",
) -> None:
    """Push what is confirmed and not pushed yet, and note what was closed there. Safe to run again after anything.

    Example: cahot open311 push --endpoint https://city.example/open311/v2 --services pothole=001
    """
    from ingest.open311_push import Endpoint
    from ingest.open311_push import push as push_to

    if urlsplit(endpoint).scheme not in ("http", "https"):
        raise WrongUsage(f"--endpoint {endpoint}: give an address such as https://city.example/open311/v2")
    with opened(data, database) as store:
        done = push_to(store, Endpoint(endpoint.rstrip("/"), api_key, jurisdiction, _codes(services)), k, time.time())
    told = [f"{done.pushed} pushed", f"{done.closed} closed there"]
    told += [f"{done.found} found there after an interruption"] * bool(done.found)
    told += [f"{done.without_service} without a service there (--services)"] * bool(done.without_service)
    say("; ".join(told))


def _codes(text: str) -> dict[str, str]:
    from detection import KINDS

    pairs = [part.partition("=") for part in text.split(",") if part]
    for kind, _, code in pairs:
        if kind not in KINDS or not code:
            raise WrongUsage(f"--services {kind}: give kind=code, kinds are {', '.join(KINDS)}")
    return {kind: code for kind, _, code in pairs}
