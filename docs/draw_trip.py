"""Draws docs/trip.png and docs/defect.png: a simulated trip, and a defect with all its passes. Run: python docs/draw_trip.py"""

from pathlib import Path

import numpy as np

from detection import find_defects, plots
from detection.analysis import passes_through, study
from detection.simulator import simulate_city, simulate_drives

HERE = Path(__file__).parent


def main() -> None:
    drives = simulate_drives(simulate_city(205, street_km=3.0), 30, seed=205, duration_s=(150.0, 240.0))
    trips = [study(drive.trace) for drive in drives]
    trip = max(trips, key=lambda trip: len(set(trip.jolts.kind.tolist())))
    plots.save(plots.draw_trip(trip.stages, trip.jolts, f"A simulated trip: {len(trip.jolts)} jolts"), HERE / "trip.png")
    defects = find_defects([trip.survey for trip in trips])
    row = int(np.argmax(np.where(defects.passes > defects.hits, defects.hits, 0)))
    waves = passes_through(defects, row, trips)
    title = f"A simulated defect: {len(waves.hits.passes)} of {len(waves.passes)} passes felt it"
    plots.save(plots.draw_defect(waves, defects.radius[row], title), HERE / "defect.png")


if __name__ == "__main__":
    main()
