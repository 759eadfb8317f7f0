"""The database and the folder of traces: what survives, what is refused, in what order things reach the disk."""

from __future__ import annotations

import multiprocessing
import sqlite3
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import insert, select, text

from ingest.settings import Settings
from ingest.store import Database, DatabaseUnusable, Objects, Store, open_store
from ingest.store.disk import Disk, OpenFile
from ingest.store.objects import DamagedObject
from ingest.store.schema import Base, Device, Trip

TRIP = "0b54a6a3-3c7e-4a43-8f5a-0d6d1c7a9e10"
SHA = "a" * 64


def device(number: int) -> dict[str, object]:
    return {"id": str(number), "token_sha256": str(number), "created_at": 0.0}


def test_the_migrations_make_the_tables_the_code_expects(store: Store):
    with store.database.read() as session:
        assert compare_metadata(MigrationContext.configure(session.connection()), Base.metadata) == []


def test_migrating_again_keeps_what_is_there(installation: Settings):
    first = open_store(installation)
    with first.database.write() as session:
        session.execute(insert(Device), [device(1)])
    first.database.close()
    second = open_store(installation)
    with second.database.read() as session:
        assert session.scalars(select(Device.id)).all() == ["1"]


def test_server_and_workers_may_start_on_an_empty_database_at_once(tmp_path: Path):
    together = threading.Barrier(3)

    def migrate(database: Database) -> None:
        together.wait()
        database.migrate()

    databases = [Database(f"sqlite:///{tmp_path / 'x.sqlite'}") for _ in range(3)]
    with ThreadPoolExecutor(3) as pool:
        assert list(pool.map(migrate, databases)) == [None, None, None]


def test_a_migration_that_fails_leaves_nothing(tmp_path: Path):
    path = tmp_path / "x.sqlite"
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE jolts (other TEXT)")  # created late in the first migration
    database = Database(f"sqlite:///{path}")
    with pytest.raises(DatabaseUnusable, match="jolts"):
        database.migrate()
    with sqlite3.connect(path) as connection:
        assert [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")] == ["jolts"]


def test_a_database_of_a_newer_program_is_refused(installation: Settings, store: Store):
    with store.database.write() as session:
        session.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(DatabaseUnusable, match=r"9999.*newer"):
        store.database.migrate()


@pytest.mark.parametrize("url", ["nonsense", "nosuch://x", "sqlite:////nonexistent/folder/x.sqlite"])
def test_a_database_that_cannot_be_opened_says_so_in_one_line(url: str):
    with pytest.raises(DatabaseUnusable) as caught:
        Database(url).migrate()
    assert "\n" not in str(caught.value)


def test_passwords_in_urls_are_not_shown():
    with pytest.raises(DatabaseUnusable) as caught:
        Database("nosuch://someone:secret@host/x")
    assert "secret" not in str(caught.value)


def test_commits_are_on_the_disk_and_erased_rows_are_overwritten(store: Store):
    with store.database.read() as session:
        told = {
            name: session.execute(text(f"PRAGMA {name}")).scalar() for name in ("journal_mode", "synchronous", "secure_delete")
        }
    assert told == {"journal_mode": "wal", "synchronous": 2, "secure_delete": 1}


def test_a_writer_that_read_first_waits_for_the_other_instead_of_failing(installation: Settings, store: Store):
    other = Database(installation.database_url)
    reading, wrote = threading.Event(), threading.Event()

    def write_meanwhile() -> None:
        reading.wait(10)
        with other.write() as session:
            session.execute(insert(Device), [device(1)])
        wrote.set()

    thread = threading.Thread(target=write_meanwhile)
    thread.start()
    with store.database.write() as session:
        assert session.scalars(select(Device.id)).all() == []
        reading.set()
        assert not wrote.wait(0.3)
        session.execute(insert(Device), [device(2)])
    thread.join(10)
    with store.database.read() as session:
        assert sorted(session.scalars(select(Device.id))) == ["1", "2"]


def test_a_row_without_its_parent_is_refused(store: Store):
    with pytest.raises(Exception, match="FOREIGN KEY"), store.database.write() as session:
        session.add(Trip(id=TRIP, device_id="nobody", state="receiving", created_at=0.0))


def test_stored_bytes_come_back_and_damage_is_noticed(tmp_path: Path):
    objects = Objects(tmp_path / "traces")
    sha256 = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824"  # of hello
    objects.put(TRIP, 0, b"hello", sha256)
    assert objects.get(TRIP, 0, sha256) == b"hello"
    objects.path(TRIP, 0, sha256).write_bytes(b"hellp")
    with pytest.raises(DamagedObject, match="checksum"):
        objects.get(TRIP, 0, sha256)
    objects.path(TRIP, 0, sha256).unlink()
    with pytest.raises(DamagedObject, match="missing"):
        objects.get(TRIP, 0, sha256)


def write_slowly(folder: Path, begun: object, go_on: object) -> None:
    class SlowDisk(Disk):
        def write(self, file: OpenFile, data: bytes) -> None:
            super().write(file, data[:3])
            begun.set()
            go_on.wait(60)
            super().write(file, data[3:])

    Objects(folder, SlowDisk()).put(TRIP, 0, b"hello", SHA)


def test_sweeping_takes_what_the_dead_left_and_nothing_of_the_living(tmp_path: Path):
    processes = multiprocessing.get_context("fork")
    writers = []
    for _ in range(2):
        begun, go_on = processes.Event(), processes.Event()
        writers.append((processes.Process(target=write_slowly, args=(tmp_path, begun, go_on)), go_on))
        writers[-1][0].start()
        assert begun.wait(60)
    (dead, _), (living, go_on) = writers
    dead.kill()
    dead.join()
    assert Objects(tmp_path).sweep() == 1
    go_on.set()
    living.join(60)
    assert living.exitcode == 0
    assert Objects(tmp_path).path(TRIP, 0, SHA).read_bytes() == b"hello"
    assert list((tmp_path / "incoming").iterdir()) == []


def test_a_refused_write_leaves_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    objects = Objects(tmp_path)

    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fdatasync", full)
    with pytest.raises(OSError, match="No space"):
        objects.put(TRIP, 0, b"hello", SHA)
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []
