"""The signal core of Cahot: from a trip's recording to its jolts, from many trips to the defects of a road.

Arrays in, arrays out: no HTTP, no SQL, no clock, no unseeded randomness. Public are the names here, and those in `__all__` of
`detection.readers` (recordings of many apps), `detection.analysis` (what analysts work with), `detection.plots` (pictures) and
`detection.simulator` (known truth); whatever else can be imported may change from one version to the next.
"""

from detection.columns import KINDS, STATUSES
from detection.defects import Defects
from detection.errors import CahotError, InvalidTrace, SamplingRateTooLow, UnreadableRecording
from detection.estimate import find_defects
from detection.identity import carry_ids
from detection.jolts import Jolts, Survey, Track
from detection.manoeuvres import MANOEUVRES, Manoeuvres, find_manoeuvres
from detection.survey import detect, survey
from detection.trace import Fixes, Samples, Trace

__all__ = [
    "KINDS",
    "MANOEUVRES",
    "STATUSES",
    "CahotError",
    "Defects",
    "Fixes",
    "InvalidTrace",
    "Jolts",
    "Manoeuvres",
    "Samples",
    "SamplingRateTooLow",
    "Survey",
    "Trace",
    "Track",
    "UnreadableRecording",
    "carry_ids",
    "detect",
    "find_defects",
    "find_manoeuvres",
    "survey",
]
