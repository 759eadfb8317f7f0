"""Is a chunk that was cut off anywhere ever taken for whole? `python -m benchmarks.truncations [--every N]` cuts at each byte.

A minute at 100 Hz, six axes (46 kB). Its stored file is cut at each offset, and once more with zeros for what was never
written, as a power cut leaves it, and read as a worker reads it; the same bytes go to the server's check of what a phone
sends. Exit code 1 when any was accepted.
"""

from __future__ import annotations

import argparse
import hashlib
import sys
import tempfile
import uuid
from pathlib import Path

from benchmarks.uploading import minute, relabelled
from ingest.settings import Settings
from ingest.store import Store, open_store
from ingest.store.objects import DamagedObject, Piece
from mobile_app import wire


def main() -> None:
    options = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    options.add_argument("--every", type=int, default=1, help="bytes from one cut to the next")
    every = options.parse_args().every
    with tempfile.TemporaryDirectory() as folder:
        store = open_store(Settings(Path(folder)))
        trip = uuid.uuid4()
        whole = relabelled(minute(), trip, 0)
        stored, sent, cuts = accepted(store, str(trip), whole, every)
        store.database.close()
    print(
        f"{len(whole)} bytes cut at {cuts} offsets, then filled with zeros: accepted from the disk {stored}, from a sender {sent}"
    )
    sys.exit(stored + sent > 0)


def accepted(store: Store, trip: str, whole: bytes, every: int = 1) -> tuple[int, int, int]:
    """How many damaged ones were taken for whole from the disk, how many from a sender, and at how many offsets it was cut."""
    sha256 = hashlib.sha256(whole).hexdigest()
    (error,) = store.objects.put_all([Piece(trip, 0, whole, sha256)])
    assert error is None
    assert store.objects.get(trip, 0, sha256) == whole, "what is whole is read"
    wire.decode(whole)
    path = Path(str(store.objects.path(trip, 0, sha256)))
    from_disk = from_sender = 0
    offsets = range(0, len(whole), every)
    for end in offsets:
        for torn in (whole[:end], whole[:end] + bytes(len(whole) - end)):
            if torn == whole:
                continue  # it ends in zeros
            path.write_bytes(torn)
            from_disk += _is_read(store, trip, sha256)
            from_sender += _is_decoded(torn)
    return from_disk, from_sender, len(offsets)


def _is_read(store: Store, trip: str, sha256: str) -> bool:
    try:
        store.objects.get(trip, 0, sha256)
    except DamagedObject:
        return False
    return True


def _is_decoded(data: bytes) -> bool:
    try:
        wire.decode(data)
    except wire.ChunkError:
        return False
    return True


if __name__ == "__main__":
    main()
