"""What analysts work with: trips with their stages, passes of a defect side by side, confidence step by step, scores.

For notebooks and scripts, on top of the core, in few lines; every table has `to_frame()`. Nothing in the core knows of it.
"""

from detection.analysis.marked import MarkedTrip, Scores, leave_one_out, marked_trips, read_marks, score
from detection.analysis.steps import Steps, as_passes_come_in
from detection.analysis.trips import Trip, read_trips, study, trip_table
from detection.analysis.truth import against_truth
from detection.analysis.waveforms import PassTable, Waveforms, passes_through
from detection.calibration import calibrate, uncalibrated
from detection.reliability import reliability
from detection.scoring import match_jolts

__all__ = [
    "MarkedTrip",
    "PassTable",
    "Scores",
    "Steps",
    "Trip",
    "Waveforms",
    "against_truth",
    "as_passes_come_in",
    "calibrate",
    "leave_one_out",
    "marked_trips",
    "match_jolts",
    "passes_through",
    "read_marks",
    "read_trips",
    "reliability",
    "score",
    "study",
    "trip_table",
    "uncalibrated",
]
