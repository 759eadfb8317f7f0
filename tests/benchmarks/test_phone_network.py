"""A few network faults between the phone's own loop and a real server: nothing lost or doubled, nothing private on the wire."""

from __future__ import annotations

from pathlib import Path

from benchmarks.faulty_proxy import FAULTS
from benchmarks.phone_network import through_faults


def test_every_sample_outside_the_private_cells_arrives_once_and_no_other_is_ever_on_the_wire(tmp_path: Path):
    """Each sort of fault once; `python -m benchmarks.phone_network` plays a hundred."""
    result = through_faults(tmp_path, faults=len(FAULTS), seed=5, seconds=130.0)
    assert (result.lost, result.doubled, result.strange, result.on_wire, result.left) == (0, 0, 0, 0, 0), result
    assert result.samples > 10_000
    assert result.withheld > 1000
    assert result.heard_chunks > 5
    assert set(result.played) == set(FAULTS)
