"""The slow obvious twin of `ingest.api.buckets`: every moment is walked through, nothing is forgotten."""

from __future__ import annotations

from fractions import Fraction


class NaiveBuckets:
    """Ticks of a hundredth of a second, exact numbers."""

    def __init__(self, per_s: int, burst: int) -> None:
        self.per_tick, self.burst = Fraction(per_s, 100), Fraction(burst)
        self.tokens: dict[str, Fraction] = {}
        self.tick = 0

    def advance(self, ticks: int) -> None:
        for _ in range(ticks):
            self.tick += 1
            for name, tokens in self.tokens.items():
                self.tokens[name] = min(self.burst, tokens + self.per_tick)

    def may(self, name: str) -> bool:
        return self.tokens.get(name, self.burst) >= 1

    def take(self, name: str, tokens: int) -> None:
        self.tokens[name] = self.tokens.get(name, self.burst) - tokens
