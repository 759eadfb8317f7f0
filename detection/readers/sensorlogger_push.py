"""Sensor Logger's HTTP push: the readings of a session, as the messages carried them, to one trace.

Format: github.com/tszheichoi/awesome-sensor-logger, PUSHING.md. The sensors are those of the app's files under names in lower
case; units and axes are the same, so everything after the names is `detection.readers.sensorlogger`'s. A message does not say
whether it comes from an iPhone: the app's "Standardise Units & Frames" has to be on there.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

import numpy as np

from detection.readers import sensorlogger
from detection.readers.assemble import assemble
from detection.readers.source import Recording
from detection.trace import Floats, Trace

NAME = "Sensor Logger push"
_XYZ = ("x", "y", "z")
PUSHED: Mapping[str, tuple[str, ...]] = {  # sensors we use, as a message names them, and their values
    "totalacceleration": _XYZ,
    "accelerometer": _XYZ,
    "gravity": _XYZ,
    "accelerometeruncalibrated": _XYZ,
    "gyroscope": _XYZ,
    "gyroscopeuncalibrated": _XYZ,
    "location": ("latitude", "longitude", *sensorlogger.LOCATION.values()),
}
_IN_FILES = {name.lower(): name for name in sensorlogger.SENSORS}
Readings = Mapping[str, Mapping[str, Floats]]  # sensor as pushed → "time" (ns since 1970) and its values, each (n,)


def read_pushed(messages: Iterable[Readings], name: str) -> Trace:
    """The trace of a session's messages, in any order. name: what to call it.

    Raises UnreadableRecording where there is neither acceleration nor location in them, or no sense in the acceleration.
    """
    recording = Recording(Path(name), name, {})
    found = sensorlogger.columns_of(_sensors(list(messages)), {}, [])
    if found.accelerometer is None and found.location is None:
        raise recording.error("holds neither acceleration nor location", "switch Accelerometer, Gravity and Location on")
    return assemble(recording, NAME, found)


def _sensors(messages: list[Readings]) -> dict[str, dict[str, Floats]]:
    """By the names of the files, sorted by time: so the order in which messages came leaves no trace."""
    sensors = {}
    for pushed, columns in PUSHED.items():
        parts = [message[pushed] for message in messages if pushed in message]
        if parts:
            values = {column: np.concatenate([part[column] for part in parts]) for column in ("time", *columns)}
            order = np.lexsort(tuple(values.values())[::-1])
            sensors[_IN_FILES[pushed]] = {column: held[order] for column, held in values.items()}
    return sensors
