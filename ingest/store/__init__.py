"""What the server keeps: rows in a database, traces as sent in a folder. Knows nothing of HTTP."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from ingest.settings import Settings
from ingest.store.database import Database, DatabaseUnusable
from ingest.store.intake import Intake
from ingest.store.object_store import ObjectStore
from ingest.store.objects import Objects
from ingest.store.tombstones import KEY_FILE, Tombstones, open_tombstones

__all__ = ["Database", "DatabaseUnusable", "Intake", "ObjectStore", "Objects", "Store", "open_objects", "open_store"]


@dataclass(frozen=True)
class Store:
    """Both halves of one installation, and what recognises that which was erased from it."""

    database: Database
    objects: ObjectStore
    tombstones: Tombstones

    @cached_property
    def intake(self) -> Intake:
        """Where chunks go in."""
        return Intake(self.database, self.objects, self.tombstones)


def open_store(settings: Settings) -> Store:
    """Open or create an installation; tables are brought up to date. Raises DatabaseUnusable, ObjectsUnusable, OSError."""
    settings.data.mkdir(mode=0o700, parents=True, exist_ok=True)
    database = Database(settings.database_url)
    database.migrate()
    return Store(database, open_objects(settings), _tombstones(settings, database))


def open_objects(settings: Settings) -> ObjectStore:
    """Where the chunks lie. Raises ObjectsUnusable, OSError."""
    if not settings.objects:
        return Objects(settings.traces)
    from ingest.store.s3 import S3Objects  # late: few need it

    return S3Objects(settings.objects)


def _tombstones(settings: Settings, database: Database) -> Tombstones:
    """Raises DatabaseUnusable where the key is not the one that what is erased was hashed by."""
    held = open_tombstones(settings.data)
    with database.read() as session:
        if held.written_by_another_key(session):
            remedy = f"copy {KEY_FILE} from the data folder that it was served from before"
            raise DatabaseUnusable(database.url, "what was erased from it could come back: its key is not here", remedy)
    return held
