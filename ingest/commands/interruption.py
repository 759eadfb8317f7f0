"""Ctrl-C and child processes: the parent decides when they end, is not interrupted while it starts them, and none outlives it."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, ProcessPoolExecutor
from contextlib import contextmanager
from typing import TypeVar

T = TypeVar("T")
LOOK_S = 0.5
_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@contextmanager
def handed_out(workers: int, hand_out: Callable[[Executor], T]) -> Iterator[T]:
    """What `hand_out` got for the work it gave to a pool. However the block ends, work not begun is dropped and the pool ends."""
    executor = ProcessPoolExecutor(workers, initializer=_follow, initargs=(os.getpid(),))
    try:
        with _uninterrupted():  # in the middle of it, Ctrl-C would leave a pool that never ends
            work = hand_out(executor)
        yield work
    finally:
        with _uninterrupted():
            executor.shutdown(cancel_futures=True)


@contextmanager
def _uninterrupted() -> Iterator[None]:
    """Signals that would end the program wait until the end of the block.

    By handlers, not by masks: the threads of numpy's BLAS have none, and a signal that one of them takes counts as well.
    """
    missed = list[int]()
    heard = [number for number in _SIGNALS if signal.getsignal(number) != signal.SIG_IGN]
    before = {number: signal.signal(number, lambda number, _: missed.append(number)) for number in heard}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        if missed:
            signal.raise_signal(missed[0])


def when_gone(parent: int, act: Callable[[], object]) -> None:
    """Has `act` called, from a thread, once the process that started this one is no more, be it by kill -9."""

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(LOOK_S)
        act()

    threading.Thread(target=watch, daemon=True).start()


def _follow(parent: int) -> None:
    """At the start of each process: a terminal sends Ctrl-C to the whole group, and the parent deals with it."""
    when_gone(parent, lambda: os._exit(1))
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)
