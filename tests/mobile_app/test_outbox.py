"""The outbox: written whole, kept until acknowledged, never blocked by what is broken."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import time

import pytest
from chunk_samples import STARTED_AT_US, TRIP, encoded

from mobile_app.outbox import Outbox, OutboxError

OTHER = "00000000-0000-4000-8000-000000000000"


@pytest.fixture
def outbox(tmp_path):
    box = Outbox(tmp_path / "outbox")
    box.begin(TRIP, STARTED_AT_US)
    return box


def digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def test_chunks_wait_in_order_oldest_trip_first(outbox):
    outbox.begin(OTHER, STARTED_AT_US - 1)
    for number in (10, 2, 0):
        outbox.add(TRIP, number, encoded(number=number))
    outbox.add(OTHER, 0, encoded())
    assert list(outbox.pending()) == [(OTHER, 0), (TRIP, 0), (TRIP, 2), (TRIP, 10)]


def test_the_bytes_come_back_as_they_were_put_in(outbox):
    outbox.add(TRIP, 0, encoded())
    assert Outbox(outbox.folder).read(TRIP, 0) == encoded()


def test_an_acknowledgement_with_the_right_digest_deletes_and_leaves_a_receipt(outbox):
    outbox.add(TRIP, 0, encoded())
    outbox.acknowledge(TRIP, 0, digest(encoded()))
    (state,) = Outbox(outbox.folder).trips()
    assert (state.pending, state.sent, state.sent_bytes) == ((), (0,), len(encoded()))


def test_an_acknowledgement_of_other_bytes_deletes_nothing(outbox):
    outbox.add(TRIP, 0, encoded())
    with pytest.raises(OutboxError, match="of other bytes"):
        outbox.acknowledge(TRIP, 0, digest(b"other"))
    assert outbox.read(TRIP, 0) == encoded()


def test_a_second_acknowledgement_is_harmless(outbox):
    outbox.add(TRIP, 0, encoded())
    for _ in range(2):
        outbox.acknowledge(TRIP, 0, digest(encoded()))
    assert outbox.trips()[0].sent == (0,)


def test_the_same_chunk_may_be_added_twice_and_another_under_its_number_may_not(outbox):
    for _ in range(2):
        outbox.add(TRIP, 0, encoded())
    with pytest.raises(OutboxError, match="the number is taken by other samples"):
        outbox.add(TRIP, 0, encoded(number=1))
    outbox.acknowledge(TRIP, 0, digest(encoded()))
    with pytest.raises(OutboxError, match="the number is taken"):
        outbox.add(TRIP, 0, encoded())


def test_a_refused_chunk_is_kept_with_its_reason_and_blocks_nothing(outbox):
    for number in (0, 1):
        outbox.add(TRIP, number, encoded(number=number))
    outbox.refuse(TRIP, 0, "the server has other bytes")
    assert list(outbox.pending()) == [(TRIP, 1)]
    assert outbox.refused() == [{"trip_id": TRIP, "number": 0, "reason": "the server has other bytes"}]
    assert (outbox.folder / "refused" / TRIP / "0.chunk").read_bytes() == encoded()
    assert outbox.next_number(TRIP) == 2


@pytest.mark.parametrize("length", range(0, len(encoded()), 7))
def test_a_chunk_cut_at_any_byte_is_put_aside_and_the_next_is_sent(outbox, length):
    outbox.add(TRIP, 0, encoded())
    outbox.add(TRIP, 1, encoded(number=1))
    (outbox.folder / TRIP / "0.chunk").write_bytes(encoded()[:length])
    again = Outbox(outbox.folder)
    waiting = [again.read(trip, number) for trip, number in again.pending()]
    assert [data for data in waiting if data] == [encoded(number=1)]
    assert again.torn == (length < 42)
    assert "on this phone" in again.refused()[0]["reason"]


def test_a_flipped_byte_is_found_when_it_is_read(outbox):
    outbox.add(TRIP, 0, encoded())
    data = bytearray(encoded())
    data[60] ^= 1
    (outbox.folder / TRIP / "0.chunk").write_bytes(data)
    assert outbox.read(TRIP, 0) is None
    assert list(outbox.pending()) == []


def test_opening_sweeps_old_temporary_files_and_spares_those_being_written(outbox):
    old, fresh = outbox.folder / TRIP / ".3.chunk.77.tmp", outbox.folder / TRIP / ".4.chunk.78.tmp"
    for path in (old, fresh):
        path.write_bytes(b"half")
    os.utime(old, (time.time() - 3600, time.time() - 3600))
    assert Outbox(outbox.folder).swept == 1
    assert (old.exists(), fresh.exists()) == (False, True)


def test_a_folder_that_a_kill_left_without_its_start_is_no_trip(outbox):
    (outbox.folder / OTHER).mkdir()
    assert [state.trip_id for state in Outbox(outbox.folder).trips()] == [TRIP]
    outbox.begin(OTHER, 5)
    assert len(outbox.trips()) == 2


def test_a_trip_starts_once(outbox):
    outbox.begin(TRIP, STARTED_AT_US)
    with pytest.raises(OutboxError, match="has started at another instant"):
        outbox.begin(TRIP, STARTED_AT_US + 1)


def test_a_finished_trip_says_its_count_and_one_without_chunks_is_dropped(outbox):
    outbox.begin(OTHER, 5)
    outbox.finish(OTHER, 0)
    outbox.finish(TRIP, 3)
    assert [(state.trip_id, state.finished) for state in Outbox(outbox.folder).trips()] == [(TRIP, 3)]


def test_a_closed_trip_leaves_only_its_line_in_what_was_sent(outbox):
    outbox.add(TRIP, 0, encoded())
    outbox.acknowledge(TRIP, 0, digest(encoded()))
    outbox.finish(TRIP, 1)
    outbox.close(TRIP)
    expected = {"trip_id": TRIP, "started_at_us": STARTED_AT_US, "chunks": 1, "bytes": len(encoded())}
    receipt = outbox.receipts(TRIP)
    assert [(one["number"], one["bytes"], one["sha256"]) for one in receipt] == [(0, len(encoded()), digest(encoded()))]
    assert abs(receipt[0]["at_s"] - time.time()) < 60
    assert (Outbox(outbox.folder).sent(), outbox.trips()) == ([expected | {"receipts": receipt}], [])
    assert not (outbox.folder / TRIP).exists()


def test_what_a_torn_receipt_leaves_behind_does_not_hide_the_next(outbox):
    for number in (0, 1):
        outbox.add(TRIP, number, encoded(number=number))
    outbox.acknowledge(TRIP, 0, digest(encoded()))
    receipts = outbox.folder / TRIP / "receipts.jsonl"
    receipts.write_bytes(receipts.read_bytes() + b'{"number": 1, "by')
    outbox.acknowledge(TRIP, 1, digest(encoded(number=1)))
    assert outbox.trips()[0].sent == (0, 1)


def test_forgetting_deletes_all_of_a_trip_also_what_was_refused(outbox):
    for number in (0, 1):
        outbox.add(TRIP, number, encoded(number=number))
    outbox.refuse(TRIP, 0, "why")
    outbox.forget(TRIP)
    assert [path for path in outbox.folder.rglob("*") if path.is_file()] == []


@pytest.mark.parametrize("trip", ["../elsewhere", "a" * 300, "", ".", "con"])
def test_a_trip_id_never_leads_out_of_the_folder(outbox, trip):
    with pytest.raises(ValueError, match="is not a UUID"):
        outbox.begin(trip, 0)


def test_only_the_owner_may_read(outbox):
    outbox.add(TRIP, 0, encoded())
    assert (outbox.folder / TRIP / "0.chunk").stat().st_mode & 0o077 == 0
    assert outbox.folder.stat().st_mode & 0o077 == 0


@pytest.mark.skipif(shutil.which("strace") is None, reason="strace is not installed")
def test_a_chunk_is_synced_before_its_rename_and_its_folder_after(outbox, tmp_path):
    """What a kill cannot show, as the page cache survives it: the order of the calls that a power cut depends on."""
    (tmp_path / "data").write_bytes(encoded())
    code = (
        "import sys; from mobile_app.outbox import Outbox; "
        "Outbox(sys.argv[1]).add(sys.argv[2], 0, open(sys.argv[3], 'rb').read())"
    )
    calls = ["strace", "-f", "-y", "-e", "trace=pwrite64,fsync,rename", "-o", str(tmp_path / "log")]
    done = subprocess.run([*calls, sys.executable, "-c", code, str(outbox.folder), TRIP, str(tmp_path / "data")], check=False)
    if done.returncode:
        pytest.skip("strace may not trace here")
    log = [line for line in (tmp_path / "log").read_text().splitlines() if TRIP in line]
    kinds = [line.split("(")[0].split()[-1] for line in log]
    assert kinds == ["pwrite64", "fsync", "rename", "fsync"]
    assert ".tmp>" in log[1]
    assert log[3].endswith("= 0")
    assert f"{TRIP}>" in log[3]
