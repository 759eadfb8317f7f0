"""Thousands of phones that come back at once after an outage: `python -m benchmarks.storm [--phones 5000] [--chunks 20]`.

A simulated clock, no sockets: the phones wait as `mobile_app.uploader` does, the server lets as many wait as `Reserve`
allows and asks the others to come back. Prints how long it takes until all is stored, against the least possible, how long an
accepted chunk waits, and the same for phones that wait without chance.
"""

from __future__ import annotations

import argparse
import heapq
import random
from collections.abc import Callable
from dataclasses import dataclass

from ingest.settings import Reserve
from mobile_app.uploader import pause_s

STORED_PER_S = 600.0  # durable chunks a second of one server process
REFUSED_PER_S = 2500.0  # answers without storing
SEED = 5


@dataclass(frozen=True)
class Storm:
    """took_s: until all is stored; least_s: were the server never idle. waits_s: of accepted chunks, sorted. refused: answers."""

    took_s: float
    least_s: float
    waits_s: list[float]
    refused: int

    @property
    def p99_s(self) -> float:
        return self.waits_s[int(len(self.waits_s) * 0.99)]

    def __str__(self) -> str:
        times = f"all stored after {self.took_s:.0f} s, {self.took_s / self.least_s:.2f} times the least possible"
        return f"{times}; 99 % answered within {self.p99_s:.2f} s; {self.refused / len(self.waits_s):.2f} refusals a chunk"


def simulate(
    phones: int, chunks: int, reserve: Reserve, chance: Callable[[], float], pause: Callable[..., float] = pause_s
) -> Storm:
    """Each phone sends its chunks one after another, the first of all in the same second."""
    left, failures = [chunks] * phones, [0] * phones
    comes = [(chance(), phone) for phone in range(phones)]
    heapq.heapify(comes)
    free_at_s, waits_s, refused, took_s = 0.0, list[float](), 0, 0.0
    while comes:
        now_s, phone = heapq.heappop(comes)
        waiting_s = max(free_at_s - now_s, 0.0)
        if waiting_s * STORED_PER_S >= reserve.waiting:
            refused += 1
            free_at_s = max(free_at_s, now_s) + 1 / REFUSED_PER_S
            again_s = pause(failures[phone], reserve.retry_after_s, chance())
            failures[phone] += 1
            heapq.heappush(comes, (now_s + again_s, phone))
            continue
        free_at_s = max(free_at_s, now_s) + 1 / STORED_PER_S
        waits_s.append(free_at_s - now_s)
        failures[phone], left[phone], took_s = 0, left[phone] - 1, max(took_s, free_at_s)
        if left[phone]:
            heapq.heappush(comes, (free_at_s, phone))
    return Storm(took_s, phones * chunks / STORED_PER_S, sorted(waits_s), refused)


def without_chance(_failures: int, retry_after_s: float | None, _chance: float) -> float:
    """What a phone without back-off does: exactly what it was told."""
    return retry_after_s or 0.0


def main() -> None:
    """Parse, simulate, print."""
    options = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    options.add_argument("--phones", type=int, default=5000)
    options.add_argument("--chunks", type=int, default=20)
    chosen = options.parse_args()
    for name, pause in (("as our phones do", pause_s), ("without chance or back-off", without_chance)):
        storm = simulate(chosen.phones, chosen.chunks, Reserve(), random.Random(SEED).random, pause)
        print(f"{chosen.phones} phones with {chosen.chunks} chunks each, waiting {name}: {storm}")


if __name__ == "__main__":
    main()
