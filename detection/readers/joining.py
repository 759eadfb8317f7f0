"""Pieces of one trip made whole again."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from types import MappingProxyType

import numpy as np

from detection.trace import Fixes, Floats, Provenance, Samples, Trace

_COLUMNS = {"latitude": "latitude_deg", "longitude": "longitude_deg", "speed": "speed_mps", "bearing": "bearing_deg"}
_COLUMNS["accuracy"] = "accuracy_m"


def joined(traces: Iterable[Trace]) -> Iterator[Trace]:
    """One trace a trip_id, in order of first appearance; pieces in any order, some of them twice, give the same trace."""
    pieces: dict[str, list[Trace]] = {}
    for trace in traces:
        pieces.setdefault(trace.trip_id, []).append(trace)
    return map(_join, pieces.values())


def _join(pieces: Sequence[Trace]) -> Trace:
    if len(pieces) == 1:
        return pieces[0]
    starts = [piece.started_at for piece in pieces if piece.started_at]
    start = min(starts, default=None)
    shifts = [(piece.started_at - start).total_seconds() if piece.started_at and start else 0.0 for piece in pieces]
    gyroscopes = [piece.gyroscope or Samples.empty() for piece in pieces]
    whole = Trace.build(
        pieces[0].trip_id,
        accelerometer=_samples([piece.accelerometer for piece in pieces], shifts),
        gyroscope=_samples(gyroscopes, shifts),
        location=_fixes([piece.fixes for piece in pieces], shifts),
        started_at=start,
        device=next((piece.device for piece in pieces if piece.device), None),
        gravity_included=2 * sum(len(p.accelerometer) for p in pieces if p.gravity_included)
        >= sum(len(p.accelerometer) for p in pieces),
    )
    return replace(whole, provenance=_provenance(pieces, whole))


def _samples(parts: Sequence[Samples], shifts: Sequence[float]) -> tuple[Floats, Floats]:
    t_s = np.concatenate([part.t_s + shift for part, shift in zip(parts, shifts, strict=True)])
    return t_s, np.concatenate([part.xyz for part in parts])


def _fixes(parts: Sequence[Fixes], shifts: Sequence[float]) -> dict[str, Floats]:
    columns = {ours: np.concatenate([getattr(part, name) for part in parts]) for ours, name in _COLUMNS.items()}
    return {"t": np.concatenate([part.t_s + shift for part, shift in zip(parts, shifts, strict=True)]), **columns}


def _provenance(pieces: Sequence[Trace], whole: Trace) -> Provenance:
    first = pieces[0].provenance
    notes = dict.fromkeys(note for piece in pieces for note in piece.provenance.notes)
    dropped: dict[str, int] = {}
    for provenance in (*(piece.provenance for piece in pieces), whole.provenance):
        for reason, count in provenance.dropped.items():
            dropped[reason] = dropped.get(reason, 0) + count
    return replace(first, notes=(*notes, f"joined from {len(pieces)} chunks"), dropped=MappingProxyType(dropped))
