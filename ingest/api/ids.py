"""Trips and chunks as addresses name them."""

from __future__ import annotations

import re
from typing import Annotated, Any

from fastapi import Path
from pydantic import BeforeValidator

from ingest.settings import Limits


def _digits(value: Any) -> Any:
    """A number as a path writes it: no sign, no blank, no leading zero."""
    if not isinstance(value, str) or not (value.isascii() and value.isdigit()) or (value[0] == "0" and value != "0"):
        raise ValueError("write a whole number in plain digits")
    return int(value[:9])


TRIP_ID = re.compile("[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
TripId = Annotated[str, Path(pattern=f"^{TRIP_ID.pattern}$")]
Number = Annotated[int, BeforeValidator(_digits), Path(ge=0, lt=Limits.chunks_per_trip)]
