"""What rots, tears or goes missing is found, set aside with its reason, told with its trip, and blocks nobody."""

from __future__ import annotations

import json
import os
import time
import uuid
from pathlib import Path

import pytest
from callers import Phone, make_chunk
from sqlalchemy import delete, select, text, update

from ingest import checking, worker
from ingest.commands import main
from ingest.running import Start, is_served, running
from ingest.settings import Settings
from ingest.store import Store
from ingest.store.objects import DamagedObject
from ingest.store.schema import Chunk, Job, SurveyRow, Trip

KILLED = Start(killed_since=time.time() - 3600, alone=True)


def doctor(store: Store, *, repair: bool = False, alone: bool = True) -> list[str]:
    return [str(found) for found in checking.doctor(store, repair=repair, alone=alone, on_step=lambda name, steps: None)]


def path_of(store: Store, trip: str, number: int) -> Path:
    with store.database.read() as session:
        query = select(Chunk.sha256).where(Chunk.trip_id == trip, Chunk.number == number)
        return store.objects.path(trip, number, session.scalars(query).one())


def work_off(store: Store, installation: Settings) -> None:
    while worker.work_once(store, installation):
        pass


@pytest.fixture
def trip(phone: Phone, trip_id: str) -> str:
    for number in range(4):
        phone.put(trip_id, number, make_chunk(trip_id, number))
    return trip_id


def test_a_clean_installation_has_no_findings(phone: Phone, trip: str, store: Store, installation: Settings):
    phone.finish(trip, 4)
    assert doctor(store) == []
    work_off(store, installation)
    assert doctor(store) == []
    assert checking.after_start(store, KILLED) == ([], True)


def test_every_flip_of_a_byte_is_found(trip: str, store: Store):
    path = path_of(store, trip, 2)
    whole = path.read_bytes()
    sha256 = path.name.partition("-")[2]
    for at in range(len(whole)):
        path.write_bytes(whole[:at] + bytes([whole[at] ^ 1 << at % 8]) + whole[at + 1 :])
        with pytest.raises(DamagedObject):
            store.objects.get(trip, 2, sha256)
    assert [line for line in doctor(store) if "checksum" in line and trip in line]
    path.write_bytes(whole)
    assert doctor(store) == []


def test_every_truncation_is_found_and_bytes_behind_the_end_too(trip: str, store: Store):
    path = path_of(store, trip, 3)
    whole = path.read_bytes()
    sha256 = path.name.partition("-")[2]
    for end in range(len(whole)):
        for torn in (whole[:end], whole[:end] + bytes(len(whole) - end)):  # cut off; and of full length, the rest never written
            path.write_bytes(torn)
            if torn != whole:
                with pytest.raises(DamagedObject):
                    store.objects.get(trip, 3, sha256)
    path.write_bytes(whole + b"\0")
    with pytest.raises(DamagedObject):
        store.objects.get(trip, 3, sha256)


@pytest.mark.parametrize("damage", ["torn", "gone", "swapped"])
def test_after_a_kill_a_torn_chunk_is_set_aside_and_the_rest_of_its_trip_goes_on(
    phone: Phone, trip: str, store: Store, installation: Settings, damage: str
):
    path, whole = path_of(store, trip, 1), make_chunk(trip, 1)
    if damage == "gone":
        path.unlink()
    else:
        path.write_bytes(whole[:100] if damage == "torn" else make_chunk(trip, 2))
    found, looked_at_all = checking.after_start(store, KILLED)
    assert (len(found), looked_at_all) == (1, True)
    told = phone.trip(trip).json()
    assert (told["state"], told["chunks"], list(told["quarantined"])) == ("receiving", 3, ["1"])
    assert not path.exists()
    aside = installation.traces / "quarantine" / trip
    assert json.loads((aside / f"{path.name}.json").read_text())["reason"] == told["quarantined"]["1"]
    assert (aside / path.name).exists() == (damage != "gone")
    assert phone.finish(trip, 4).status_code == 202  # what was acknowledged is no longer on the phone: it cannot be missing
    work_off(store, installation)
    assert phone.trip(trip).json()["state"] == "processed"
    assert doctor(store) == []


def test_a_clean_end_needs_no_look(trip: str, store: Store):
    path_of(store, trip, 1).unlink()
    assert checking.after_start(store, Start(killed_since=None, alone=True)) == ([], True)


def test_chunks_from_before_the_last_start_are_not_looked_at(trip: str, store: Store):
    """A start stays fast, however much is stored."""
    path_of(store, trip, 1).unlink()
    with store.database.write() as session:
        session.execute(update(Chunk).values(received_at=time.time() - 86_400))
    assert checking.after_start(store, KILLED) == ([], True)
    assert len(doctor(store)) == 1


def test_a_start_looks_no_longer_than_it_may_and_says_so(trip: str, store: Store):
    ticks = iter(range(0, 10_000, 6))
    _, whole = checking.after_start(store, KILLED, clock=lambda: next(ticks))
    assert not whole


