"""GeoJSON out: features from rows, boxes and cursors from the query, unchanged answers as 304."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import Query, Request, Response

from ingest.api.problems import Problem
from ingest.store.features import day
from ingest.store.places import Box

__all__ = ["MEDIA_TYPE", "BoxText", "answer", "answer_with", "box", "day", "instant", "moment"]

MEDIA_TYPE = "application/geo+json"

BoxText = Annotated[str | None, Query(alias="bbox", max_length=120, description="west,south,east,north in degrees (RFC 7946)")]


def answer(request: Request, value: Any, media_type: str = MEDIA_TYPE, *, private: bool = False) -> Response:
    """The value as JSON with an ETag; 304 when the caller has it already. private: not what anyone would get."""
    data = json.dumps(value, allow_nan=False, separators=(",", ":")).encode()
    return answer_with(request, data, media_type, private=private)


def answer_with(request: Request, data: bytes, media_type: str = MEDIA_TYPE, *, private: bool = False) -> Response:
    """The same of JSON that is ready."""
    headers = {
        "ETag": f'W/"{hashlib.sha256(data).hexdigest()[:32]}"',
        "Cache-Control": "private, no-cache" if private else "no-cache",
    }
    headers["Vary"] = "Authorization, Cookie"  # a cache between must not give one caller's answer to another
    if headers["ETag"] in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    return Response(data, headers=headers, media_type=media_type)


def box(text: str | None) -> Box | None:
    """The box of a `bbox` parameter. Problem fix.range."""
    if text is None:
        return None
    try:
        west, south, east, north = (float(part) for part in text.split(","))
    except ValueError:
        raise Problem("fix.range", "bbox is west,south,east,north: four numbers", field="bbox", value=text) from None
    if not (-180 <= west <= 180 and -180 <= east <= 180 and -90 <= south <= north <= 90):
        detail = "bbox is west,south,east,north in degrees: longitudes within ±180, latitudes within ±90, south below north"
        raise Problem("fix.range", detail, field="bbox", value=text)
    return Box(west, south, east, north)


def moment(at_s: float | None) -> str | None:
    """RFC 3339 of an instant that is a user's or the system's own."""
    return None if at_s is None else datetime.fromtimestamp(at_s, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def instant(text: str | None, field: str) -> float | None:
    """Seconds since 1970 of an RFC 3339 parameter. Problem field.range."""
    if text is None:
        return None
    try:
        value = datetime.fromisoformat(text.replace(" ", "+"))  # an unescaped + of a time zone arrives as a blank
        if value.tzinfo is None:
            raise ValueError("no time zone")
        return value.timestamp()
    except (ValueError, OverflowError):
        detail = f"{field} is an instant with its time zone, e.g. 2026-05-04T00:00:00Z"
        raise Problem("field.range", detail, field=field, value=text) from None
