"""The phone's battery by plyer, imported when it is first asked."""

from __future__ import annotations


class PlyerBattery:
    """A `power.Battery`. Unknown where plyer has none for this system or it fails: that forbids nothing."""

    def read(self) -> tuple[float | None, bool | None]:
        try:
            from plyer import battery

            told = battery.status
            percent, charging = told.get("percentage"), told.get("isCharging")
        except Exception:  # plyer raises NotImplementedError, and whatever the system's own library does
            return None, None
        known = isinstance(percent, (int, float)) and 0 <= percent <= 100
        return (percent / 100 if known else None), (bool(charging) if charging is not None else None)
