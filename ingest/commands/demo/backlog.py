"""What the server has done and still has to do, read beside it from its database: it behaves as if nobody looked."""

from __future__ import annotations

from pathlib import Path
from typing import Self

from sqlalchemy import func, select

from detection import Defects, Survey
from ingest.settings import Settings
from ingest.store import defects, jobs, open_store, surveys
from ingest.store.schema import SurveyRow, Trip


class Backlog:
    """A reader of the installation in a data folder, which its server has open as well."""

    def __init__(self, data: Path) -> None:
        self._database = open_store(Settings(data)).database

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._database.close()

    def processed(self) -> int:
        """Trips that are done, found fit or not."""
        with self._database.read() as session:
            done = select(func.count()).select_from(Trip).where(Trip.state.in_(("processed", "rejected")))
            return session.scalar(done) or 0

    def is_empty(self, trips: int) -> bool:
        """Whether that many trips are done and the defects are estimated from all of them."""
        if self.processed() < trips:
            return False
        with self._database.read() as session:
            return jobs.backlog(session) == 0

    def driven_km(self) -> float:
        with self._database.read() as session:
            return (session.scalar(select(func.sum(SurveyRow.driven_m))) or 0.0) / 1e3

    def surveys(self) -> list[Survey]:
        with self._database.read() as session:
            return surveys.load_all(session)

    def defects(self) -> Defects:
        """All of them, also those that the public does not see."""
        with self._database.read() as session:
            return defects.shown(session)
