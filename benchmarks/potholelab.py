"""Thirty roads at 50 Hz with every anomaly marked to the sample (Carlos, Aragón, González et al., IEEE T-ITS 2018).

The roads are spliced from 239 real clips of five vehicles, each used many times: folds are by vehicle or by clip, never by
road, for the same clip stands in many roads. Only reads; who judges is `benchmarks.peers` and `benchmarks.real_folds`.
"""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from detection import Trace
from detection.trace import Floats

RATE_HZ = 50.0  # the paper's recorder; the files hold no times
KINDS = {"Bache": "pothole", "Bordo": "speed_bump", "Boyas": "metal_bumps"}  # the files' words
LAG_S = 0.3  # how late a phone's fixes usually are: what `survey` expects where the trip does not tell
Texts = npt.NDArray[np.str_]
Indices = npt.NDArray[np.intp]


@dataclass(frozen=True, eq=False)
class Road:
    """One spliced road of n samples and k clips.

    t_s (n,); upright (n, 3) m/s², z up, gravity included; speed_mps (n,), one value a clip. Marks (m,): mark_start_s,
    mark_end_s (first and last sample), mark_kind ("pothole", "speed_bump", "metal_bumps"), mark_clip (index of its clip).
    Clips in order of the splices (k,): clip_id (the same text wherever the same recording stands), vehicle, placement;
    clip (n,) is each sample's index.
    """

    name: str
    t_s: Floats
    upright: Floats
    speed_mps: Floats
    mark_start_s: Floats
    mark_end_s: Floats
    mark_kind: Texts
    mark_clip: Indices
    clip: Indices
    clip_id: Texts
    vehicle: Texts
    placement: Texts

    @property
    def marks(self) -> list[tuple[float, float, str]]:
        """(start_s, end_s, kind) of each."""
        return list(zip(self.mark_start_s.tolist(), self.mark_end_s.tolist(), self.mark_kind.tolist(), strict=True))

    def without(self, vehicles: Sequence[str]) -> Road:
        """The road with all clips of these vehicles cut out and the rest spliced anew: nothing of them is left, not even as
        the neighbour that tells what is usual."""
        kept = ~np.isin(self.vehicle, vehicles)
        sample, mark = kept[self.clip], kept[self.mark_clip]
        first = np.cumsum(sample) - 1  # new index of each sample that stays
        start, end = (first[np.round(at * RATE_HZ).astype(np.intp)[mark]] for at in (self.mark_start_s, self.mark_end_s))
        renumbered = np.cumsum(kept) - 1
        return replace(
            self,
            t_s=np.arange(sample.sum()) / RATE_HZ,
            upright=self.upright[sample],
            speed_mps=self.speed_mps[sample],
            mark_start_s=start / RATE_HZ,
            mark_end_s=end / RATE_HZ,
            mark_kind=self.mark_kind[mark],
            mark_clip=renumbered[self.mark_clip[mark]],
            clip=renumbered[self.clip[sample]],
            clip_id=self.clip_id[kept],
            vehicle=self.vehicle[kept],
            placement=self.placement[kept],
        )

    def trace(self) -> Trace:
        """As a phone would record it: fixes once a second along a meridian, late as phones' are, at the clips' speed."""
        at = np.arange(0, len(self.t_s), int(RATE_HZ))
        north_m = np.cumsum(self.speed_mps)[at] / RATE_HZ
        location = {
            "t": self.t_s[at] + LAG_S,
            "latitude": 45.0 + north_m / 111_195.0,  # m of a degree; anywhere but on null island
            "longitude": np.zeros(len(at)),
            "speed": self.speed_mps[at],
            "bearing": np.zeros(len(at)),
            "accuracy": np.full(len(at), 4.0),
        }
        return Trace.build(self.name, accelerometer=(self.t_s, self.upright), location=location, reader="potholelab")


def load_potholelab(folder: Path) -> list[Road]:
    """All roads in the folder, in order of their numbers. Raises FileNotFoundError where there is none."""
    files = sorted(folder.glob("P*-E.json.gz"), key=lambda path: int(re.sub(r"\D", "", path.name)))
    if not files:
        raise FileNotFoundError(f"{folder}: no P*-E.json.gz")
    return [_road(path) for path in files]


def _road(path: Path) -> Road:
    with gzip.open(path, "rt", encoding="utf-8") as file:
        held: Mapping[str, Any] = json.load(file)
    clips = held["metadata"]["samples"]
    clip = np.repeat(np.arange(len(clips)), [c["length"] for c in clips])
    upright = np.column_stack([held[f"rot_acc_{axis}"] for axis in "xyz"]).astype(np.float64)
    marked = held["anomalies"]
    start = np.array([mark["start"] for mark in marked], np.intp)
    return Road(
        path.name.partition("-")[0],
        np.arange(len(upright)) / RATE_HZ,
        upright,
        np.array([c["speed"] / 3.6 for c in clips], np.float64)[clip],
        start / RATE_HZ,
        np.array([mark["end"] for mark in marked], np.float64) / RATE_HZ,
        np.array([KINDS[mark["type"]] for mark in marked], np.str_),
        clip[start],
        clip,
        *(np.array([c[key] for c in clips], np.str_) for key in ("sample_uuid", "vehicle", "placement")),
    )
