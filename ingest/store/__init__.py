"""What the server keeps: rows in a database, traces as sent in a folder. Knows nothing of HTTP."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from ingest.settings import Settings
from ingest.store.database import Database, DatabaseUnusable
from ingest.store.intake import Intake
from ingest.store.object_store import ObjectStore
from ingest.store.objects import Objects

__all__ = ["Database", "DatabaseUnusable", "Intake", "ObjectStore", "Objects", "Store", "open_store"]


@dataclass(frozen=True)
class Store:
    """Both halves of one installation."""

    database: Database
    objects: ObjectStore

    @cached_property
    def intake(self) -> Intake:
        """Where chunks go in."""
        return Intake(self.database, self.objects)


def open_store(settings: Settings) -> Store:
    """Open or create an installation; tables are brought up to date. Raises DatabaseUnusable, ObjectsUnusable, OSError."""
    settings.data.mkdir(mode=0o700, parents=True, exist_ok=True)
    database = Database(settings.database_url)
    database.migrate()
    return Store(database, _objects(settings))


def _objects(settings: Settings) -> ObjectStore:
    if not settings.objects:
        return Objects(settings.traces)
    from ingest.store.s3 import S3Objects  # late: few need it

    return S3Objects(settings.objects)
