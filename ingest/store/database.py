"""The database: opening it, bringing its tables up to date, and the two kinds of transaction.

SQLite and PostgreSQL differ here and nowhere else.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.util import CommandError
from sqlalchemy import Engine, create_engine, event, select, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, IntegrityError, NoSuchModuleError, OperationalError
from sqlalchemy.orm import Session

from detection.errors import CahotError

BUSY_MS = 5000  # a writer waits this long for another process before the caller is told to come back

SCRUB_TRIES, SCRUB_PAUSE_S = 20, 0.05  # readers read for milliseconds, the worker's estimate for seconds

_MIGRATIONS = Path(__file__).parent.parent / "migrations"

_PRAGMAS = (
    "journal_mode=WAL",  # readers never wait for the writer
    "synchronous=FULL",  # a commit is on the disk before it returns: what is acknowledged survives a power cut
    f"busy_timeout={BUSY_MS}",
    "foreign_keys=ON",
    "secure_delete=ON",  # what is erased is overwritten, not only unlinked
)


class DatabaseUnusable(CahotError):
    """The database cannot be opened, or was written by a newer Cahot."""

    def __init__(self, url: str, why: str, remedy: str) -> None:
        self.url, self.why, self.remedy = url, why, remedy
        super().__init__(f"database {url}: {why}; {remedy}")


class Database:
    """One engine with its two kinds of transaction; safe to share between threads."""

    def __init__(self, url: str) -> None:
        self.url = _without_password(url)
        self._engine = _engine(url, self.url)
        self._writing = self._engine.execution_options(cahot_writes=True)
        # SQLite has one writer; queueing here is fair, its own waiting sleeps ever longer
        self._turn = threading.Lock() if self._engine.dialect.name == "sqlite" else nullcontext()

    def migrate(self) -> None:
        """Bring the tables up to date in one transaction: all of it or nothing. Raises DatabaseUnusable."""
        config = Config()
        config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
        try:
            with self._turn, self._writing.begin() as connection:
                config.attributes["connection"] = connection
                command.upgrade(config, "head")
        except CommandError as error:
            raise DatabaseUnusable(
                self.url, f"its tables are unknown here ({error})", "run the Cahot that wrote it, or newer"
            ) from error
        except OperationalError as error:
            raise DatabaseUnusable(self.url, str(error.orig), "check that it exists, is writable and not locked") from error

    @property
    def is_sqlite(self) -> bool:
        return self._engine.dialect.name == "sqlite"

    def settle(self) -> None:
        """Have what is not seen now never be seen.

        SQLite: a writer killed between its log and the log's index leaves a commit that no reader sees while any process has
        the database open, and that comes up when the index is made anew. A commit of ours takes its place in the log.
        """
        if self.is_sqlite:
            with self.write() as session:
                version = session.execute(text("PRAGMA user_version")).scalar_one()
                session.execute(text(f"PRAGMA user_version = {(int(version) + 1) % 2**31}"))

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A consistent view of the rows; nothing is written."""
        with Session(self._engine, expire_on_commit=False) as session, session.begin():
            yield session

    @contextmanager
    def write(self) -> Iterator[Session]:
        """A writing transaction, durable when it ends without an exception, undone otherwise."""
        with self._turn, Session(self._writing, expire_on_commit=False) as session, session.begin():
            yield session

    def scrub(self) -> bool:
        """Have the disk forget what was deleted; False when readers hold it up, then the next call does it.

        SQLite: deleted rows are overwritten as they go (secure_delete), but older pages stay in the log until it is emptied.
        PostgreSQL: dead rows are vacuumed; what its own log and backups keep is for its operator to limit.
        """
        if self._engine.dialect.name != "sqlite":
            with self._engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                connection.exec_driver_sql("VACUUM")
            return True
        for _ in range(SCRUB_TRIES):
            with self._turn, self._engine.raw_connection() as raw:
                busy, *_ = raw.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
            if not busy:
                return True
            time.sleep(SCRUB_PAUSE_S)
        return False

    def is_there(self) -> bool:
        """Whether a question is answered at all."""
        try:
            with self.read() as session:
                return session.execute(select(1)).scalar() == 1
        except OperationalError:
            return False

    def close(self) -> None:
        self._engine.dispose()


def is_busy(error: Exception) -> bool:
    """Whether another writer held the database for too long: worth trying again."""
    return isinstance(error, OperationalError) and ("locked" in str(error.orig) or "busy" in str(error.orig))


def is_taken(error: Exception) -> bool:
    """Whether another transaction inserted the same key first: worth reading again."""
    return isinstance(error, IntegrityError)


def _without_password(url: str) -> str:
    try:
        return make_url(url).render_as_string(hide_password=True)
    except ArgumentError:
        return "(unreadable URL)"


def _engine(url: str, shown: str) -> Engine:
    try:
        sqlite = make_url(url).get_backend_name() == "sqlite"
        # None: the driver begins nothing by itself, so that `_begin` decides how
        arguments: dict[str, Any] = {"isolation_level": None, "check_same_thread": False} if sqlite else {}
        engine = create_engine(url, connect_args=arguments, pool_size=40, max_overflow=10)
    except (ArgumentError, NoSuchModuleError, ImportError) as error:
        raise DatabaseUnusable(shown, str(error), "give an SQLAlchemy URL such as sqlite:////srv/cahot/cahot.sqlite") from error
    if sqlite:
        event.listen(engine, "connect", _prepare)
        event.listen(engine, "begin", _begin)
    return engine


def _prepare(connection: Any, _record: object) -> None:
    for pragma in _PRAGMAS:
        connection.execute(f"PRAGMA {pragma}")


def _begin(connection: Any) -> None:
    """Writers take their turn at once: a deferred one that has read fails when another wrote in between, without waiting."""
    writes = connection.get_execution_options().get("cahot_writes")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
