"""kill -9 of the recorder: what is lost, is anything corrupt, does it go on by itself?

`python -m benchmarks.phone_kills [--kills 500] [--seed N]`: the real process (`benchmarks.phone_recorder live`), killed at random
instants from its start on and started anew. `--steps`: killed by strace at the n-th fsync or rename, for every n of one trip.
"""

from __future__ import annotations

import argparse
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.phone_recorder import RATE_HZ, Told, number_of, sample
from mobile_app import wire
from mobile_app.durable import read_json
from mobile_app.home import Home
from mobile_app.open_part import part_key, read_part
from mobile_app.outbox import Outbox
from mobile_app.recorder import recover

ROOT = Path(__file__).resolve().parents[1]
SPEED = 8.0  # of the sensors' clock against ours: a kill each second or two is one each few
MOST_LOST_S = 10.0
CALLS = "fsync,fdatasync,rename,renameat,renameat2"


@dataclass
class Kills:
    """made: kills; lost_s: of each that came with a trip under way, by the sensors' clock."""

    made: int = 0
    lost_s: list[float] = field(default_factory=list)
    corrupt: int = 0
    blocked: int = 0
    doubled: int = 0
    kept: int = 0
    chunks: int = 0
    samples: int = 0
    trips: int = 0

    @property
    def sound(self) -> bool:
        return not (self.corrupt or self.blocked or self.doubled) and max(self.lost_s, default=0.0) <= MOST_LOST_S

    def __str__(self) -> str:
        lost = sorted(self.lost_s) or [0.0]
        return (
            f"{self.made} kills, {len(self.lost_s)} while recording; lost each: median {lost[len(lost) // 2]:.1f} s, "
            f"most {lost[-1]:.1f} s; blocked {self.blocked}\n"
            f"{self.kept} samples kept, {self.samples} to be sent in {self.chunks} chunks of {self.trips} trips; "
            f"corrupt {self.corrupt}, doubled {self.doubled}"
        )


def main() -> None:
    options = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    options.add_argument("--kills", type=int, default=500)
    options.add_argument("--seed", type=int, default=random.randrange(10**6))
    options.add_argument("--steps", action="store_true")
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        if chosen.steps:
            found = at_every_step(Path(folder))
        else:
            print(f"seed {chosen.seed}", flush=True)
            found = at_random(Path(folder) / "home", chosen.kills, chosen.seed)
    print(found)
    sys.exit(not found.sound)


def at_random(home: Path, kills: int, seed: int) -> Kills:
    """One phone, killed again and again while it drives on."""
    found, dice = Kills(), random.Random(seed)
    _drive_until_recording(home)
    for _ in range(kills):
        before = Told(home, 0).since
        child = _start("live", home, str(SPEED))
        if dice.random() < 0.15:
            time.sleep(dice.uniform(0.0, 1.0))  # while it starts and recovers
        else:
            _wait(lambda before=before: Told(home, 0).since != before)  # until its sensors run
            time.sleep(dice.uniform(0.0, 2.0))
        if child.poll() is not None:
            found.blocked += 1
        child.kill()
        child.wait()
        found.made += 1
        _note_loss(home, found)
    before = Told(home, 0).next
    _drive_until(home, lambda: Told(home, 0).next > before + 20 * RATE_HZ)
    _look_at_parts(home, found)
    _look_at_chunks(home, found)
    return found


def at_every_step(folder: Path, steps: range | None = None, seconds: int = 150) -> Kills:
    """One trip, killed at each of its calls that reach the disk; each time what is there goes on to the trip's end."""
    found, calm = Kills(), folder / "calm"
    _start("played", calm, str(seconds)).wait()
    expected = _bytes_sent(calm)
    assert expected, "the drive that nothing happened to left no chunk"
    for n in steps or range(1, 100_000):
        home = folder / f"at{n}"
        kill = ["strace", "-f", "-qq", "-o", "/dev/null", "-e", f"trace={CALLS}", "-e", f"inject={CALLS}:signal=SIGKILL:when={n}"]
        done = subprocess.run([*kill, *_command("played", home, str(seconds))], cwd=ROOT, check=False, capture_output=True)
        if done.returncode == 0 and steps is None:
            break
        found.made += 1
        _note_loss(home, found)
        again = _start("played", home, str(seconds))
        found.blocked += again.wait() != 0
        _look_at_chunks(home, found)
        shutil.rmtree(home)
    return found


