"""Writes the golden chunks of the newest version anew: `python tests/mobile_app/golden/regenerate.py`.

Only for a new version, or a decided change of the format: phones in the field go on sending the old bytes. The files of
older versions are never touched.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE.parents[2]), str(HERE.parent)]  # run as a file, from anywhere

from chunk_samples import STARTED_AT_US, TRIP, drive, small  # noqa: E402

from mobile_app import wire  # noqa: E402

CASES = {
    "small": small(),
    "drive": drive(seed=1, seconds=2.0),
    "accelerometer-only": {"accelerometer": small()["accelerometer"]},
    "fixes-only": {"accelerometer": {"t": [], "x": [], "y": [], "z": []}, "location": small()["location"]},
}


def main() -> None:
    for name, columns in CASES.items():
        data = wire.encode(TRIP, 7, STARTED_AT_US, **columns)
        stem = HERE / f"v{wire.VERSION}-{name}"
        stem.with_suffix(".chunk").write_bytes(data)
        fields = {"number": 7, "sent": columns, "read": wire.chunk_to_json(wire.decode(data))}
        stem.with_suffix(".json").write_text(json.dumps(fields) + "\n")


if __name__ == "__main__":
    main()
