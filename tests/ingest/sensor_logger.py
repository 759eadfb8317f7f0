"""The Sensor Logger app as its documentation describes it (github.com/tszheichoi/awesome-sensor-logger): its push and its export.

PUSHING.md: a POST each batch period, JSON {messageId, sessionId, deviceId, payload: [{name, time (ns), values, accuracy?}]};
messageId counts up from 0; messages may come out of order. README: the export is a zip of one CSV a sensor.
"""

from __future__ import annotations

import io
import json
import uuid
import zipfile
from dataclasses import dataclass, field
from typing import Any

import httpx
import numpy as np
from callers import Phone

from detection import Trace

FILES = {"totalacceleration": "TotalAcceleration", "accelerometer": "Accelerometer", "gravity": "Gravity"}
FILES |= {"gyroscope": "Gyroscope", "location": "Location"}
FIX = ("bearingAccuracy", "speedAccuracy", "verticalAccuracy", "horizontalAccuracy", "speed", "bearing", "altitude")


def rows_of(trace: Trace, android: bool) -> dict[str, list[tuple[int, dict[str, float]]]]:
    """Readings by sensor: (ns, values). An iPhone has no TotalAcceleration."""
    total, gyro = trace.accelerometer, trace.gyroscope
    assert gyro is not None
    kernel = np.ones(201) / 201
    padded = np.pad(total.xyz, ((100, 100), (0, 0)), mode="edge")
    gravity = np.column_stack([np.convolve(padded[:, axis], kernel, "valid") for axis in range(3)])
    stamp = _stamps(trace, total.t_s)
    rows = {
        "accelerometer": _xyz(stamp, total.xyz - gravity),
        "gravity": _xyz(stamp, gravity),
        "gyroscope": _xyz(_stamps(trace, gyro.t_s), gyro.xyz),
        "location": _fixes(trace),
    }
    return rows | ({"totalacceleration": _xyz(stamp, total.xyz)} if android else {})


def export_of(rows: dict[str, list[tuple[int, dict[str, float]]]]) -> bytes:
    """The zip that the app shares after the recording."""
    held = io.BytesIO()
    begin = min(readings[0][0] for readings in rows.values())
    with zipfile.ZipFile(held, "w") as archive:
        for name, readings in rows.items():
            columns = list(reversed(readings[0][1]))
            lines = [",".join(["time", "seconds_elapsed", *columns])]
            lines += [",".join(map(repr, [ns, (ns - begin) / 1e9, *(values[c] for c in columns)])) for ns, values in readings]
            archive.writestr(f"{FILES[name]}.csv", "\n".join(lines) + "\n")
        platform = "android" if "totalacceleration" in rows else "ios"
        archive.writestr("Metadata.csv", f"version,platform,appVersion,standardisation\n3,{platform},1.63,true\n")
    return held.getvalue()


@dataclass
class SensorLogger:
    """The app on one phone, set up with the push address and `Bearer` token."""

    http: httpx.Client
    token: str
    batch_s: float = 1.0
    device: str = field(default_factory=lambda: str(uuid.uuid4()))

    @classmethod
    def of(cls, phone: Phone, batch_s: float = 1.0) -> SensorLogger:
        return cls(phone.http, phone.token, batch_s)

    def messages(self, rows: dict[str, list[tuple[int, dict[str, float]]]], session: str | None = None) -> list[dict[str, Any]]:
        """A whole recording, batch by batch."""
        session = session or str(uuid.uuid4())
        flat = sorted(((ns, name, values) for name, readings in rows.items() for ns, values in readings), key=lambda row: row[:2])
        begin, batches = flat[0][0], {}
        for ns, name, values in flat:
            reading: dict[str, Any] = {"name": name, "time": ns, "values": values}
            if name != "location":
                reading["accuracy"] = 3
            batches.setdefault(int((ns - begin) / 1e9 / self.batch_s), []).append(reading)
        return [self.message(number, session, batch) for number, batch in enumerate(batches.values())]

    def message(self, number: int, session: str, payload: list[dict[str, Any]]) -> dict[str, Any]:
        return {"messageId": number, "sessionId": session, "deviceId": self.device, "payload": payload}

    def push(self, message: object, **headers: str) -> httpx.Response:
        data = message if isinstance(message, bytes) else json.dumps(message).encode()
        told = {"Content-Type": "application/json; charset=utf-8", "Authorization": f"Bearer {self.token}"}
        return self.http.post("/v1/push/sensorlogger", content=data, headers=told | headers)


def _stamps(trace: Trace, t_s: np.ndarray) -> list[int]:
    return [round((trace.started_at_s + t) * 1e6) * 1000 for t in t_s.tolist()]


def _xyz(stamp: list[int], xyz: np.ndarray) -> list[tuple[int, dict[str, float]]]:
    return [(ns, {"z": z, "y": y, "x": x}) for ns, (x, y, z) in zip(stamp, xyz.tolist(), strict=True)]


def _fixes(trace: Trace) -> list[tuple[int, dict[str, float]]]:
    """Unknown is negative, as the app writes it."""
    fixes, rows = trace.fixes, []
    columns = (fixes.accuracy_m, fixes.speed_mps, fixes.bearing_deg, fixes.latitude_deg, fixes.longitude_deg)
    for ns, *values in zip(_stamps(trace, fixes.t_s), *(column.tolist() for column in columns), strict=True):
        accuracy, speed, bearing = (-1.0 if value != value else value for value in values[:3])
        told = dict(zip(FIX, (1.0, 0.5, 2.0, accuracy, speed, bearing, 130.0), strict=True))
        rows.append((ns, told | {"longitude": values[4], "latitude": values[3]}))
    return rows
