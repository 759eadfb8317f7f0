"""From samples as they come to chunks in the outbox, in constant memory, losing at most a few seconds to a kill.

A chunk is cut each minute of event time; in between, what came in is saved every few seconds to `<n>.open`. Times are
seconds from the start of the trip on the sensors' own monotonic clock. When to record is not decided here. A trip whose
ends are withheld is kept in parts until it has ended (`withholding`).
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from mobile_app import durable
from mobile_app.diary import Diary
from mobile_app.open_part import Arrays, OpenPart, no_samples, part_key, read_part
from mobile_app.outbox import Outbox, OutboxError
from mobile_app.packing import packed
from mobile_app.privacy import Ends
from mobile_app.wire.layout import COLUMNS, LIMIT, MAX_T_US, MIN_T_US, PLACE_LIMIT_DEG
from mobile_app.withholding import forget_parts, part_of, release

MOST_SAMPLES = 65_536  # of all streams in one chunk: a minute of six axes at 500 Hz; bounds memory whatever the stamps say
MOST_UNSAVED = 5_000  # samples; likewise
STRAY_S = 3_600.0  # a stamp this far from the one before is taken for a fault of the sensor ...
STRAYS_BELIEVED = 500  # ... unless so many come in a row: then the phone has slept


class ChunkWriter:
    """Writes one trip. A trip that a kill interrupted is gone on with after what was saved of it.

    started_at_us: UTC µs since 1970 of t = 0. chunk_s: event time of a chunk. save_s: event time that a kill may cost.
    ends: how its ends are withheld; None: it is sent as it is, so that whoever holds it knows where it began. There is no
    default, so that nobody forgets it. diary: is told of the trip when it has ended and its ends are withheld. dropped:
    samples left out, by reason. A full disk raises OSError: what was taken before stays in memory and is tried again by the
    next call; the caller stops recording and says so.
    """

    def __init__(
        self,
        outbox: Outbox,
        trip_id: str,
        started_at_us: int,
        chunk_s: float = 60.0,
        save_s: float = 5.0,
        *,
        ends: Ends | None,
        diary: Diary | None = None,
    ) -> None:
        if not 0 < save_s <= chunk_s <= 600:
            raise ValueError(f"chunk_s={chunk_s}, save_s={save_s}: a chunk lasts at most 600 s and is saved at least once")
        outbox.begin(trip_id, started_at_us, ends)
        if outbox.is_finished(trip_id):
            raise OutboxError(trip_id, outbox.next_number(trip_id), "the trip is finished", "begin a new trip")
        self.recovered = recover_trip(outbox, trip_id)
        self.dropped: Counter[str] = Counter()
        self._outbox, self._trip_id, self._started_at_us, self._diary = outbox, trip_id, started_at_us, diary
        self._withholds = outbox.ends(trip_id) is not None  # as it was begun with
        self._chunk_s, self._save_s = chunk_s, save_s
        self._number = outbox.next_number(trip_id)
        self._last_s = math.nan
        self._strays = 0
        self._open = _Open()

    def accelerometer(self, t: float, x: float, y: float, z: float) -> None:
        """One sample in phone axes, m/s², gravity included."""
        self._sensor("accelerometer", t, x, y, z)

    def gyroscope(self, t: float, x: float, y: float, z: float) -> None:
        """One sample in phone axes, rad/s."""
        self._sensor("gyroscope", t, x, y, z)

    def location(
        self,
        t: float,
        latitude: float,
        longitude: float,
        speed: float | None = None,
        bearing: float | None = None,
        accuracy: float | None = None,
    ) -> None:
        """One fix: WGS 84 degrees, m/s, degrees clockwise from north, m; t is when it was taken. None: unknown."""
        if not (abs(latitude) <= PLACE_LIMIT_DEG["latitude"] and abs(longitude) <= PLACE_LIMIT_DEG["longitude"]):
            self.dropped["fix out of range"] += 1
        elif self._admits(t):
            motion = [math.nan if value is None else value for value in (speed, bearing, accuracy)]
            self._take("location", (t, latitude, longitude, *motion))

    def save(self) -> None:
        """Brings everything so far to the disk; called by itself every save_s, and by a timer where sensors may fall silent."""
        held = self._open
        if held.unsaved:
            if held.part is None:
                path = self._outbox.trip_folder(self._trip_id) / f"{self._number}.open"
                held.part = OpenPart(path, part_key(self._trip_id, self._number))
            held.part.append({name: tuple(c[held.saved[name] :] for c in columns) for name, columns in held.samples.items()})
            held.saved = {name: len(columns[0]) for name, columns in held.samples.items()}
            held.unsaved, held.saved_s = 0, self._last_s

    @property
    def trip_id(self) -> str:
        """Empty once it has ended."""
        return self._trip_id

    def close(self, until_s: float | None = None) -> None:
        """Ends the recording, on the disk on return; `recorder.finish` does the rest, at leisure and in any thread.

        until_s: when the car came to stand, if the trip is withheld; of later samples nothing is sent.
        """
        self._cut()
        if self._withholds:
            self._outbox.set_ended(self._trip_id, until_s)
        self._trip_id = ""

    def finish(self) -> int:
        """Ends the trip; the count of its chunks, 0 where all of it was withheld. The writer takes no sample after that."""
        self._cut()
        trip_id, self._trip_id = self._trip_id, ""
        if self._withholds:
            return release(self._outbox, trip_id, self._diary, self.dropped)
        self._outbox.finish(trip_id, self._number)
        return self._number

    def _sensor(self, name: str, t: float, x: float, y: float, z: float) -> None:
        limit = LIMIT[name]
        if not (-limit <= x <= limit and -limit <= y <= limit and -limit <= z <= limit):  # NaN is not either
            self.dropped[f"{name} out of range"] += 1
        elif self._admits(t):
            self._take(name, (t, x, y, z))

    def _admits(self, t: float) -> bool:
        """Whether the time can be; cuts the chunk where the sample belongs to the next."""
        if not self._trip_id:
            raise ValueError("the trip is finished; begin a new one")
        if not MIN_T_US <= t * 1e6 <= MAX_T_US:
            self.dropped["time out of range"] += 1
            return False
        if abs(t - self._last_s) > STRAY_S:  # never for the first, NaN
            self._strays += 1
            if self._strays < STRAYS_BELIEVED:
                self.dropped["stray time"] += 1
                return False
        self._strays = 0
        begun_s = self._open.begun_s
        if begun_s is not None and (not begun_s - STRAY_S <= t < begun_s + self._chunk_s or self._open.count >= MOST_SAMPLES):
            self._cut()
        return True

    def _take(self, name: str, values: tuple[float, ...]) -> None:
        held = self._open
        for column, value in zip(held.samples[name], values, strict=True):
            column.append(value)
        t = self._last_s = values[0]
        held.count += 1
        held.unsaved += 1
        if held.begun_s is None:
            held.begun_s = held.saved_s = t
        elif abs(t - held.saved_s) >= self._save_s or held.unsaved >= MOST_UNSAVED:
            self.save()

    def _cut(self) -> None:
        """The chunk goes to the outbox first and its open part after: a kill in between leaves both, never none."""
        if self._withholds:
            self._keep_part()
            return
        if self._open.count:
            data, repeated = packed(self._trip_id, self._number, self._started_at_us, self._open.samples)
            self._outbox.add(self._trip_id, self._number, data)
            self.dropped.update(repeated)
            self._number += 1
        part = self._open.part
        self._open = _Open()
        if part is not None:
            part.delete()

    def _keep_part(self) -> None:
        """The part stays as it was saved until the trip has ended."""
        self.save()
        part = self._open.part
        self._open = _Open()
        if part is not None:
            part.keep_as(part_of(self._outbox, self._trip_id, self._number))
            self._number += 1


@dataclass
class _Open:
    """The chunk being recorded: its samples, how many of each stream are saved, and where. begun_s: its first stamp."""

    samples: dict[str, Arrays] = field(default_factory=no_samples)
    saved: dict[str, int] = field(default_factory=lambda: dict.fromkeys(COLUMNS, 0))
    part: OpenPart | None = None
    count: int = 0
    unsaved: int = 0
    begun_s: float | None = None
    saved_s: float = 0.0


@dataclass(frozen=True)
class Recovered:
    """What was found after a kill: samples put into chunks, and bytes that were torn."""

    trips: int = 0
    samples: int = 0
    torn_bytes: int = 0


def recover(outbox: Outbox, keep: Iterable[str] = (), diary: Diary | None = None) -> Recovered:
    """To be called when recording starts, by the one process that records: chunks from all open parts, and the end of all
    trips but those to be gone on with.
    """
    kept, found = set(keep), Recovered()
    for state in outbox.trips():
        if state.finished is None:
            one = recover_trip(outbox, state.trip_id)
            found = Recovered(found.trips + 1, found.samples + one.samples, found.torn_bytes + one.torn_bytes)
            if state.trip_id not in kept:
                finish(outbox, state.trip_id, diary)
        else:
            forget_parts(outbox, state.trip_id)  # the kill came when all that may be sent was in chunks
    return found


def finish(outbox: Outbox, trip_id: str, diary: Diary | None = None) -> None:
    """No sample of the trip will come any more."""
    if outbox.ends(trip_id):
        release(outbox, trip_id, diary)
    else:
        outbox.finish(trip_id, outbox.next_number(trip_id))


def recover_trip(outbox: Outbox, trip_id: str) -> Recovered:
    """The chunk that was being recorded when a kill came, as far as it was saved."""
    samples = torn_bytes = 0
    withholds = outbox.ends(trip_id) is not None
    for path in sorted(outbox.trip_folder(trip_id).glob("*.open")):
        number = int(path.stem)
        if withholds:
            held, torn = read_part(path, part_key(trip_id, number))
            samples, torn_bytes = samples + _count(held), torn_bytes + torn
            path.replace(part_of(outbox, trip_id, number))
            durable.sync_folder(path.parent)
            continue
        if not outbox.knows(trip_id, number):  # else the kill came just after its chunk was written
            count, torn = _recover_part(outbox, trip_id, number, path)
            samples, torn_bytes = samples + count, torn_bytes + torn
        path.unlink()
    return Recovered(1, samples, torn_bytes)


def _recover_part(outbox: Outbox, trip_id: str, number: int, path: Path) -> tuple[int, int]:
    held, torn = read_part(path, part_key(trip_id, number))
    count = _count(held)
    if count:
        data, _ = packed(trip_id, number, outbox.started_at_us(trip_id) or 0, held)
        outbox.add(trip_id, number, data)
    return count, torn


def _count(samples: dict[str, Arrays]) -> int:
    return sum(len(columns[0]) for columns in samples.values())
