"""The JSON form of a chunk as a JSON schema, for /openapi.json. `mobile_app.wire` is what checks; a test holds both together."""

from __future__ import annotations

from typing import Any

from mobile_app import wire

_NUMBERS = {"type": "array", "maxItems": wire.MAX_SAMPLES, "items": {"type": "number"}}
_UNKNOWN_TOO = {"type": ["array", "null"], "maxItems": wire.MAX_SAMPLES, "items": {"type": ["number", "null"]}}


def _stream(description: str, needed: tuple[str, ...], others: tuple[str, ...] = ()) -> dict[str, Any]:
    columns = dict.fromkeys(needed, _NUMBERS) | dict.fromkeys(others, _UNKNOWN_TOO)
    told = {"type": "object", "description": description, "properties": columns, "required": list(needed)}
    return told | {"additionalProperties": False}


JSON_CHUNK: dict[str, Any] = {
    "type": "object",
    "description": "columns of equal length; t in s from the start of the trip, increasing",
    "properties": {
        "started_at": {"type": "string", "format": "date-time", "description": "UTC instant of t = 0 of the trip"},
        "accelerometer": _stream("m/s², gravity included, phone axes", ("t", "x", "y", "z")),
        "gyroscope": _stream("rad/s, phone axes", ("t", "x", "y", "z")),
        "location": _stream(
            "WGS 84 degrees; m/s, degrees clockwise from north, m: null is unknown",
            ("t", "latitude", "longitude"),
            ("speed", "bearing", "accuracy"),
        ),
        "trip_id": {"type": "string", "format": "uuid", "description": "that of the address, or left out"},
        "device": {"type": "string", "minLength": 1, "maxLength": 200},
    },
    "required": ["started_at", "accelerometer"],
    "additionalProperties": False,
    "example": {
        "started_at": "2026-05-04T07:12:00Z",
        "accelerometer": {"t": [0.0, 0.01], "x": [0.1, 0.2], "y": [0.0, 0.1], "z": [9.8, 9.7]},
        "location": {
            "t": [0.0],
            "latitude": [48.1],
            "longitude": [11.5],
            "speed": [12.0],
            "bearing": [90.0],
            "accuracy": [None],
        },
    },
}
