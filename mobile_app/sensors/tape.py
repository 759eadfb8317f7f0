"""A recording as a tape on one clock: its wire chunks one after the other, with parked minutes around each trip.

One chunk is held at a time, so that a tape may be as long as it likes. Needs numpy, to read chunks.
"""

from __future__ import annotations

import gzip
import json
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain, groupby
from pathlib import Path

from mobile_app.sensors.moments import Moment, moments_of
from mobile_app.sensors.parked import FALLBACK_HZ, Stance, stance_in, standing
from mobile_app.wire import MAGIC, Chunk, decode, decode_json

MOST_SAMPLES = 50_000_000  # of a stream in one JSON recording: a week at 80 Hz
ENDINGS = (".chunk", ".json", ".json.gz")


class UnusableTape(ValueError):
    """There is nothing to play; `str(error)` names the file and says why."""


def tape(path: Path, before_s: float, parked_s: float, loop: bool = False) -> Iterator[Moment]:
    """Everything in order of time, from 0 on; a "clock" where each trip begins. It never ends: at last the car stands for ever.

    path: a file of chunks or a folder of such, played in order of their names. before_s, parked_s: how long the car stands
    before each trip and after it. loop: once all trips are played, the first begins again. Raises UnusableTape.
    """
    playing = _Playing(before_s, parked_s)
    while True:
        for _, chunks in groupby(chunks_at(path), key=lambda chunk: (chunk.trip_id, chunk.started_at_us)):
            yield from playing.trip(chunks)
        if not loop:
            break
    if playing.stance is not None:
        yield from standing(playing.stance, playing.at_s, math.inf)


@dataclass
class _Playing:
    """How far the tape has run, and how the phone lies by now."""

    before_s: float
    parked_s: float
    at_s: float = 0.0
    stance: Stance | None = None

    def trip(self, chunks: Iterator[Chunk]) -> Iterator[Moment]:
        first = next(chunks)
        first_s = next(moments_of(first)).t
        shift_s = self.at_s + self.before_s - first_s
        yield Moment(self.at_s, "clock", (first.started_at_us / 1e6 - shift_s + self.at_s,))
        self.stance = stance_in(first)
        yield from self._stand(self.before_s)
        for chunk in chain([first], chunks):
            for moment in moments_of(chunk):
                self.at_s = max(self.at_s, moment.t + shift_s)
                yield Moment(moment.t + shift_s, moment.kind, moment.values)
            self.stance = stance_in(chunk, self.stance)
        self.at_s += 1 / (self.stance.rate_hz if self.stance else FALLBACK_HZ)
        yield from self._stand(self.parked_s)

    def _stand(self, seconds: float) -> Iterator[Moment]:
        if self.stance is not None:
            yield from standing(self.stance, self.at_s, seconds)
        self.at_s += seconds


def chunks_at(path: Path) -> Iterator[Chunk]:
    """The chunks in a file, or in the files below a folder in order of their names, numbers by their size."""
    files = sorted((one for one in path.rglob("*") if one.name.endswith(ENDINGS)), key=_in_order) if path.is_dir() else [path]
    if not files:
        raise UnusableTape(f"{path}: no chunk (*{', *'.join(ENDINGS)}) lies there")
    for file in files:
        try:
            yield from _chunks_in(file)
        except (OSError, ValueError) as error:  # ChunkError is a ValueError
            raise UnusableTape(f"{file}: {error}") from error


def _chunks_in(file: Path) -> Iterator[Chunk]:
    data = file.read_bytes()
    if data[:4] == MAGIC:
        yield decode(data)
        return
    told = json.loads(gzip.decompress(data) if file.name.endswith(".gz") else data)
    for one in told if isinstance(told, list) else [told]:
        yield decode_json(one, max_samples=MOST_SAMPLES)


def _in_order(file: Path) -> list[tuple[int, str]]:
    """10.chunk comes after 9.chunk."""
    return [(int(part), "") if part.isdigit() else (-1, part) for part in re.split(r"(\d+)", str(file))]
