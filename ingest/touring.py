"""The order of stops for one or several crews: a vehicle routing problem, solved by PyVRP within a fixed time.

Pure: times in, orders out. Why this solver: docs/decisions/0017-tours.md; how near to the best it comes: `benchmarks.tour`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from pyvrp import Client, Depot, Location, ProblemData, VehicleType, solve
from pyvrp.stop import MaxRuntime, MultipleCriteria, NoImprovement

TENTH = 10  # the solver counts whole tenths of a second
SOLVE_S = 0.8  # 60 stops stop improving in a third of it, also on a busy machine
CALM = 20_000  # tries without a better tour: small tours are done long before the time
UNBOUNDED = 2**63 - 1
WORTH_S = 10 * 86_400.0  # what leaving out the least worthwhile stop costs: more than any way there

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Plan:
    """routes: stops of each crew in order, as numbers of `travel_s` less one; left_out: for which no time was left."""

    routes: list[list[int]]
    left_out: list[int]


def plan(
    travel_s: Floats,
    service_s: float,
    worth: Sequence[float],
    *,
    crews: int = 1,
    shift_s: float | None = None,
    ends: bool = False,
    solve_s: float = SOLVE_S,
    seed: int = 1,
) -> Plan:
    """Shortest tours from place 0 to all others, or with `shift_s` to the most worthwhile that fit into so many seconds.

    travel_s (n, n): from place to place. ends: the last place is where every crew must be at the end, no stop; without it a tour
    ends at its last stop. worth: of each stop, ≥ 0. Several crews without a shift share the stops evenly.
    """
    stops = len(travel_s) - 1 - ends
    if not stops:
        return Plan([[] for _ in range(crews)], [])
    found = solve(
        _problem(travel_s, service_s, worth, crews, shift_s, ends),
        stop=MultipleCriteria([MaxRuntime(solve_s), NoImprovement(CALM)]),
        seed=seed,
        collect_stats=False,
    ).best
    routes = [[int(visit.idx) for visit in route if visit.is_client()] for route in found.routes()]
    routes += [[] for _ in range(crews - len(routes))]
    seen = {stop for route in routes for stop in route}
    return Plan(routes, [stop for stop in range(stops) if stop not in seen])


def _problem(
    travel_s: Floats, service_s: float, worth: Sequence[float], crews: int, shift_s: float | None, ends: bool
) -> ProblemData:
    """Places in order: the start, the stops, the end; an end that may be anywhere is one that every way to takes no time."""
    if not ends:
        travel_s = np.pad(travel_s, ((0, 1), (0, 1)))
    stops, last = len(travel_s) - 2, len(travel_s) - 1
    tenths: Any = np.round(travel_s * TENTH).astype(np.int64)  # the solver's types want an array of plain int
    top, even = max(max(worth, default=0.0), 1e-9), crews > 1 and shift_s is None
    clients = [
        Client(
            location=1 + number,
            delivery=[1] if even else [],
            service_duration=round(service_s * TENTH),
            required=shift_s is None,
            prize=0 if shift_s is None else round(WORTH_S * TENTH * (1.0 + 9.0 * worth[number] / top)),
        )
        for number in range(stops)
    ]
    vehicle = VehicleType(
        crews,
        capacity=[-(-stops // crews)] if even else [],
        start_depot=0,
        end_depot=1,
        shift_duration=UNBOUNDED if shift_s is None else round(shift_s * TENTH),
        unit_distance_cost=1,
        unit_duration_cost=0,
    )
    places = [Location(0, 0) for _ in range(last + 1)]  # only the matrix counts
    return ProblemData(places, clients, [Depot(0), Depot(last)], [vehicle], [tenths], [tenths])
