"""Every pass of one defect side by side: what each trip felt there, in metres of road."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from detection.analysis.trips import Trip
from detection.calibration import level_of
from detection.columns import Codes, Columns, Floats, Texts
from detection.defects import Defects
from detection.geo import LocalMetres
from detection.jolts import Jolts
from detection.passes import DefectPasses, passes_of
from detection.settings import DefectSettings, FixSettings
from detection.stages import Stages

DEFAULT = DefectSettings()
AHEAD_M = FixSettings().front_axle_ahead_m
STEP_M = 0.1  # of the waveforms: 100 samples a second at 36 km/h
FINE_S = 0.02  # at which a pass is followed along the road
SEARCHED_S = 8.0  # around the pass for the moment at the defect: 30 m at 4 m/s


@dataclass(frozen=True, eq=False)
class PassTable(Columns):
    """One row a pass, in order of device and time; columns (p,).

    trip, device: ids. time_s: s since 1970 UTC, NaN unknown; t_s: s in its trip when it was there: when the front axle met the
    thing, for a silent pass by its own place. speed_mps: then. weight: 0..1, how surely
    a jolt would have been noticed. hit: 0..1, confidence of the jolt, 0 none. Of the jolt, NaN (kind: unknown) without one:
    severity, uncalibrated; level_mps2: the envelope it was told from (`detection.calibration.level_of`); kind; jolt_along_m,
    jolt_across_m: where it was placed from the defect, ahead and right positive.
    """

    trip: Texts
    device: Texts
    time_s: Floats
    t_s: Floats
    speed_mps: Floats
    weight: Floats
    hit: Floats
    severity: Floats
    level_mps2: Floats
    kind: Codes
    jolt_along_m: Floats
    jolt_across_m: Floats


@dataclass(frozen=True, eq=False)
class Waveforms:
    """along_m (w,): metres of road from the defect, ahead positive. vertical_mps2 (p, w): what each pass felt there in the band
    of jolts, NaN where it was not recorded. passes: a row each."""

    along_m: Floats
    vertical_mps2: Floats
    passes: PassTable

    @property
    def hits(self) -> Waveforms:
        """Those with a jolt."""
        return self._only(self.passes.hit > 0)

    @property
    def silent(self) -> Waveforms:
        """Those without."""
        return self._only(self.passes.hit == 0)

    def _only(self, which: np.ndarray) -> Waveforms:
        return Waveforms(self.along_m, self.vertical_mps2[which], self.passes[which])


def passes_through(
    defects: Defects, row: int, trips: Sequence[Trip], *, reach_m: float = 30.0, settings: DefectSettings = DEFAULT
) -> Waveforms:
    """Every pass of defect number `row` by these trips, `reach_m` before and behind it.

    Hits are aligned at their jolt, which is where the thing is; silent passes by their own place, which GPS misses by 2 to 5 m.
    """
    placed = [trip for trip in trips if trip.stages is not None and trip.stages.path is not None]
    made, trip_of = _passes(defects[row : row + 1], placed, settings)
    plane = LocalMetres(float(defects.latitude[row]), float(defects.longitude[row]))
    along_m = np.asarray(np.arange(-round(reach_m / STEP_M), round(reach_m / STEP_M) + 1) * STEP_M, np.float64)
    seen = [
        _one_pass(trip, float(t_s), bool(hit), plane, along_m)
        for trip, t_s, hit in zip(trip_of, made.time_s, made.hit > 0, strict=True)
    ]
    t_s, speed_mps, jolt_along_m, jolt_across_m = np.array([row for row, _ in seen], np.float64).reshape(-1, 4).T
    jolt = Jolts.concatenate(_jolt_at(trip, float(at)) for trip, at in zip(trip_of, made.time_s, strict=True))
    felt = made.hit > 0
    table = PassTable(
        trip=np.array([trip.trip_id for trip in trip_of], object),
        device=np.array([trip.survey.owner for trip in trip_of], object),
        time_s=np.array([trip.survey.started_at_s for trip in trip_of], np.float64) + t_s,
        t_s=t_s,
        speed_mps=speed_mps,
        weight=made.weight,
        hit=made.hit,
        severity=made.severity,
        level_mps2=np.where(felt, level_of(jolt), np.nan),
        kind=np.where(felt, jolt.kind, 0).astype(np.int8),
        jolt_along_m=jolt_along_m,
        jolt_across_m=jolt_across_m,
    )
    order = np.lexsort((table.t_s, table.trip.astype(str), table.time_s, table.device.astype(str)))
    return Waveforms(along_m, np.array([wave for _, wave in seen], np.float64).reshape(-1, len(along_m))[order], table[order])


def _passes(one: Defects, trips: Sequence[Trip], settings: DefectSettings) -> tuple[DefectPasses, list[Trip]]:
    """The passes of one defect, `time_s` counting from the start of each trip; and the trip of each."""
    by_name = sorted(trips, key=lambda trip: trip.trip_id)  # as `passes_of` numbers them
    made = passes_of(one, [replace(trip.survey, started_at_s=0.0) for trip in by_name], settings)
    return made, [by_name[code] for code in made.trip]


def _one_pass(
    trip: Trip, about_s: float, hit: bool, plane: LocalMetres, along_m: Floats
) -> tuple[tuple[float, float, float, float], Floats]:
    """Time at the defect, speed, its jolt from the defect along and across (NaN without); and the waveform (w,)."""
    assert trip.stages is not None
    path = trip.stages.path
    assert path is not None
    t_s = about_s + np.arange(-SEARCHED_S, SEARCHED_S, FINE_S)
    x_m, y_m = (np.nan_to_num(column, nan=np.inf) for column in plane.to_xy(*path.place_at(t_s, AHEAD_M)))
    at = int(np.argmin(np.abs(t_s - about_s) if hit else np.hypot(x_m, y_m)))
    gone_m = np.cumsum(np.maximum(np.nan_to_num(path.speed_at(t_s)), 0.05)) * FINE_S  # standing still is no place twice
    speed_mps, heading = float(path.speed_at(t_s[[at]])[0]), np.radians(path.heading_at(t_s[[at]])[0])
    east, north = (float(x_m[at]), float(y_m[at])) if hit else (np.nan, np.nan)
    along, across = east * np.sin(heading) + north * np.cos(heading), east * np.cos(heading) - north * np.sin(heading)
    wave = _felt(trip.stages, np.interp(along_m, gone_m - gone_m[at], t_s, left=np.nan, right=np.nan))
    return (float(t_s[at]), speed_mps, float(along), float(across)), wave


def _jolt_at(trip: Trip, t_s: float) -> Jolts:
    """The jolt of a trip nearest in time, one row; a row of nothing where it has none."""
    evidence = trip.survey.evidence
    if not len(evidence):
        return Jolts.from_columns({name: np.zeros(1) for name in evidence.columns()})
    return evidence[np.argmin(np.abs(evidence.t_s - t_s), keepdims=True)]


def _felt(stages: Stages, t_s: Floats) -> Floats:
    """The banded vertical (w,) at these times, NaN where the trip was not recorded or the time is unknown."""
    grid = stages.grid
    right = np.searchsorted(grid.t_s, t_s).clip(1, len(grid) - 1)
    beside = np.minimum(np.abs(grid.t_s[right] - t_s), np.abs(grid.t_s[right - 1] - t_s))
    wave = np.interp(t_s, grid.t_s, stages.banded)
    return np.where(beside <= 1.0 / grid.rate_hz, wave, np.nan)
