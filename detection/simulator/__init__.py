"""A city, cars and phones with known truth: for the demo, the tests and the benchmarks. docs/simulator.md gives every source.

Same seed, same result. Not part of detection: nothing in `detection` may import it.
"""

from detection.simulator.city import City, simulate_city
from detection.simulator.drive import Drive, Fleet, TruePath, simulate_drive, simulate_drives
from detection.simulator.full_car import FullCar, draw_full_car
from detection.simulator.nonlinear_car import NonlinearCar, draw_nonlinear_car
from detection.simulator.sudden import TrueManoeuvres
from detection.simulator.things import PER_KM, TrueDefects
from detection.simulator.truth import TrueJolts
from detection.simulator.truth_files import defects_geojson, times_passed, write_defects, write_jolts

__all__ = [
    "PER_KM",
    "City",
    "Drive",
    "Fleet",
    "FullCar",
    "NonlinearCar",
    "TrueDefects",
    "TrueJolts",
    "TrueManoeuvres",
    "TruePath",
    "defects_geojson",
    "draw_full_car",
    "draw_nonlinear_car",
    "simulate_city",
    "simulate_drive",
    "simulate_drives",
    "times_passed",
    "write_defects",
    "write_jolts",
]
