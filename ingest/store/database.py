"""The database: opening it, bringing its tables up to date, and the kinds of transaction.

What SQLite needs is here, what PostgreSQL needs in `ingest.store.postgresql`; every query elsewhere is for both.
"""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any, TypeVar

from alembic import command
from alembic.config import Config
from alembic.util import CommandError
from sqlalchemy import Engine, create_engine, event, select, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, IntegrityError, NoSuchModuleError, OperationalError
from sqlalchemy.exc import TimeoutError as NoConnectionFree
from sqlalchemy.orm import Session

from detection.errors import CahotError
from ingest.store import postgresql

T = TypeVar("T")

OTHERS_MIGRATE_S = 30.0  # server and workers that start at once on an empty database, one after another on a busy machine
BUSY_MS = 5000  # a writer waits this long for another process before the caller is told to come back
PAUSES_S = (0.0, 0.01, 0.02, 0.05, 0.1, 0.2, 0.4, 0.8)  # before PostgreSQL is asked for the same once more; half of it by chance

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
    """The engines with their kinds of transaction; safe to share between threads."""

    def __init__(self, url: str) -> None:
        self.url = _without_password(url)
        self._reading, self._engine = _engines(url, self.url)
        self.is_postgresql = self._engine.dialect.name == "postgresql"
        self._writing = self._engine.execution_options(cahot_writes=True)
        by_locks = {"isolation_level": "READ COMMITTED"} if self.is_postgresql else {}
        self._by_locks = self._writing.execution_options(**by_locks)
        # SQLite has one writer; queueing here is fair, its own waiting sleeps ever longer
        self._turn = nullcontext() if self.is_postgresql else threading.Lock()

    def migrate(self, to: str = "head") -> None:
        """Bring the tables up to date in one transaction: all or nothing, one process at a time. Raises DatabaseUnusable."""
        config = Config()
        config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
        end_s = time.monotonic() + OTHERS_MIGRATE_S
        try:
            while not self._upgraded(config, to, end_s):
                pass
        except CommandError as error:
            raise DatabaseUnusable(
                self.url, f"its tables are unknown here ({error})", "run the Cahot that wrote it, or newer"
            ) from error
        except DBAPIError as error:
            why = " ".join(str(error.orig).split())
            raise DatabaseUnusable(self.url, why, "check that it exists, is writable and not locked") from error

    def _upgraded(self, config: Config, to: str, end_s: float) -> bool:
        """False where others hold the database, and the time to wait for them is not over."""
        try:
            with self._turn, self._by_locks.begin() as connection:
                if self.is_postgresql:
                    postgresql.begin_migration(connection)
                config.attributes["connection"] = connection
                command.upgrade(config, to)
        except DBAPIError as error:
            if is_busy(error) and time.monotonic() < end_s:
                return False
            raise
        return True

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
        with Session(self._reading, expire_on_commit=False) as session, session.begin():
            yield session

    @contextmanager
    def write(self, *, by_locks: bool = False) -> Iterator[Session]:
        """A writing transaction, durable when it ends without an exception, undone otherwise.

        As if there were no other writer at the same time: what came in between makes PostgreSQL fail it, which `run` repeats.
        by_locks: only what it locks itself is safe from others; for what many do at once.
        """
        engine = self._by_locks if by_locks else self._writing
        with self._turn, Session(engine, expire_on_commit=False) as session, session.begin():
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
                cursor = raw.cursor()
                cursor.execute("PRAGMA busy_timeout=0")  # else it waits for readers by itself, and every writer with it
                try:
                    busy, *_ = cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
                finally:
                    cursor.execute(f"PRAGMA busy_timeout={BUSY_MS}")
            if not busy:
                return True
            time.sleep(SCRUB_PAUSE_S)
        return False

    def run(self, work: Callable[[Session], T], *, by_locks: bool = False) -> T:
        """What `work` returns in a transaction of `write`, begun anew where another came in between or the connection was lost.

        Should it be lost in the commit, work may find its own result there: it must change nothing but rows, and nothing twice.
        """
        for pause_s in PAUSES_S:
            try:
                with self.write(by_locks=by_locks) as session:
                    return work(session)
            except DBAPIError as error:
                if not postgresql.is_worth_repeating(error):
                    raise
                time.sleep(pause_s * random.uniform(0.5, 1.0))
        with self.write(by_locks=by_locks) as session:
            return work(session)

    def is_there(self) -> bool:
        """Whether a question is answered at all."""
        try:
            with self.read() as session:
                return session.execute(select(1)).scalar() == 1
        except (DBAPIError, NoConnectionFree):
            return False

    def close(self) -> None:
        self._engine.dispose()
        self._reading.dispose()


def clock(session: Session) -> float:
    """Seconds since 1970 by the one clock that all who share the database have."""
    connection = session.connection()
    return postgresql.clock(connection) if connection.dialect.name == "postgresql" else time.time()


def is_busy(error: Exception) -> bool:
    """Whether others held the database for too long: worth trying again."""
    if isinstance(error, NoConnectionFree):
        return True
    if isinstance(error, DBAPIError) and postgresql.is_busy(error):
        return True
    return isinstance(error, OperationalError) and ("locked" in str(error.orig) or "busy" in str(error.orig))


def is_full(error: Exception) -> bool:
    """Whether the database's disk has no room left."""
    return isinstance(error, DBAPIError) and ("disk is full" in str(error.orig) or postgresql.is_full(error))


def is_taken(error: Exception) -> bool:
    """Whether another transaction inserted the same key first: worth reading again."""
    return isinstance(error, IntegrityError)


def is_away(error: Exception) -> bool:
    """Whether it is the database that failed, not what was asked of it: worth asking again when it is back."""
    return isinstance(error, OperationalError | NoConnectionFree) or (isinstance(error, DBAPIError) and postgresql.is_lost(error))


def _without_password(url: str) -> str:
    try:
        return make_url(url).render_as_string(hide_password=True)
    except ArgumentError:
        return "(unreadable URL)"


def _engines(url: str, shown: str) -> tuple[Engine, Engine]:
    """The one to read with and the one to write with."""
    try:
        told = make_url(url)
        if told.get_backend_name() == "postgresql":
            return postgresql.engines(told)
        if told.get_backend_name() != "sqlite":
            raise ArgumentError(f"rows are kept in SQLite or PostgreSQL, not in {told.get_backend_name()}")
        engine = _sqlite(told)
        return engine, engine
    except (ArgumentError, NoSuchModuleError, ImportError) as error:
        remedy = "give an SQLAlchemy URL such as sqlite:////srv/cahot/cahot.sqlite or postgresql+psycopg://user@host/cahot"
        raise DatabaseUnusable(shown, str(error), remedy) from error


def _sqlite(url: URL) -> Engine:
    # isolation_level None: the driver begins nothing by itself, so that `_begin` decides how
    arguments: dict[str, Any] = {"isolation_level": None, "check_same_thread": False}
    engine = create_engine(url, connect_args=arguments, pool_size=40, max_overflow=10, hide_parameters=True)
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