def test_the_same_bytes_sent_again_heal_a_trip_though_it_is_finished(
    phone: Phone, trip: str, store: Store, installation: Settings
):
    phone.finish(trip, 4)
    path_of(store, trip, 1).unlink()
    work_off(store, installation)
    told = phone.trip(trip).json()
    assert (told["state"], list(told["quarantined"])) == ("processed", ["1"])
    assert phone.put(trip, 1, make_chunk(trip, 1, height=1.0)).status_code == 409
    assert phone.put(trip, 1, make_chunk(trip, 1)).status_code == 201
    told = phone.trip(trip).json()
    assert (told["state"], told["quarantined"], told["chunks"]) == ("queued", {}, 4)
    work_off(store, installation)
    assert phone.trip(trip).json()["state"] == "processed"


def test_files_that_no_row_names_are_set_aside_but_not_another_servers_upload(trip: str, store: Store, installation: Settings):
    strange = str(uuid.uuid4())
    for of in (trip, strange):
        store.objects.put(of, 9, b"never acknowledged", "ab" * 32)
    beside_others = Start(KILLED.killed_since, alone=False)
    assert checking.after_start(store, beside_others) == ([], True)
    old = time.time() - 2 * checking.UNDER_WAY_S
    os.utime(store.objects.path(strange, 9, "ab" * 32), (old, old))
    assert len(checking.after_start(store, beside_others)[0]) == 1
    assert len(doctor(store)) == 1
    assert len(doctor(store, repair=True)) == 1
    assert doctor(store) == []
    held = sorted(path.name for path in (installation.traces / "quarantine").glob("*/*"))
    assert held == sorted([f"9-{'ab' * 32}", f"9-{'ab' * 32}.json"] * 2)


def test_erasing_a_device_takes_what_was_set_aside_of_it_too(phone: Phone, trip: str, store: Store, installation: Settings):
    path_of(store, trip, 1).write_bytes(b"torn")
    checking.after_start(store, KILLED)
    assert phone.http.delete("/v1/devices/me", headers=phone.headers).status_code == 204
    assert [path for path in installation.traces.rglob("*") if path.is_file()] == []


def test_lost_jobs_and_unreadable_surveys_are_found_and_made_again(phone: Phone, trip: str, store: Store, installation: Settings):
    phone.finish(trip, 4)
    with store.database.write() as session:
        session.execute(delete(Job))
    assert "no job names it" in doctor(store)[0]
    doctor(store, repair=True)
    work_off(store, installation)
    assert phone.trip(trip).json()["state"] == "processed"
    with store.database.write() as session:
        session.execute(update(SurveyRow).values(arrays=b"rubbish"))
    assert "cannot be read" in doctor(store)[0]
    with store.database.write() as session:
        session.execute(delete(SurveyRow))
    assert "has no survey" in doctor(store, repair=True)[0]
    work_off(store, installation)
    assert doctor(store) == []


def test_rows_without_their_parents_and_other_tables_are_found(phone: Phone, trip: str, store: Store):
    with store.database.write() as session:
        session.connection().exec_driver_sql("CREATE INDEX surplus ON trips (created_at)")
    assert "its tables" in doctor(store)[0]
    with store.database.write() as session:
        session.connection().exec_driver_sql("DROP INDEX surplus")
    raw = store.database._engine.raw_connection()
    raw.cursor().execute("PRAGMA foreign_keys=OFF")
    raw.cursor().execute("DELETE FROM devices")
    raw.close()
    assert any("has no devices" in line for line in doctor(store))


def test_the_command_ends_with_1_and_a_line_for_each_finding(
    trip: str, store: Store, installation: Settings, capsys: pytest.CaptureFixture[str]
):
    def cahot(*arguments: str) -> tuple[int, str]:
        with pytest.raises(SystemExit) as end:
            main(["doctor", "--data", str(installation.data), *arguments])
        return end.value.code, capsys.readouterr().out

    assert cahot() == (0, "")
    path_of(store, trip, 0).unlink()
    path_of(store, trip, 3).write_bytes(b"x")
    code, told = cahot()
    assert (code, told.count("\n")) == (1, 2)
    code, told = cahot("--repair")
    assert (code, told.count("it is set aside")) == (0, 2)
    assert cahot() == (0, "")
    with store.database.read() as session:
        assert sorted(session.scalars(select(Chunk.number))) == [1, 2]
        assert session.execute(text("SELECT count(*) FROM quarantined_chunks")).scalar() == 2
        assert session.scalars(select(Trip.state)).one() == "receiving"


def test_only_a_server_that_was_killed_leaves_word_of_it(tmp_path: Path):
    with running(tmp_path, 100.0) as start:
        assert start == Start(None, alone=True)
        assert is_served(tmp_path)
        with running(tmp_path, 150.0) as second:
            assert second == Start(None, alone=False)
    assert not is_served(tmp_path)
    with running(tmp_path, 200.0) as start:
        assert start == Start(None, alone=True)
        (tmp_path / "kept").write_text((tmp_path / "running.json").read_text())
    (tmp_path / "kept").rename(tmp_path / "running.json")
    with running(tmp_path, 300.0) as start:
        assert start == Start(200.0, alone=True)
    (tmp_path / "running.json").write_text("{")
    with running(tmp_path, 400.0) as start:
        assert start.killed_since == 0.0
