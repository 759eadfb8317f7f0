"""What PostgreSQL needs and SQLite does not: two pools, one migration at a time, errors that mean *again*, one clock for all.

Why these levels of isolation: docs/decisions/0010-postgresql-and-s3.md.
"""

from __future__ import annotations

import logging
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, text
from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError

log = logging.getLogger("cahot.store")

LOCK_MS = 5000  # a writer waits this long for another's row before the caller is told to come back
# a process that was stopped, or whose machine is gone, in the middle of a transaction gives up its locks after this …
WRITER_IDLE_S = 20
READER_IDLE_S = 600  # … and one that only reads, after this: an estimate computes between two questions to one snapshot
MIGRATION_WAIT_S = 120  # for the locks of a server that migrates, or still works with the older tables
CONNECT_S = 5
POOL, OVERFLOW = 10, 10  # of each kind in each process: PostgreSQL allows 100 connections unless told otherwise
_MIGRATING = 0x6361686F74  # "cahot": the advisory lock's number

_AGAIN = {
    "40001",  # serialization_failure: another transaction came in between
    "40P01",  # deadlock_detected: this one was chosen to give way
    "23505",  # unique_violation: another inserted the same key, which is there to read now
}
_BUSY = {"55P03", "40001", "40P01"}  # lock_not_available: LOCK_MS are over
_FULL = "53100"  # disk_full
_ENDING = {"57P01", "57P02", "57P03", "25P03"}  # shut down, crashed, starting; idle in a transaction for too long


def engines(url: URL) -> tuple[Engine, Engine]:
    """For reading: consistent views that never fail for another's sake. For writing: as if there were one writer at a time."""
    reading = _engine(url, "REPEATABLE READ", READER_IDLE_S).execution_options(postgresql_readonly=True)
    return reading, _engine(url, "SERIALIZABLE", WRITER_IDLE_S)


def begin_migration(connection: Connection) -> None:
    """Wait for one's turn; it ends with the transaction. Warns where the server does not keep what it commits."""
    connection.execute(text(f"SET LOCAL lock_timeout = '{MIGRATION_WAIT_S}s'"))
    connection.execute(text("SET LOCAL idle_in_transaction_session_timeout = 0"))
    connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _MIGRATING})
    if connection.scalar(text("SHOW fsync")) == "off":
        log.warning("this PostgreSQL runs with fsync=off: a power cut loses what was acknowledged")


def state_of(error: BaseException) -> str:
    """The SQLSTATE of an error from PostgreSQL, "" for any other."""
    return getattr(getattr(error, "orig", None), "sqlstate", None) or ""


def is_worth_repeating(error: DBAPIError) -> bool:
    """Whether the same transaction, begun anew, may well succeed: it met another, or its connection was lost."""
    return state_of(error) in _AGAIN or is_lost(error)


def is_busy(error: DBAPIError) -> bool:
    return state_of(error) in _BUSY


def is_full(error: DBAPIError) -> bool:
    return state_of(error) == _FULL


def is_lost(error: DBAPIError) -> bool:
    """Whether the server went away, be it in the middle of a commit whose outcome nobody knows."""
    return error.connection_invalidated or state_of(error) in _ENDING or state_of(error).startswith("08")


def clock(connection: Connection) -> float:
    """Seconds since 1970 by the database's clock: leases of several machines must not hang on theirs."""
    return float(connection.scalar(text("SELECT extract(epoch FROM clock_timestamp())::double precision")) or 0.0)


def _engine(url: URL, isolation: Any, idle_s: int) -> Engine:
    settings = {
        "synchronous_commit": "on",  # what is acknowledged survives a power cut, whatever the server's default
        "lock_timeout": LOCK_MS,
        "idle_in_transaction_session_timeout": idle_s * 1000,
    }
    given = url.query.get("options", "")
    options = " ".join(
        [*([given] if isinstance(given, str) else given), *(f"-c {name}={value}" for name, value in settings.items())]
    )
    return create_engine(
        url,
        isolation_level=isolation,
        pool_size=POOL,
        max_overflow=OVERFLOW,
        pool_pre_ping=True,  # the server may have been restarted since
        hide_parameters=True,  # an error in the log shows no one's places
        connect_args={"options": options.strip(), "connect_timeout": CONNECT_S, "application_name": "cahot"},
    )
