"""Each scheme against each attack, in each world: median errors of the guesses, and how many homes were found."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from benchmarks.privacy import attacks, schemes, world
from benchmarks.privacy.attacks import Attack
from benchmarks.privacy.schemes import Scheme
from benchmarks.privacy.world import Floats, Trip
from mobile_app.privacy import Ends

TRIPS = (5, 20, 100)
FOUND_M = 100.0
PER_ENROLMENT = 20  # trips before the phone is enrolled anew, for the scheme that draws a grid each time
AHEAD = 5  # fixes from which the direction of travel is told
WORLDS: dict[str, Callable[[Floats, int, np.random.Generator], list[Trip]]] = {
    "habits": world.habits,
    "everywhere": world.everywhere,
}
DIRECTION: dict[str, Attack] = {"average": attacks.average, "backwards": attacks.backwards, "by sides": attacks.by_sides}
SHAPE: dict[str, Attack] = {"circle fit": attacks.circle_fit, "middle": attacks.middle}


@dataclass(frozen=True)
class Case:
    """A scheme, and the attacks that know its settings beside those that need none."""

    scheme: Scheme
    informed: Mapping[str, Attack]


def cases(rules: Ends) -> dict[str, Case]:
    """The schemes of the table, ours last but one; rules: of ours."""
    cell = {"which cell": attacks.which_cell(rules.cell_m, rules.reach_m)}
    return {
        "200 m, crow-fly": Case(schemes.crow_fly(200), {"known radius": attacks.known_radius(200)}),
        "200 m along the way": Case(schemes.along_path(200), {"known radius": attacks.known_radius(200)}),
        "200 to 600 m, another each trip": Case(
            schemes.random_radius(200, 600), {"intersection": attacks.intersection(200, 600)}
        ),
        "400 m around a displaced centre": Case(schemes.displaced(400, 140), {"known radius": attacks.known_radius(400)}),
        f"cells of {rules.cell_m:g} m and {rules.margin_m:g} m": Case(schemes.cells(rules), cell),
        "the same, a grid each enrolment": Case(schemes.cells(rules, grids=5), {}),
    }


@dataclass(frozen=True)
class Errors:
    """Of one attack with so many trips a home: errors (homes,) in metres, inf where nothing was seen."""

    attack: str
    trips: int
    metres: Floats

    @property
    def median_m(self) -> float:
        return float(np.median(self.metres))

    @property
    def found(self) -> float:
        """Share of homes guessed to within FOUND_M."""
        return float((self.metres < FOUND_M).mean())


def measure(case: Case, driven: Sequence[tuple[Floats, Sequence[Trip]]], rng: np.random.Generator) -> Iterator[Errors]:
    """The errors of each attack for each number of trips. driven: homes and their trips."""
    seen = [(home, [case.scheme(trip, i // PER_ENROLMENT, rng) for i, trip in enumerate(trips)]) for home, trips in driven]
    for count in TRIPS:
        for name, attack in {**SHAPE, **case.informed, **DIRECTION}.items():
            yield Errors(name, count, np.array([_error(home, ways[:count], attack) for home, ways in seen]))


def drive(way: str, homes: int, rng: np.random.Generator) -> list[tuple[Floats, list[Trip]]]:
    """Homes of a world and the trips of each."""
    return [(home, WORLDS[way](home, max(TRIPS), rng)) for home in world.homes(homes, rng)]


def best(found: Sequence[Errors], trips: int, of: Sequence[str] | None = None) -> Errors:
    """What an attacker who takes the best of these attacks gets."""
    return min((one for one in found if one.trips == trips and (of is None or one.attack in of)), key=lambda one: one.median_m)


def _error(home: Floats, ways: Sequence[Floats], attack: Attack) -> float:
    visible = [xy for xy in ways if len(xy) > AHEAD]
    if not visible:
        return float("inf")
    first = np.array([xy[0] for xy in visible])
    away = np.array([xy[AHEAD] - xy[0] for xy in visible])
    return float(np.hypot(*(attack(first, away / np.maximum(np.hypot(*away.T), 1e-9)[:, None]) - home)))
