"""The jolts of one seeded drive, kept: a change of results is a visible decision."""

from __future__ import annotations

import json

import pytest
from golden_jolts import FILE, drive, rounded

from detection import survey

REGENERATE = (
    "the jolts of the golden drive changed: if that is meant, write them anew with "
    "`python tests/detection/golden_jolts.py` and say in the commit why they differ"
)


def test_the_golden_drive_jolts_as_it_always_did() -> None:
    kept, now = json.loads(FILE.read_text()), rounded(survey(drive()).evidence)
    assert len(kept) >= 4, "a golden drive must have jolts to keep"
    assert [row["t_s"] for row in now] == pytest.approx([row["t_s"] for row in kept], abs=0.02), REGENERATE
    for one, other in zip(now, kept, strict=True):
        for name, value in other.items():
            expected = value if isinstance(value, str) else pytest.approx(value, rel=1e-3, abs=2e-6, nan_ok=True)
            assert one[name] == expected, f"{name} of the jolt at {other['t_s']} s; {REGENERATE}"
