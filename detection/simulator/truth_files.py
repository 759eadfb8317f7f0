"""The truth of drives and cities as files, for scoring from outside."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np

from detection.columns import KINDS, Counts
from detection.simulator.drive import Drive
from detection.simulator.things import TrueDefects


def write_jolts(drives: Iterable[Drive], path: str | Path, *, kinds: Iterable[str] = KINDS) -> None:
    """Felt jolts as CSV with columns trip_id, t, kind."""
    codes = [KINDS.index(kind) for kind in kinds]
    with Path(path).open("w", newline="") as file:
        out = csv.writer(file)
        out.writerow(["trip_id", "t", "kind"])
        for drive in drives:
            felt = drive.truth[(drive.truth.felt == 1) & np.isin(drive.truth.kind, codes)]
            out.writerows([drive.trace.trip_id, f"{t:.3f}", KINDS[k]] for t, k in zip(felt.t_s, felt.kind, strict=True))


def defects_geojson(defects: TrueDefects, *, each_direction: bool = False) -> dict[str, Any]:
    """True defects as a GeoJSON FeatureCollection; each_direction: what meets both ways becomes two features with headings."""
    features = []
    for i in range(len(defects)):
        heading = float(defects.heading[i])
        headings: list[float | None] = [None if np.isnan(heading) else heading]
        if each_direction and headings == [None]:
            line = float(defects.street_heading[i])
            headings = [line, (line + 180) % 360]
        place = [float(defects.longitude[i]), float(defects.latitude[i])]
        properties = {"id": defects.id[i], "kind": KINDS[int(defects.kind[i])], "size_m": float(defects.size_m[i])}
        features += [
            {"type": "Feature", "geometry": {"type": "Point", "coordinates": place}, "properties": properties | {"heading": h}}
            for h in headings
        ]
    return {"type": "FeatureCollection", "features": features}


def write_defects(defects: TrueDefects, path: str | Path, *, each_direction: bool = False) -> None:
    """`defects_geojson` as a file."""
    Path(path).write_text(json.dumps(defects_geojson(defects, each_direction=each_direction)))


def times_passed(defects: TrueDefects, drives: Iterable[Drive]) -> Counts:
    """How many passes (n,) each defect had over all drives, hit or missed."""
    passes = np.zeros(len(defects), np.int64)
    for drive in drives:
        np.add.at(passes, drive.truth.defect, 1)
    return passes
