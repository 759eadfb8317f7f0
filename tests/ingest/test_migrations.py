"""Every older installation becomes one of today, with all that was in it, or stays what it was."""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic.config import Config
from alembic.script import ScriptDirectory
from postgresql_server import PostgresqlServer

from ingest.store import Database, DatabaseUnusable

_CONFIG = Config()
_CONFIG.set_main_option("script_location", str(Path(__file__).parents[2] / "ingest" / "migrations"))
REVISIONS = [revision.revision for revision in ScriptDirectory.from_config(_CONFIG).walk_revisions()][::-1]
HEAD = REVISIONS[-1]

Golden = dict[str, list[dict[str, Any]]]


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """An empty database, without tables."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'cahot.sqlite'}"
        return
    server: PostgresqlServer = request.getfixturevalue("postgresql")
    made = server.bare_database()
    yield made
    server.drop(made)


def migrate(url: str, to: str = "head") -> None:
    database = Database(url)
    database.migrate(to)
    database.close()


def fill(url: str) -> Golden:
    """A row in each table as it is at this revision, with the rows it refers to; what was written."""
    engine = sa.create_engine(url)
    tables = _tables(engine)
    written: Golden = {}
    with engine.begin() as connection:
        for table in tables:
            there = connection.execute(sa.select(table)).mappings().all()
            if not there:
                row = {column.name: _value(column, written) for column in table.columns}
                connection.execute(sa.insert(table), [row])
            written[table.name] = _read(connection, table)
    engine.dispose()
    return written


def dump(url: str) -> tuple[str | None, Golden]:
    """The revision, and all rows of all tables."""
    engine = sa.create_engine(url)
    with engine.connect() as connection:
        held = {table.name: _read(connection, table) for table in _tables(engine)}
        known = sa.inspect(engine).has_table("alembic_version")
        revision = connection.scalar(sa.text("SELECT version_num FROM alembic_version")) if known else None
    engine.dispose()
    return revision, held


def _tables(engine: sa.Engine) -> list[sa.Table]:
    metadata = sa.MetaData()
    metadata.reflect(engine)
    return [table for table in metadata.sorted_tables if table.name != "alembic_version"]


def _read(connection: sa.Connection, table: sa.Table) -> list[dict[str, Any]]:
    return [dict(row) for row in connection.execute(sa.select(table)).mappings()]


def _value(column: sa.Column[Any], written: Golden) -> Any:
    """Something of the column's type, at the edge of what it holds; that of another table where it refers to one."""
    for key in column.foreign_keys:
        return written[key.column.table.name][0][key.column.name]
    if isinstance(column.type, sa.BigInteger):
        return -(2**62)
    if isinstance(column.type, sa.Boolean):
        return True
    if isinstance(column.type, sa.Integer):
        return 2**31 - 1
    if isinstance(column.type, sa.Float | sa.Numeric):
        return 48.137154
    if isinstance(column.type, sa.LargeBinary):
        return bytes(range(256))
    return (f"é'{column.name}\n" + "x" * 200)[: getattr(column.type, "length", None) or 200]


def survives(before: Golden, after: Golden) -> None:
    """Every value that still has its table and column is what it was."""
    for table, rows in before.items():
        assert table in after, f"the table {table} is gone with its rows"
        for old, new in zip(rows, after[table], strict=True):
            assert {name: new[name] for name in old if name in new} == {name: old[name] for name in old if name in new}


@pytest.mark.parametrize("revision", REVISIONS[:-1])
def test_an_older_database_is_brought_up_to_date_with_all_that_is_in_it(url: str, revision: str):
    migrate(url, revision)
    before = fill(url)
    assert all(before.values())
    migrate(url)
    reached, after = dump(url)
    assert reached == HEAD
    survives(before, after)


def upgrade_until(url: str, statements: int) -> None:
    """Migrates and kills itself before the n-th statement is sent."""
    sent = 0

    def count(*_: object) -> None:
        nonlocal sent
        sent += 1
        if sent > statements:
            os.kill(os.getpid(), signal.SIGKILL)

    sa.event.listen(sa.Engine, "before_cursor_execute", count)
    migrate(url)


@pytest.mark.parametrize("killed_at", [3, 12, 20, 28])
def test_killed_in_the_middle_a_migration_leaves_all_or_nothing_and_can_be_run_again(url: str, killed_at: int):
    migrate(url, REVISIONS[0])
    fill(url)
    before = dump(url)
    child = multiprocessing.get_context("fork").Process(target=upgrade_until, args=(url, killed_at))
    child.start()
    child.join(60)
    assert child.exitcode in ((-signal.SIGKILL,) if killed_at < 20 else (-signal.SIGKILL, 0))  # SQLite needs fewer statements
    reached, held = dump(url)
    if child.exitcode:
        assert (reached, held) == before
    migrate(url)
    reached, after = dump(url)
    assert reached == HEAD
    survives(before[1], after)


def test_servers_that_start_at_once_migrate_once(url: str):
    processes = [multiprocessing.get_context("fork").Process(target=migrate, args=(url,)) for _ in range(4)]
    for process in processes:
        process.start()
    for process in processes:
        process.join(60)
    assert [process.exitcode for process in processes] == [0, 0, 0, 0]
    assert dump(url)[0] == HEAD


def test_a_newer_database_is_refused_and_left_alone(url: str):
    migrate(url)
    engine = sa.create_engine(url)
    with engine.begin() as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))
        connection.execute(sa.text("ALTER TABLE trips ADD COLUMN of_the_future TEXT"))
    engine.dispose()
    before = dump(url)
    with pytest.raises(DatabaseUnusable, match=r"9999.*newer"):
        migrate(url)
    assert dump(url) == before
