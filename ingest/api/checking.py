"""One thread that checks the ordinary chunks of all phones, one after another, and hands each on to be stored.

A check takes a millisecond of the interpreter, which only one thread can hold: a thread for each chunk would spend more on
waiting for its turn than on its work. What takes long goes elsewhere (`ingest.api.lanes`).
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor

from ingest.store.intake import Arrival, Intake, Sender
from ingest.store.objects import Piece


class Checking:
    """The line of one server process. The thread begins with the first chunk."""

    def __init__(self, intake: Callable[[], Intake]) -> None:
        self._intake = intake
        self._lock = threading.Lock()
        self._waiting: deque[tuple[Sender, Callable[[], Piece], Future[tuple[Piece, bool]]]] = deque()
        self._running = False
        self._thread = ThreadPoolExecutor(1, "cahot-checking")

    @property
    def waiting(self) -> int:
        """How many have not been checked yet."""
        return len(self._waiting)

    def store(self, sender: Sender, check: Callable[[], Piece]) -> Future[tuple[Piece, bool]]:
        """The piece that `check` made, and whether it is new, once it is on the disk; fails with what check raises, or as
        `Intake.store` does.
        """
        answer: Future[tuple[Piece, bool]] = Future()
        with self._lock:
            self._waiting.append((sender, check, answer))
            if not self._running:
                self._running = True
                self._thread.submit(self._drain)
        return answer

    def _drain(self) -> None:
        while True:
            with self._lock:
                if not self._waiting:
                    self._running = False
                    return
                sender, check, answer = self._waiting.popleft()
            if not answer.set_running_or_notify_cancel():
                continue
            try:
                piece = check()
            except BaseException as error:
                answer.set_exception(error)
                continue
            self._hand_on(Arrival(sender, piece), answer)

    def _hand_on(self, arrival: Arrival, answer: Future[tuple[Piece, bool]]) -> None:
        def done(stored: Future[bool]) -> None:
            error = stored.exception()
            if error is not None:
                answer.set_exception(error)
            else:
                answer.set_result((arrival.piece, stored.result()))

        self._intake().store(arrival).add_done_callback(done)
