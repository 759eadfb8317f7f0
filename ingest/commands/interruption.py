"""Ctrl-C and process pools: the parent decides when its processes end, and is not interrupted while it starts them."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, ProcessPoolExecutor
from contextlib import contextmanager
from typing import TypeVar

T = TypeVar("T")
_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@contextmanager
def handed_out(workers: int, hand_out: Callable[[Executor], T]) -> Iterator[T]:
    """What `hand_out` got for the work it gave to a pool. However the block ends, work not begun is dropped and the pool ends."""
    executor = ProcessPoolExecutor(workers, initializer=_follow_the_parent)
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


def _follow_the_parent() -> None:
    """At the start of each process: a terminal sends Ctrl-C to the whole group, and the parent deals with it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)
