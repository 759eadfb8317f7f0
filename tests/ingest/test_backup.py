"""Backups taken while phones upload: whole, checked, and the same installation once restored."""

from __future__ import annotations

import json
import threading
import uuid
from pathlib import Path

import pytest
from callers import Phone, make_chunk, until
from fastapi.testclient import TestClient
from s3_server import S3Server

from ingest.api import create_app
from ingest.backup import MANIFEST, BackupUnusable, back_up, restore
from ingest.commands import main
from ingest.settings import Settings
from ingest.store import open_store

ASKED = ("/v1/defects", "/v1/roughness", "/v1/coverage", "/v1/map-config", "/readyz")


def answers(installation: Settings, token: str, trips: list[str]) -> dict[str, object]:
    """What an installation says to everyone, and to one phone."""
    store = open_store(installation)
    phone = Phone(TestClient(create_app(installation, store)), token)
    told = {path: (answer := phone.http.get(path)).content + str(answer.status_code).encode() for path in ASKED}
    told |= {trip: phone.trip(trip).json() for trip in trips}
    again = [phone.put(trip, 0, make_chunk(trip, 0)) for trip in trips]
    told |= {f"{trip} again": (answer.status_code, answer.json()) for trip, answer in zip(trips, again, strict=True)}
    store.database.close()
    return told


@pytest.fixture
def trips(phone: Phone) -> list[str]:
    sent = [str(uuid.uuid4()) for _ in range(3)]
    for trip in sent:
        for number in range(3):
            assert phone.put(trip, number, make_chunk(trip, number)).status_code == 201
    phone.finish(sent[0], 3)
    return sent


@pytest.mark.parametrize("name", ["copy", "copy.tar"])
def test_what_is_restored_answers_as_the_original(
    phone: Phone, trips: list[str], installation: Settings, tmp_path: Path, name: str
):
    told = back_up(installation, tmp_path / name)
    assert (told.chunks, told.missing) == (9, ())
    again = Settings(tmp_path / "again")
    assert restore(tmp_path / name, again) == told
    assert answers(again, phone.token, trips) == answers(installation, phone.token, trips)
    assert sorted(path.name for path in again.data.iterdir() if "sqlite" not in path.name) == ["tombstone.key", "traces"]


def run(*command: object) -> int:
    """Exit code of `cahot …`."""
    with pytest.raises(SystemExit) as ended:
        main([str(word) for word in command])
    assert isinstance(ended.value.code, int)
    return ended.value.code


