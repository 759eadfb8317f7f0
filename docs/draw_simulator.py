"""Draws docs/simulator.png: a simulated city, and a car over a pothole and a hump. Run: python docs/draw_simulator.py"""

from pathlib import Path

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes

from detection.simulator import City, simulate_city
from detection.simulator.roads import STEP_M, wheel_tracks
from detection.simulator.things import JOINT, POTHOLE, ROUGH, SPEED_BUMP, shape
from detection.simulator.vehicle import TwoAxleCar, draw_car

CLASS_COLOURS = {"A": "#2a9d8f", "B": "#8d99ae", "C": "#c1121f"}
MARKERS = (
    (POTHOLE, "v", "black", "pothole"),
    (SPEED_BUMP, "s", "#f77f00", "speed bump"),
    (JOINT, "D", "#4361ee", "joint"),
    (ROUGH, "X", "#7b2cbf", "rough stretch"),
)


def main() -> None:
    figure = plt.figure(figsize=(11, 5.6), layout="constrained")
    grid = figure.add_gridspec(2, 2, width_ratios=[1, 1.2])
    street_map = figure.add_subplot(grid[:, 0])
    draw_map(street_map, simulate_city(1))
    figure.legend(*street_map.get_legend_handles_labels(), fontsize=8, loc="outside lower left", ncol=4, frameon=False)
    car = draw_car(np.random.default_rng(4))
    hole, hump = figure.add_subplot(grid[0, 1]), figure.add_subplot(grid[1, 1])
    draw_crossing(hole, car, shape(POTHOLE, 0.05, 0.6), (0.0, 1.0), "right wheels through a pothole 0.6 m long, 5 cm deep")
    draw_crossing(hump, car, shape(SPEED_BUMP, 0.075, 3.7), (1.0, 1.0), "all wheels over a Watts hump 3.7 m long, 7.5 cm high")
    hump.set_xlabel("s from the front axle over the centre")
    figure.savefig(Path(__file__).with_name("simulator.png"), dpi=90)


def draw_map(axes: Axes, city: City) -> None:
    for street in city.streets:
        axes.plot(*street.xy.T, color=CLASS_COLOURS[street.class_name], lw=2.2, zorder=1)
    for name, colour in CLASS_COLOURS.items():
        axes.plot([], [], color=colour, lw=2.2, label=f"street of class {name}")
    x, y = city.plane.to_xy(city.defects.latitude, city.defects.longitude)
    for kind, marker, colour, name in MARKERS:
        of = city.defects.kind == kind
        axes.scatter(x[of], y[of], marker=marker, s=26, c=colour, label=f"{name} ({of.sum()})", zorder=3)
    x, y = city.plane.to_xy(city.distractors.latitude, city.distractors.longitude)
    axes.scatter(x, y, s=6, c="white", edgecolors="#333333", linewidths=0.5, label=f"harmless casting ({len(x)})", zorder=2)
    axes.set(aspect="equal", xlabel="east, m", ylabel="north, m")
    axes.set_title(f"simulate_city(1): {city.street_km:.0f} km of streets, ISO 8608 classes", fontsize=10)


def draw_crossing(axes: Axes, car: TwoAxleCar, thing: np.ndarray, wheels: tuple[float, float], title: str) -> None:
    heights = wheel_tracks(60.0, 32e-6, np.random.default_rng(1))
    first = int(30 / STEP_M) - len(thing) // 2
    heights[:, first : first + len(thing)] += np.array(wheels)[:, None] * thing
    felt, station = car.envelope(heights), np.arange(heights.shape[1]) * STEP_M
    for kmh, colour in ((30, "#0077b6"), (50, "#d00000")):
        t = np.arange(0, 60 / (kmh / 3.6), 1 / 500)
        front, rear = (np.stack([np.interp(t * kmh / 3.6 - back, station, z) for z in felt]) for back in (0.0, car.wheelbase_m))
        axes.plot(t - 30 / (kmh / 3.6), car.ride(front, rear, 500.0).vertical_mps2, color=colour, lw=1.1, label=f"{kmh} km/h")
    axes.axvline(0, color="grey", lw=0.6, ls=":")
    axes.set(xlim=(-0.6, 1.4), ylabel="body, upward, m/s²")
    axes.set_title(title, fontsize=10)
    axes.grid(alpha=0.3)
    axes.legend(fontsize=8, frameon=False, loc="upper right")


if __name__ == "__main__":
    main()
