"""How far the phone's preview of jolts agrees with what the server finds in the same trips, and what it costs.

`python -m benchmarks.phone_preview [--drives 24] [--seed 900]`: simulated drives of cities that the preview was not fitted to.
A jolt of one is matched with one of the other within half a second, one to one. `python -m benchmarks.fit_preview` fits.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from detection import Trace, survey
from detection.simulator import simulate_city, simulate_drive
from mobile_app.diary import Jolt
from mobile_app.preview import Preview

NEAR_S = 0.5
CALL_S = 0.5  # of samples a call, as a phone's batches come


@dataclass
class Agreement:
    """Sums over trips. both: jolts that were matched; places_m, severities: of these, distance and log ratio."""

    phone: int = 0
    server: int = 0
    both: int = 0
    driven_s: float = 0.0
    cpu_s: float = 0.0
    places_m: list[float] = field(default_factory=list)
    severities: list[float] = field(default_factory=list)

    @property
    def precision(self) -> float:
        return self.both / max(self.phone, 1)

    @property
    def recall(self) -> float:
        return self.both / max(self.server, 1)

    @property
    def f1(self) -> float:
        return 2 * self.both / max(self.phone + self.server, 1)


def main() -> None:
    options = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    options.add_argument("--drives", type=int, default=24)
    options.add_argument("--seed", type=int, default=900)
    chosen = options.parse_args()
    found = agreement(drives(chosen.drives, chosen.seed))
    print(f"{chosen.drives} drives, {found.driven_s / 3600:.1f} h; jolts: server {found.server}, phone {found.phone}, ", end="")
    print(f"both {found.both}")
    print(f"agreement with the server: precision {found.precision:.3f}, recall {found.recall:.3f}, F1 {found.f1:.3f}")
    print(f"of those that agree: place {np.median(found.places_m):.1f} m apart (median), ", end="")
    print(f"severity within a factor of {np.exp(np.quantile(np.abs(found.severities), 0.9)):.2f} (nine in ten)")
    print(f"cost: {100 * found.cpu_s / found.driven_s:.2f} % of one core while driving")


def drives(count: int, seed: int) -> Iterator[Trace]:
    """So many traces, four to a city, each with a car and a phone of its own."""
    for index in range(count):
        city = simulate_city(seed + index // 4, street_km=6.0)
        yield simulate_drive(city, index, seed + index // 4, devices=1000, duration_s=(300.0, 600.0)).trace


def agreement(traces: Iterator[Trace]) -> Agreement:
    """Of preview and server over all of them."""
    total = Agreement()
    for trace in traces:
        server = survey(trace).jolts
        begun = time.process_time()
        phone = previewed(trace, Preview())
        total.cpu_s += time.process_time() - begun
        total.driven_s += trace.duration_s
        placed = server[np.isfinite(server.latitude_deg)]
        pairs = matched(np.array([jolt.t_s for jolt in phone]), placed.t_s)
        total.phone, total.server, total.both = total.phone + len(phone), total.server + len(placed), total.both + len(pairs)
        for mine, its in pairs:
            north = (phone[mine].latitude - placed.latitude_deg[its]) * 111_195.0
            east = (phone[mine].longitude - placed.longitude_deg[its]) * 111_195.0 * np.cos(np.radians(phone[mine].latitude))
            total.places_m.append(float(np.hypot(north, east)))
            total.severities.append(float(np.log(phone[mine].severity / placed.severity[its])))
    return total


def previewed(trace: Trace, preview: Preview) -> list[Jolt]:
    """The trace fed to the preview in short batches."""
    found: list[Jolt] = []
    motion, turning, fixes = trace.accelerometer, trace.gyroscope, trace.fixes
    for begin_s in np.arange(motion.t_s[0], motion.t_s[-1] + CALL_S, CALL_S):
        now = [slice(*np.searchsorted(t_s, [begin_s, begin_s + CALL_S])) for t_s in (motion.t_s, fixes.t_s)]
        turn = slice(*np.searchsorted(turning.t_s, [begin_s, begin_s + CALL_S])) if turning else slice(0)
        columns = (fixes.t_s, fixes.latitude_deg, fixes.longitude_deg, fixes.speed_mps)
        found += preview.feed(
            (motion.t_s[now[0]], *motion.xyz[now[0]].T),
            (turning.t_s[turn], *turning.xyz[turn].T) if turning else (),
            tuple(column[now[1]] for column in columns),
        )
    return found + preview.flush()


def matched(one_s: np.ndarray, other_s: np.ndarray) -> list[tuple[int, int]]:
    """Pairs of indices, the nearest first, each at most once."""
    if not len(one_s) or not len(other_s):
        return []
    gaps = np.abs(one_s[:, None] - other_s[None, :])
    pairs: list[tuple[int, int]] = []
    taken: tuple[set[int], set[int]] = set(), set()
    for flat in np.argsort(gaps, axis=None, kind="stable"):
        mine, its = divmod(int(flat), len(other_s))
        if gaps[mine, its] > NEAR_S:
            break
        if mine not in taken[0] and its not in taken[1]:
            pairs.append((mine, its))
            taken[0].add(mine)
            taken[1].add(its)
    return pairs


if __name__ == "__main__":
    main()
