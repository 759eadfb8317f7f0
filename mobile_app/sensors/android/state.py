"""What an Android phone says of its battery. Of its network `network.AndroidNetwork` knows."""

from __future__ import annotations

from mobile_app.sensors.android.context import service

CAPACITY = 4  # BatteryManager.BATTERY_PROPERTY_CAPACITY, per cent


class AndroidBattery:
    """A `power.Battery`, read from the system: the recorder's process need not import plyer."""

    def read(self) -> tuple[float | None, bool | None]:
        """Charge from 0 to 1, and whether it charges or is full at the plug; None where the phone does not say."""
        try:
            manager = service("batterymanager", "android.os.BatteryManager")
            percent, charging = int(manager.getIntProperty(CAPACITY)), bool(manager.isCharging())
        except Exception:  # a Java exception, whose class exists on Android alone: a phone that does not say forbids nothing
            return None, None
        return percent / 100 if 0 <= percent <= 100 else None, charging
