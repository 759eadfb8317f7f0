"""A commit that nobody sees must not come up later: what `Database.settle` is for."""

from __future__ import annotations

import contextlib
import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from ingest.store.database import Database


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    held = Database(f"sqlite:///{tmp_path / 'rows.sqlite'}")
    with held.write() as session:
        session.execute(text("CREATE TABLE seen (number INTEGER)"))
        session.execute(text("INSERT INTO seen VALUES (1)"))
    yield held
    held.close()


def leave_an_unseen_commit(path: Path) -> None:
    """What a writer leaves that is killed between its log and the log's index: frames that no index tells of.

    They are written by SQLite itself in a copy of database and log, and carried over.
    """
    log = path.with_name(f"{path.name}-wal")
    copy = path.with_name("copy.sqlite")
    shutil.copyfile(path, copy)
    shutil.copyfile(log, f"{copy}-wal")
    with contextlib.closing(sqlite3.connect(copy, isolation_level=None)) as rows:
        rows.execute("PRAGMA wal_autocheckpoint=0")
        rows.execute("INSERT INTO seen VALUES (2)")
        with_it = Path(f"{copy}-wal").read_bytes()
    before = log.read_bytes()
    assert with_it.startswith(before)
    assert len(with_it) > len(before)
    with log.open("r+b") as file:
        file.seek(len(before))
        file.write(with_it[len(before) :])


def numbers(database: Database) -> list[int]:
    with database.read() as session:
        return list(session.scalars(text("SELECT number FROM seen ORDER BY number")))


def after_all_have_closed_it(database: Database, path: Path) -> list[int]:
    """A power cut, as far as SQLite can tell: the index is made anew from the log."""
    with database.read() as session:
        session.execute(text("SELECT 1 FROM seen"))
        for end in ("", "-wal"):
            shutil.copyfile(f"{path}{end}", f"{path.with_name('after.sqlite')}{end}")
    again = Database(f"sqlite:///{path.with_name('after.sqlite')}")
    found = numbers(again)
    again.close()
    return found


@pytest.mark.parametrize("settles", [False, True])
def test_a_commit_that_nobody_sees_comes_up_later_unless_it_is_settled(database: Database, tmp_path: Path, settles: bool):
    path = tmp_path / "rows.sqlite"
    leave_an_unseen_commit(path)
    assert numbers(database) == [1]
    if settles:
        database.settle()
    assert numbers(database) == [1]
    assert after_all_have_closed_it(database, path) == ([1] if settles else [1, 2])
