"""`cahot webhooks`: who is told what happens to defects. Only whoever has a shell here says where to."""

from __future__ import annotations

import time
from typing import Annotated
from urllib.parse import urlsplit

import typer

from ingest.commands.installation import opened
from ingest.commands.screen import UnusableInput, WrongUsage, say
from ingest.commands.serving import Data, Database

app = typer.Typer(help="Addresses that are told what happens to defects: signed, until it arrives.")

Url = Annotated[str, typer.Argument(metavar="URL", show_default=False)]
WebhookId = Annotated[str, typer.Argument(metavar="ID", show_default=False)]
Events = Annotated[str, typer.Option("--events", metavar="NAMES", help="By commas, such as defect.created,defect.repaired; all.")]


@app.command("add")
def add(url: Url, events: Events = "", data: Data = None, database: Database = "") -> None:
    """Have an address be told, and print the secret that its receiver checks signatures with.

    Example: cahot webhooks add https://city.example/hooks/roads --events defect.created,defect.repaired
    """
    from ingest.store import audit
    from ingest.store import webhooks as hooks

    wanted = [name.strip() for name in events.split(",") if name.strip()]
    for name in wanted:
        if name not in hooks.EVENTS:
            raise WrongUsage(f"--events {name}: unknown; choose of {', '.join(hooks.EVENTS)}")
    _check(url)
    with opened(data, database) as store, store.database.write() as session:
        held = hooks.add(session, url, wanted, time.time())
        audit.append(session, time.time(), audit.Deed(audit.OPERATOR), "webhook.add", f"webhook:{held.id}", None, events or "all")
        print(held.secret)
    say(f"webhook {held.id}; the secret is shown this once")


@app.command("list")
def list_webhooks(data: Data = None, database: Database = "") -> None:
    """Print them, with what waits for each and why it did not arrive.

    Example: cahot webhooks list
    """
    import pandas as pd

    from ingest.commands.screen import show
    from ingest.store import webhooks as hooks

    with opened(data, database) as store, store.database.read() as session:
        rows = [
            (s.webhook.id, s.webhook.url, s.webhook.events or "all", s.waiting, s.failed, s.error)
            for s in hooks.standings(session)
        ]
    show(pd.DataFrame(rows, columns=["id", "url", "events", "waiting", "given up", "last error"]))


@app.command("remove")
def remove(webhook_id: WebhookId, data: Data = None, database: Database = "") -> None:
    """Tell it nothing more; what waits for it is forgotten.

    Example: cahot webhooks remove 3f0c9a12
    """
    from ingest.store import audit
    from ingest.store import webhooks as hooks

    with opened(data, database) as store, store.database.write() as session:
        if not hooks.remove(session, webhook_id):
            raise UnusableInput(f"webhooks remove {webhook_id}: there is none of this id; `cahot webhooks list` shows them")
        audit.append(session, time.time(), audit.Deed(audit.OPERATOR), "webhook.remove", f"webhook:{webhook_id}")
    say(f"{webhook_id} is told nothing more")


@app.command("retry")
def retry(data: Data = None, database: Database = "") -> None:
    """Send again what was given up after three days.

    Example: cahot webhooks retry
    """
    from ingest.store import webhooks as hooks

    with opened(data, database) as store, store.database.write() as session:
        count = hooks.retry(session, time.time())
    say(f"{count} messages are tried again")


def _check(url: str) -> None:
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.username:
        raise WrongUsage(f"{url}: give an address such as https://city.example/hooks/roads")
