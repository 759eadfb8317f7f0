"""The recorder of the kill tests, run as `record_until_killed.py OUTBOX TRIP START SAVE_S`: prints how far it came."""

from __future__ import annotations

import itertools
import os
import sys

from mobile_app.outbox import Outbox
from mobile_app.recorder import ChunkWriter


def sample(i: int) -> tuple[float, float, float, float]:
    """The i-th sample: its values tell its number and survive quantisation."""
    return i / 100, (i % 64) / 4, (i // 64 % 64) / 4, (i // 4096 % 64) / 4


def main() -> None:
    folder, trip, started_at_us, save_s = sys.argv[1:]
    writer = ChunkWriter(Outbox(folder), trip, int(started_at_us), chunk_s=60, save_s=float(save_s), ends=None)
    for i in itertools.count(int(os.environ.get("FROM", "0"))):
        writer.accelerometer(*sample(i))
        if i % 100 == 0:
            writer.gyroscope(i / 100, 0.25, 0.5, 0.75)
            os.write(1, b"%d\n" % i)


if __name__ == "__main__":
    main()
