"""How old an offline copy is, in words."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mobile_app.ui.words import _, n_

JUST_S, HOUR_S, DAY_S = 120.0, 3600.0, 86_400.0


def age(at_s: float | None, now_s: float) -> str:
    """at_s: when it was fetched; None: never. A clock that was set back makes nothing older than now."""
    if at_s is None:
        return _("not fetched yet")
    old_s = max(now_s - at_s, 0.0)
    if old_s < JUST_S:
        return _("up to date")
    if old_s < HOUR_S:
        minutes = int(old_s // 60)
        return n_("{n} minute old", "{n} minutes old", minutes).format(n=minutes)
    if old_s < DAY_S:
        hours = int(old_s // HOUR_S)
        return n_("{n} hour old", "{n} hours old", hours).format(n=hours)
    days = int(old_s // DAY_S)
    return n_("{n} day old", "{n} days old", days).format(n=days)


def fetched_s(fields: Mapping[str, Any] | None) -> float | None:
    """When the server gave this, as `fetching` notes it; None where nothing was fetched."""
    at_s = (fields or {}).get("fetched_at_s")
    return float(at_s) if isinstance(at_s, (int, float)) else None


def changed_s(path: Path) -> float | None:
    """When the file was last written, s since 1970; None where there is none."""
    try:
        return path.stat().st_mtime
    except OSError:
        return None
