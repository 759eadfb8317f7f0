"""One trip, end to end: from a trace to its jolts and its track.

Pure: the same trace and settings always give the same survey. What defects there are is `detection.estimate`'s.
"""

from __future__ import annotations

import numpy as np

from detection.jolts import Jolts, Survey, Track
from detection.measure import measure_jolts
from detection.settings import SurveySettings
from detection.stages import DEFAULT, Stages, follow
from detection.trace import Trace
from detection.track import drive_track


def detect(trace: Trace, settings: SurveySettings = DEFAULT) -> Jolts:
    """The jolts of one trace that are more likely a thing on the road than not; see `survey`."""
    return survey(trace, settings).jolts


def survey(trace: Trace, settings: SurveySettings = DEFAULT) -> Survey:
    """Jolts and track of one trip.

    Raises SamplingRateTooLow. A trace without fixes gives jolts without places and an empty track; one that never
    drives gives neither.
    """
    return survey_stages(trace, follow(trace, settings), settings)


def survey_stages(trace: Trace, stages: Stages | None, settings: SurveySettings = DEFAULT) -> Survey:
    """The same from stages that are at hand; None where the trace was too short for them."""
    if stages is None:
        return Survey(trace.trip_id, trace.device, trace.started_at_s, Jolts.empty(), Track.empty())
    jolts = measure_jolts(stages, settings)
    return Survey(
        trace.trip_id,
        trace.device,
        trace.started_at_s,
        jolts,
        drive_track(stages, settings),
        _notes(stages, trace),
    )


def _notes(stages: Stages, trace: Trace) -> dict[str, float]:
    hz = stages.decimated_hz
    notes = {
        "rate_hz": trace.accelerometer.rate_hz,
        "driven_s": float(stages.allowed.sum() / hz),
        "driven_m": float(np.nansum(stages.speed_mps[stages.allowed]) / hz),
        "handled_s": float(stages.upright.handled.sum() / stages.grid.rate_hz),
        "gaps": float(stages.grid.gaps),
    }
    if stages.forward is not None:
        notes["lag_s"] = stages.forward.lag_s
    return notes | stages.faults.notes | {reason: float(count) for reason, count in stages.dropped.items()}
