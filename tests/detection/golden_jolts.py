"""Writes the golden jolts anew: `python tests/detection/golden_jolts.py`. A change of them is a decision, seen in the diff."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

from detection import KINDS, Jolts, Trace, survey
from detection.simulator import simulate_city, simulate_drives

FILE = Path(__file__).parent / "golden" / "jolts_of_one_drive.json"
DIGITS = {"latitude_deg": 6, "longitude_deg": 6, "heading_deg": 1}


def drive() -> Trace:
    """Six minutes of one seeded car; the simulator's own changes show here too."""
    (one,) = simulate_drives(simulate_city(20, street_km=4.0), 1, 8, rate_hz=(100.0, 100.0), duration_s=(360.0, 361.0))
    return one.trace


def rounded(jolts: Jolts) -> list[dict[str, object]]:
    """A row for each peak, in order of time, to the digits that mean something."""
    columns = {name: np.round(column, DIGITS.get(name, 3)).tolist() for name, column in jolts.columns().items()}
    columns["kind"] = [KINDS[int(kind)] for kind in jolts.kind]
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]


def main() -> None:
    FILE.write_text(json.dumps(rounded(survey(drive()).evidence), indent=1) + "\n")


if __name__ == "__main__":
    main()
