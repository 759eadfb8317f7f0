"""Two real recordings of graded road: jolts per km on smooth road, and roughness in the right order."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from detection import survey
from detection.readers import read


def report(folder: Path) -> None:
    """Print jolts per km and median roughness of the smooth and the bad road."""
    if not folder.is_dir():
        print(f"smooth road: skipped, no recordings at {folder}")
        return
    print("phyphox recordings at 100 Hz: what the driver called smooth (q1) and bad (q3)")
    for name in ("q1-smooth.zip", "q3-recording.zip"):
        found = survey(next(iter(read(folder / name))))
        km = found.notes["driven_m"] / 1000.0
        jolts = len(found.jolts)
        print(f"{name:<20} {km:5.1f} km  {jolts / km:5.2f} jolts/km  roughness {np.median(found.track.roughness_mps2):.2f} m/s²")
