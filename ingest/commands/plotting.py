"""`--plot`: each trip drawn, into one file or into a folder of them."""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from ingest.commands.screen import UnusableInput, WrongUsage

if TYPE_CHECKING:  # at run time a process that draws brings it
    from detection.analysis import Trip

_LONG = 120  # letters of a file name; file systems allow 255 bytes


@dataclass(frozen=True)
class Draw:
    """Draws trips into a folder, each under its own name; crosses to other processes."""

    folder: Path
    ending: str = ".png"

    def __call__(self, trip: Trip) -> None:
        from detection.plots import draw_trip, save

        if trip.stages is None:  # not even five seconds of samples
            return
        save(draw_trip(trip.stages, trip.jolts, _title(trip)), self.folder / self._name(trip.trip_id))

    def _name(self, trip_id: str) -> str:
        """A file name of its own for every trip, whatever its id holds."""
        name = quote(trip_id, safe=" ")
        if len(name) > _LONG:
            name = f"{name[:_LONG]}-{hashlib.blake2s(trip_id.encode(), digest_size=6).hexdigest()}"
        return name + self.ending


def _title(trip: Trip) -> str:
    driven_m = trip.survey.notes.get("driven_m", 0.0)
    km = f", {driven_m / 1000.0:.1f} km driven" if driven_m else ""
    return f"{trip.trip_id}: {len(trip.jolts)} jolt{'s' * (len(trip.jolts) != 1)}{km}"


@contextmanager
def drawing(target: Path | None, paths: Sequence[Path]) -> Iterator[Draw | None]:
    """What draws the trips of these recordings into `target`, None where it is None; a file is whole or absent.

    A name with an ending is a file and takes the one trip there is; any other is a folder, made where it is missing.
    Raises WrongUsage, UnwritableOutput, PartMissing before the work, and WrongUsage and UnusableInput after it.
    """
    if target is None:
        yield None
        return
    from detection.plots import check_plot

    if not target.suffix or target.is_dir():
        check_plot(target / "trip.png" if target.is_dir() else target.with_name("trip.png"))
        target.mkdir(exist_ok=True)
        yield Draw(target)
        return
    check_plot(target)
    _check_that_one_was_given(target, paths)
    with tempfile.TemporaryDirectory(prefix=".cahot-", dir=target.parent) as folder:
        yield Draw(Path(folder), target.suffix.lower())
        drawn = sorted(Path(folder).iterdir())
        if len(drawn) > 1:
            raise WrongUsage(_too_many(target, f"{len(drawn)} trips in this recording"))
        if not drawn:
            raise UnusableInput(f"{paths[0]}: nothing to draw in less than five seconds of samples; record longer")
        os.replace(drawn[0], target)


def _check_that_one_was_given(target: Path, paths: Sequence[Path]) -> None:
    from detection.readers import recordings

    given = sum(1 for _ in recordings(paths))
    if given > 1:
        raise WrongUsage(_too_many(target, f"{given} recordings"))


def _too_many(target: Path, what: str) -> str:
    return f"{target}: one picture holds one trip, and there are {what}; name a folder, such as --plot {target.stem}/"
