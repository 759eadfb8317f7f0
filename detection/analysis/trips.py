"""Trips with everything that is known of them: what was recorded, every stage, and what was found."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from os import PathLike

import pandas as pd

from detection.errors import CahotError
from detection.jolts import Jolts, Survey
from detection.readers import read_all
from detection.settings import SurveySettings
from detection.stages import DEFAULT, Stages, follow
from detection.survey import survey_stages
from detection.trace import Trace


@dataclass(frozen=True, eq=False)
class Trip:
    """trace: as recorded. stages: every intermediate result, None where there are less than five seconds of samples. survey:
    its jolts and its track."""

    trace: Trace
    stages: Stages | None
    survey: Survey

    @property
    def trip_id(self) -> str:
        return self.trace.trip_id

    @property
    def threshold(self) -> float:
        """Score from which a peak is looked at, at this phone's rate; by default settings."""
        hz = self.stages.grid.rate_hz if self.stages else self.trace.accelerometer.rate_hz
        return DEFAULT.statistic_at(hz).threshold

    @property
    def jolts(self) -> Jolts:
        """The probable ones; `survey.evidence` has all."""
        return self.survey.jolts


def study(trace: Trace, settings: SurveySettings = DEFAULT) -> Trip:
    """One trip, followed through every stage. Raises SamplingRateTooLow."""
    stages = follow(trace, settings)
    return Trip(trace, stages, survey_stages(trace, stages, settings))


def read_trips(paths: str | PathLike[str] | Iterable[str | PathLike[str]], *, at_most: int | None = None) -> list[Trip]:
    """Every trip that can be used in files, folders and zips of any supported app, in the order of their names.

    What cannot be used is told as a warning, one line each: one bad recording never loses the others. at_most: stop
    after so many good ones.
    """
    trips: list[Trip] = []
    for read in read_all([paths] if isinstance(paths, str | PathLike) else paths):
        if at_most is not None and len(trips) >= at_most:
            break
        try:
            if isinstance(read, CahotError):
                raise read
            trips.append(study(read))
        except CahotError as error:
            warnings.warn(str(error), stacklevel=2)
    return trips


def trip_table(trips: Sequence[Trip]) -> pd.DataFrame:
    """A row a trip: trip_id, device, started_at (UTC), duration_s, jolts (probable ones), then the notes of its survey."""
    rows = [
        {"trip_id": trip.trip_id, "device": trip.survey.device, "started_at": trip.trace.started_at}
        | {"duration_s": trip.trace.duration_s, "jolts": len(trip.jolts)}
        | dict(trip.survey.notes)
        for trip in trips
    ]
    table = pd.DataFrame(rows, columns=None if rows else ["trip_id", "device", "started_at", "duration_s", "jolts"])
    return table.assign(started_at=pd.to_datetime(table["started_at"], utc=True))
