"""What recording costs: `python -m benchmarks.phone_day [--hours 24]`.

A drive of a day, six axes at 100 Hz and a fix a second, through the recorder's loop as fast as it goes: processor time as a share
of the time driven, memory over a bare process hour by hour, bytes on the disk for each three-axis sample.
"""

from __future__ import annotations

import argparse
import math
import os
import random
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

from mobile_app.home import Home

RATE_HZ = 100
MPS = 15.0
UTC_S = 1_790_000_000.0
MOST_CORE, MOST_MB, LEAST_SPEED, MOST_BYTES = 0.05, 60.0, 200.0, 9.0


@dataclass
class Cost:
    """cpu_s of wall_s in which driven_s were recorded; mb: over the bare process, hour by hour; bytes a sample kept and sent."""

    driven_s: float = 0.0
    cpu_s: float = 0.0
    wall_s: float = 0.0
    fed_s: float = 0.0  # of cpu_s: making up the samples, which is not the recorder's
    mb: list[float] = field(default_factory=list)
    kept_bytes: float = 0.0
    sent_bytes: float = 0.0
    dropped: dict[str, int] = field(default_factory=dict)

    @property
    def core(self) -> float:
        return (self.cpu_s - self.fed_s) / self.driven_s

    @property
    def speed(self) -> float:
        return self.driven_s / self.wall_s

    def __str__(self) -> str:
        hours = ", ".join(f"{mb:.1f}" for mb in self.mb)
        return (
            f"{self.driven_s / 3600:.1f} h driven at {self.speed:.0f} × speed, "
            f"{self.driven_s / self.cpu_s:.0f} × on a core of its own: "
            f"{self.core:.2%} of one core\n"
            f"MB over a bare process, by hour and after the cut: {hours}\n"
            f"bytes a three-axis sample: {self.kept_bytes:.2f} while recording, {self.sent_bytes:.2f} to be sent; "
            f"dropped {self.dropped}"
        )


def main() -> None:
    options = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    options.add_argument("--hours", type=float, default=24.0)
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        cost = day(Path(folder), chosen.hours)
    print(cost)
    *hourly, cutting = cost.mb
    print(f"memory varies by {max(hourly) - min(hourly):.1f} MB from hour to hour, and is {cutting:.1f} MB while the trip is cut")
    sound = cost.core <= MOST_CORE and max(cost.mb) <= MOST_MB and cost.sent_bytes <= MOST_BYTES and cost.kept_bytes <= MOST_BYTES
    sys.exit(not sound)


def day(folder: Path, hours: float, finds: bool = True) -> Cost:
    """One drive of so many hours, then the stand that ends it, then the cut into chunks."""
    bare_mb = resident_mb()
    from mobile_app.choices import Choices, save_choices
    from mobile_app.diary import Diary
    from mobile_app.finishing import Finisher
    from mobile_app.loop import Loop
    from mobile_app.outbox import Outbox
    from mobile_app.recorder import finish
    from mobile_app.service import finds_here

    home, clock, cost = Home(folder / "home"), 0.0, Cost()
    save_choices(home.choices, Choices().agree(UTC_S - 86_400.0))
    outbox, diary = Outbox(home.outbox), Diary(home.diary)
    finisher = Finisher(lambda trip_id: finish(outbox, trip_id, diary))
    loop = Loop(
        home,
        Idle(),
        outbox,
        finisher,
        finds=finds_here() if finds else None,
        clock=lambda: clock,
        wall_clock=lambda: UTC_S + clock,
    )
    loop.intake.clock(0.0, UTC_S)
    minutes, still = [minute(seed) for seed in range(4)], [(0.0, 0.0, 9.81)] * RATE_HZ
    began_s, began_cpu_s = time.monotonic(), time.process_time()
    seconds = int(hours * 3600)
    for second in range(seconds + 300):
        driving = second < seconds
        fed_s = time.process_time()
        at = second % 60 * RATE_HZ
        accelerations, rotations = minutes[second // 60 % 4]
        rows = accelerations[at : at + RATE_HZ] if driving else still
        for i, (x, y, z) in enumerate(rows):
            loop.intake.accelerometer(second + i / RATE_HZ, x, y, z)
        for i, (x, y, z) in enumerate(rotations[at : at + RATE_HZ]):
            loop.intake.gyroscope(second + i / RATE_HZ, x, y, z)
        around = min(second, seconds) * MPS / 50_000.0  # a circle of 50 km radius
        loop.intake.location(second + 0.5, *place(around), MPS if driving else 0.0, 0.0, 5.0)
        cost.fed_s += time.process_time() - fed_s
        clock += 1.0
        loop.step()
        if second % 3600 == 3599 or second == seconds - 1:
            cost.mb.append(resident_mb() - bare_mb)
        if second == seconds - 1:
            cost.kept_bytes = _bytes(folder, "part", "open") / (2 * RATE_HZ * second)
    cost.driven_s, cost.wall_s, cost.cpu_s = float(seconds), time.monotonic() - began_s, time.process_time() - began_cpu_s
    loop.close()
    finisher.start()
    while finisher.busy:
        time.sleep(0.05)
    cost.mb.append(resident_mb() - bare_mb)
    samples = sum(entry.samples for entry in diary.entries())
    cost.sent_bytes = _bytes(folder, "chunk") / max(2 * samples, 1)
    cost.dropped = dict(loop.recording.dropped + loop.intake.dropped)
    return cost


class Idle:
    """A source that is fed by hand."""

    def start(self, sink: object, *, motion_hz: float, batch_s: float) -> None: ...

    def stop(self) -> None: ...


def minute(seed: int) -> tuple[list[tuple[float, float, float]], list[tuple[float, float, float]]]:
    """A minute of a phone in a car: vibration that no format can squeeze, on a phone that lies askew."""
    dice, shake = random.Random(seed), [0.0, 0.0, 0.0]
    accelerations, rotations = [], []
    for _ in range(60 * RATE_HZ):
        shake = [0.6 * before + dice.gauss(0.0, sigma) for before, sigma in zip(shake, (0.25, 0.25, 0.5), strict=True)]
        accelerations.append((0.3 + shake[0], 6.9 + shake[1], 6.9 + shake[2]))
        rotations.append((dice.gauss(0, 0.02), dice.gauss(0, 0.02), dice.gauss(0, 0.02)))
    return accelerations, rotations


def place(angle: float) -> tuple[float, float]:
    return 48.0 + math.sin(angle) * 50_000.0 / 111_195.0, 2.0 + (1 - math.cos(angle)) * 50_000.0 / 111_195.0 / 0.669


def resident_mb() -> float:
    with open("/proc/self/statm") as told:
        return int(told.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6


def _bytes(folder: Path, *endings: str) -> int:
    return sum(path.stat().st_size for ending in endings for path in folder.rglob(f"*.{ending}"))


if __name__ == "__main__":
    main()
