"""Streets and crossings of an installation as tables that `detection.export` writes."""

from __future__ import annotations

import json

import pandas as pd
from sqlalchemy.orm import Session

from detection.export import LINE
from ingest.store import common_tracks, crossings

_STREETS = {
    "roughness": {"passes": "int64", "devices": "int64", "roughness": "float64"},
    "coverage": {"passes": "int64", "devices": "int64"},
}
_WHOLE, _SHARES = ("arms", "devices", "approaches"), ("latitude", "longitude", "braking", "low", "high")


def street_table(session: Session, what: str) -> pd.DataFrame:
    """Streets that at least the installation's k devices drove; what: roughness or coverage."""
    rows = common_tracks.page(session, 0, None)
    columns = {name: pd.Series([row[name] for row in rows], dtype=kind) for name, kind in _STREETS[what].items()}
    return pd.DataFrame(columns | {LINE: pd.Series([json.loads(row["line"]) for row in rows], dtype="object")})


def crossing_table(session: Session) -> pd.DataFrame:
    """Crossings; `approaches_by_arm` is JSON."""
    rows = crossings.page(session, 0, None)
    kinds = dict.fromkeys(_SHARES, "float64") | dict.fromkeys(_WHOLE, "int64")
    columns = {name: pd.Series([row[name] for row in rows], dtype=kind) for name, kind in kinds.items()}
    return pd.DataFrame(columns | {"approaches_by_arm": pd.Series([row["told"] for row in rows], dtype="object")})