def test_chunks_in_a_bucket_are_copied_out_of_it_and_restored_into_another(
    s3: S3Server, s3_url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    here, there = Settings(tmp_path / "here", objects=s3_url), Settings(tmp_path / "there", objects=f"s3://{s3.new_bucket()}/x")
    store = open_store(here)
    phone, trip = Phone.enrol(TestClient(create_app(here, store))), str(uuid.uuid4())
    digests = [phone.put(trip, number, make_chunk(trip, number)).json()["sha256"] for number in range(3)]
    assert run("backup", tmp_path / "copy", "--data", here.data, "--objects", s3_url) == 0
    assert run("restore", tmp_path / "copy", "--data", there.data, "--objects", there.objects) == 0
    again = open_store(there)
    assert [again.objects.get(trip, n, sha256) for n, sha256 in enumerate(digests)] == [make_chunk(trip, n) for n in range(3)]
    assert not (there.data / "traces").exists()
    assert run("doctor", "--data", there.data, "--objects", there.objects) == 0
    again.objects.erase(trip)
    assert run("doctor", "--data", there.data, "--objects", there.objects) == 1
    assert capsys.readouterr().out.count(f"of trip {trip} is missing from the bucket") == 3
    store.database.close()
    again.database.close()


def test_a_backup_taken_while_phones_upload_has_the_file_of_each_row(http: TestClient, installation: Settings, tmp_path: Path):
    stop = threading.Event()
    acknowledged: list[tuple[str, int]] = []

    def upload() -> None:
        phone, trip = Phone.enrol(http), str(uuid.uuid4())
        for number in range(1000):
            if stop.is_set():
                return
            assert phone.put(trip, number, make_chunk(trip, number)).status_code == 201
            acknowledged.append((trip, number))

    uploaders = [threading.Thread(target=upload) for _ in range(2)]
    for one in uploaders:
        one.start()
    for turn in range(4):
        until(lambda turn=turn: len(acknowledged) > 8 * turn)
        before = len(acknowledged)
        told = back_up(installation, tmp_path / str(turn))
        assert told.missing == ()
        assert told.chunks >= before
        for trip, number in acknowledged[:before]:
            assert list((tmp_path / str(turn) / "traces" / trip[:2] / trip).glob(f"{number}-*"))
    stop.set()
    for one in uploaders:
        one.join()
    assert restore(tmp_path / "3", Settings(tmp_path / "again")) == told


def test_a_restore_shares_no_bytes_with_its_backup(trips: list[str], installation: Settings, tmp_path: Path):
    back_up(installation, tmp_path / "copy")
    restore(tmp_path / "copy", Settings(tmp_path / "again"))
    (kept, *_) = (tmp_path / "copy" / "traces").glob("??/*/*")
    restored = tmp_path / "again" / kept.relative_to(tmp_path / "copy")
    assert restored.read_bytes() == kept.read_bytes()
    assert restored.stat().st_ino != kept.stat().st_ino


def test_damage_anywhere_in_a_backup_is_found_and_nothing_is_restored(trips: list[str], installation: Settings, tmp_path: Path):
    back_up(installation, tmp_path / "copy")
    names = [*json.loads((tmp_path / "copy" / MANIFEST).read_text())["files"], MANIFEST]
    assert len(names) == 12
    for name in names:
        path = tmp_path / "copy" / name
        whole = path.read_bytes()
        for damaged in (whole[:-1], bytes([whole[0] ^ 1]) + whole[1:], None):
            path.unlink()  # not in place: its bytes are those of the installation
            if damaged is not None:
                path.write_bytes(damaged)
            with pytest.raises(BackupUnusable, match="use an"):
                restore(tmp_path / "copy", Settings(tmp_path / "again"))
            assert not any((tmp_path / "again").iterdir())
            path.unlink(missing_ok=True)
            path.write_bytes(whole)
    restore(tmp_path / "copy", Settings(tmp_path / "again"))


def test_a_cut_off_or_foreign_tar_is_refused(trips: list[str], installation: Settings, tmp_path: Path):
    back_up(installation, tmp_path / "copy.tar")
    whole = (tmp_path / "copy.tar").read_bytes()
    for cut in (0, 100, len(whole) // 2):
        (tmp_path / "cut.tar").write_bytes(whole[:cut])
        with pytest.raises(BackupUnusable):
            restore(tmp_path / "cut.tar", Settings(tmp_path / "again"))


def test_nothing_is_overwritten(trips: list[str], installation: Settings, tmp_path: Path):
    back_up(installation, tmp_path / "copy")
    for target in (tmp_path / "copy", installation.data):
        with pytest.raises(BackupUnusable, match="is there already"):
            back_up(installation, target)
    with pytest.raises(BackupUnusable, match="not empty"):
        restore(tmp_path / "copy", installation)


def test_a_damaged_chunk_is_named_and_the_rest_is_copied(trips: list[str], installation: Settings, tmp_path: Path):
    (one, *_) = sorted(installation.traces.glob("??/*/*"))
    one.write_bytes(b"x")
    told = back_up(installation, tmp_path / "copy")
    assert told.chunks == 8
    assert len(told.missing) == 1
    assert one.parent.name in told.missing[0]


def test_rows_in_postgresql_are_refused_with_the_way_to_do_it(tmp_path: Path):
    with pytest.raises(BackupUnusable, match="pg_dump"):
        back_up(Settings(tmp_path, "postgresql+psycopg://cahot@db/cahot"), tmp_path / "copy")


def test_the_commands_say_what_was_kept(
    trips: list[str], installation: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    def cahot(*arguments: str) -> tuple[int, str]:
        with pytest.raises(SystemExit) as end:
            main(arguments)
        return end.value.code, capsys.readouterr().err

    data = ("--data", str(installation.data))
    assert cahot("backup", str(tmp_path / "copy.tar"), *data)[0] == 0
    code, told = cahot("restore", str(tmp_path / "copy.tar"), "--data", str(tmp_path / "again"))
    assert (code, "9 chunks" in told) == (0, True)
    code, told = cahot("restore", str(tmp_path / "copy.tar"), *data)
    assert (code, told.count("\n"), "not empty" in told) == (1, 1, True)
    assert cahot("doctor", "--data", str(tmp_path / "again"))[0] == 0