def _command(how: str, home: Path, what: str) -> list[str]:
    return [sys.executable, "-m", "benchmarks.phone_recorder", how, str(home), what]


def _start(how: str, home: Path, what: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(_command(how, home, what), cwd=ROOT)


def _drive_until_recording(home: Path) -> None:
    _drive_until(home, lambda: any((home / "outbox").glob("*/0.open")))


def _wait(reached: Callable[[], bool], longest_s: float = 20.0) -> None:
    end_s = time.monotonic() + longest_s
    while not reached() and time.monotonic() < end_s:
        time.sleep(0.02)


def _drive_until(home: Path, reached: Callable[[], bool]) -> None:
    """In peace; stopped as a system does that has time."""
    child = _start("live", home, str(SPEED))
    _wait(reached, 60.0)
    child.terminate()
    child.wait(30)


def _note_loss(home: Path, found: Kills) -> None:
    """Between the last sample that was handed over and the last that is on the disk, where a trip was under way."""
    on_disk, told = _newest(home), Told(home, 0)
    if on_disk is not None:
        found.lost_s.append(max(told.next - max(on_disk + 1, told.since), 0) / RATE_HZ)


def _newest(home: Path) -> int | None:
    """Number of the newest sample of the trip that is still recorded; None where there is none."""
    for trip in (home / "outbox").glob("*/clock.json"):
        folder = trip.parent
        if (folder / "ended.json").exists() or (folder / "finished.json").exists():
            continue
        origin_s = (read_json(trip) or {}).get("origin_s")
        stamps = [0.0]
        for path in [*folder.glob("*.open"), *folder.glob("*.part")]:
            held, _ = read_part(path, part_key(folder.name, int(path.stem)))
            stamps += held["accelerometer"][0][-200:]
        if origin_s is not None:
            return number_of(origin_s + max(stamps))
    return None


def _look_at_parts(home: Path, found: Kills) -> None:
    """What is kept of the trip under way, its ends too: each sample as it was handed over, once, in order."""
    for trip in (home / "outbox").glob("*/clock.json"):
        origin_s, seen = float((read_json(trip) or {})["origin_s"]), list[int]()
        for path in sorted([*trip.parent.glob("*.part"), *trip.parent.glob("*.open")], key=lambda path: int(path.stem)):
            held, _ = read_part(path, part_key(trip.parent.name, int(path.stem)))
            numbers = [number_of(t + origin_s) for t in held["accelerometer"][0]]
            told = zip(*held["accelerometer"][1:], strict=True)
            found.corrupt += any(sample(i) != values for i, values in zip(numbers, told, strict=True))
            seen += numbers
        found.kept += len(seen)
        found.doubled += len(seen) - len(set(seen))
        found.corrupt += seen != sorted(seen)


def _look_at_chunks(home: Path, found: Kills) -> None:
    """Ends what is under way and reads every chunk as the server would."""
    outbox, seen = Outbox(Home(home).outbox), Counter[int]()
    origins = {path.parent.name: read_json(path) for path in outbox.folder.glob("*/clock.json")}
    recover(outbox)
    for state in outbox.trips():
        found.trips += 1
        origin_s = float((origins.get(state.trip_id) or {}).get("origin_s", 0.0))
        shift_s = origin_s - (outbox.started_at_us(state.trip_id) or 0) / 1e6
        for number in state.pending:
            found.chunks += 1
            try:
                chunk = wire.decode(outbox.read(state.trip_id, number) or b"")
            except wire.ChunkError:
                found.corrupt += 1
                continue
            numbers = [number_of(t + chunk.started_at_us / 1e6 + shift_s) for t in chunk.accelerometer.t_s.tolist()]
            expected = [sample(i) for i in numbers]
            found.corrupt += any(x != tuple(y) for x, y in zip(expected, chunk.accelerometer.xyz.tolist(), strict=True))
            seen.update(numbers)
    found.samples += len(seen)
    found.doubled += sum(count > 1 for count in seen.values())


def _bytes_sent(home: Path) -> list[bytes]:
    outbox = Outbox(Home(home).outbox)
    return [outbox.read(trip, number) or b"" for trip, number in outbox.pending()]


if __name__ == "__main__":
    main()
