"""An installation's data, opened for a command beside its server and closed again."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from ingest.commands.screen import UnusableInput

if TYPE_CHECKING:  # at run time late: a mistyped option need not wait for the database
    from ingest.store import Store


@contextmanager
def opened(data: Path | None, database: str, *, new: bool = False) -> Iterator[Store]:
    """The store. new: founds one where there is none, as `cahot serve` does. Raises UnusableInput, DatabaseUnusable."""
    from ingest.settings import Settings, default_data
    from ingest.store import open_store

    if not new:
        check_that_it_is_there(data, database)
    os.umask(0o077)
    store = open_store(Settings(data or default_data(), database))
    try:
        yield store
    finally:
        store.database.close()


def check_that_it_is_there(data: Path | None, database: str) -> None:
    """Reading must not found an empty installation where the name of the folder was mistyped."""
    from ingest.settings import default_data

    folder = data or default_data()
    if not database and not (folder / "cahot.sqlite").is_file():
        raise UnusableInput(f"{folder}: no installation there; name its folder with --data, or its --database")
