"""Trips whose recording has ended are cut and put into chunks, one after the other, beside the recording of the next."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable

AGAIN_S = 30.0  # after a full disk


class Finisher:
    """A thread of its own. finish: does it for one trip, may be cut off anywhere; on_done: called after each."""

    def __init__(self, finish: Callable[[str], None], on_done: Callable[[], None] = lambda: None) -> None:
        self._finish, self._on_done = finish, on_done
        self._waiting: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None
        self.busy: set[str] = set()  # trips that are not done
        self.faults: list[str] = []  # the last few, in words

    def add(self, trip_id: str) -> None:
        self.busy = self.busy | {trip_id}
        self._waiting.put(trip_id)

    def start(self) -> None:
        self._thread = threading.Thread(target=self._run, name="finisher", daemon=True)
        self._thread.start()

    def stop(self, timeout_s: float = 5.0) -> None:
        """What is not done by then is done after the next start."""
        self._stopping.set()
        self._waiting.put(None)
        if self._thread is not None:
            self._thread.join(timeout_s)

    def _run(self) -> None:
        while (trip_id := self._waiting.get()) is not None and not self._stopping.is_set():
            while not self._done(trip_id):
                if self._stopping.wait(AGAIN_S):
                    return
            self.busy = self.busy - {trip_id}
            self._on_done()

    def _done(self, trip_id: str) -> bool:
        """Whether it need not be tried again. A fault of ours at one trip must not keep the others here."""
        try:
            self._finish(trip_id)
        except OSError as error:
            self._tell(trip_id, error)
            return False
        except Exception as error:
            self._tell(trip_id, error)
        return True

    def _tell(self, trip_id: str, error: Exception) -> None:
        self.faults = [*self.faults, f"trip {trip_id}: {type(error).__name__}: {error}"][-20:]
