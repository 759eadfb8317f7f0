"""Two real recordings of graded road: jolts per km on smooth road, and roughness in the right order."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from detection import survey
from detection.readers import read
from detection.stages import follow


def report(folder: Path) -> None:
    """Print jolts per km and median roughness of the smooth and the bad road."""
    if not folder.is_dir():
        print(f"smooth road: skipped, no recordings at {folder}")
        return
    print("phyphox recordings at 100 Hz, what the driver called smooth (q1) and bad (q3); jolts per km of the whole way, and of")
    print("what of it was observed, which leaves out where a hand held the phone, hard steering and standing")
    for name in ("q1-smooth.zip", "q3-recording.zip"):
        trace = next(iter(read(folder / name)))
        found, stages = survey(trace), follow(trace)
        assert stages is not None  # ten minutes are long enough for all stages
        way, observed = float(np.nansum(stages.speed_mps)) / stages.decimated_hz / 1000.0, found.notes["driven_m"] / 1000.0
        jolts, rough = len(found.jolts), np.median(found.track.roughness_mps2)
        rates = f"{jolts / way:5.2f} per km of {way:.1f}  {jolts / observed:5.2f} per km of {observed:.1f}"
        print(f"{name:<20} {jolts:3d} jolts  {rates}  roughness {rough:.2f} m/s²")
