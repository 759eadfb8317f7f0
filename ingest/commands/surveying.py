"""Surveys many recordings in parallel processes; what is broken is told and left out, never fatal."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from detection import CahotError, Survey, Trace
from ingest.commands.interruption import handed_out
from ingest.commands.plotting import Draw
from ingest.commands.screen import UnusableInput, complain, progress

Columns = Mapping[str, str] | None
_HANDED_OUT = 4  # recordings given to a process at once: fewer messages, still an even share


@dataclass
class Surveyed:
    """Outcome of a batch. surveys: one a trip; recordings, failed: counts of files."""

    surveys: list[Survey] = field(default_factory=list)
    recordings: int = 0
    failed: int = 0

    @property
    def summary(self) -> str:
        """`97 recordings, 63.1 km; 3 of them unusable`."""
        driven_km = sum(survey.notes.get("driven_m", 0.0) for survey in self.surveys) / 1000.0
        unusable = f"; {self.failed} of them unusable, see above" if self.failed else ""
        return f"{self.recordings} recording{'s' * (self.recordings != 1)}, {driven_km:.1f} km{unusable}"


@dataclass
class Answer:
    """What one recording gave. pieces: traces that may be parts of one trip, to be joined once all have been read."""

    surveys: list[Survey] = field(default_factory=list)
    pieces: list[Trace] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)


def survey_all(paths: Sequence[Path], columns: Columns, *, leave_out: Path | None = None, draw: Draw | None = None) -> Surveyed:
    """Surveys every recording below `paths`, telling each unusable one on stderr in one line.

    columns: our names to the file's headers, for tables of no known app; leave_out: the output, which may lie in the same
    folder; draw: draws each trip, too. Raises UnusableInput when nothing could be used.
    """
    from detection.readers import recordings

    held = [path for path in recordings(paths) if leave_out is None or path.resolve() != leave_out.resolve()]
    done, pieces = Surveyed(recordings=len(held)), []
    with progress() as bars:
        task = bars.add_task("recordings", total=len(held))
        for answer in _survey_each(held, columns, draw):
            done.surveys += answer.surveys
            pieces += answer.pieces
            done.failed += _tell(answer)
            bars.advance(task)
    joined = _survey_joined(pieces, draw)
    done.surveys += joined.surveys
    done.failed += _tell(joined)
    if not done.surveys:
        raise UnusableInput("nothing could be used" if len(held) < 2 else f"none of the {len(held)} recordings could be used")
    return done


def columns_of(options: Sequence[str] | None) -> Columns:
    """`t=Time,x=ax` (once or several times) as a mapping, None where not given. Raises InvalidColumns."""
    from detection.readers import columns_from_text

    return columns_from_text(",".join(options)) if options else None


def _tell(answer: Answer) -> bool:
    for line in answer.complaints:
        complain(line)
    return bool(answer.complaints)


def _survey_each(held: Sequence[Path], columns: Columns, draw: Draw | None) -> Iterator[Answer]:
    """One answer a recording, in order; in processes of their own where there is more than one."""
    from detection.readers import unique_names

    names = unique_names(held)
    answer_of = partial(survey_recording, columns=columns, draw=draw)
    if len(held) < 2:
        yield from map(answer_of, held, names)
        return
    workers = min(os.cpu_count() or 1, len(held))
    share = max(1, min(_HANDED_OUT, len(held) // (2 * workers)))
    try:
        with handed_out(workers, lambda pool: pool.map(answer_of, held, names, chunksize=share)) as work:
            yield from work
    except BrokenProcessPool as error:
        raise UnusableInput("a process was killed, most likely for want of memory; give fewer recordings at once") from error


def survey_recording(path: Path, name: str, columns: Columns, draw: Draw | None = None) -> Answer:
    """Reads one recording, which may hold several trips, each good or bad by itself, and surveys them."""
    from detection.readers import read

    answer = Answer()
    try:
        for trace in read(path, columns=columns, name=name):
            if trace.trip_id == name:
                _survey_into(answer, trace, path, draw)
            else:  # it knows its own trip, so it may be one of several pieces
                answer.pieces.append(trace)
    except Exception as error:
        answer.complaints.append(_one_line(error, path))
    return answer


def _survey_joined(pieces: Sequence[Trace], draw: Draw | None) -> Answer:
    from detection.readers.joining import joined

    answer = Answer()
    for trace in joined(pieces):
        _survey_into(answer, trace, trace.provenance.source or trace.trip_id, draw)
    return answer


def _survey_into(answer: Answer, trace: Trace, where: object, draw: Draw | None) -> None:
    from detection.analysis import study

    try:
        trip = study(trace)
        answer.surveys.append(trip.survey)
        if draw is not None:
            draw(trip)
    except Exception as error:
        answer.complaints.append(_one_line(error, where))


def _one_line(error: Exception, where: object) -> str:
    """One recording never loses the batch, not even to a mistake of ours."""
    if os.environ.get("CAHOT_DEBUG") and not isinstance(error, CahotError):
        raise error
    line = (
        str(error) if isinstance(error, CahotError) else f"unexpected {type(error).__name__}: {error}; CAHOT_DEBUG=1 shows where"
    )
    return line if str(where) in line else f"{where}: {line}"
