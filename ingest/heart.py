"""That a worker lives, what it did, and what has to be tidied now and then."""

from __future__ import annotations

from sqlalchemy.orm import Session

from ingest.settings import Settings
from ingest.store import Store, pushes, webhooks, workers
from ingest.store.workers import Figures

BEAT_S = 5.0
TIDY_S = 3600.0
MESSAGES_S = 14 * 86_400.0  # what no webhook took is kept for `cahot webhooks retry`: who was on leave is back


class Heart:
    """Of one worker process; `figures` are for the worker to count in."""

    def __init__(self, store: Store, settings: Settings) -> None:
        self.figures = Figures()
        self._store, self._settings = store, settings
        self._name = ""
        self._beaten_at = self._tidied_at = 0.0

    def beat(self, now: float) -> None:
        """Tell, if it was not told just now."""
        if 0 <= now - self._beaten_at < BEAT_S:
            return
        tidy = not 0 <= now - self._tidied_at < TIDY_S

        def telling(session: Session) -> str:
            name = self._name or workers.begin(session, now)
            workers.report(session, name, self.figures, now)
            if tidy:
                pushes.forget(session, now - self._settings.push.receipts_s)
                webhooks.forget(session, now - MESSAGES_S)
            return name

        self._name = self._store.database.run(telling)
        self._beaten_at = now
        self._tidied_at = now if tidy else self._tidied_at
