"""What the phone says of its battery and its network, for deciding when to record and when to send."""

from __future__ import annotations

from mobile_app.sensors.android.context import service

CAPACITY = 4  # BatteryManager.BATTERY_PROPERTY_CAPACITY, per cent
NOT_METERED, VALIDATED = 11, 16  # NetworkCapabilities.NET_CAPABILITY_…


def battery() -> tuple[float | None, bool | None]:
    """Charge from 0 to 1, and whether it charges or is full at the plug; None where the phone does not say."""
    manager = service("batterymanager", "android.os.BatteryManager")
    percent = int(manager.getIntProperty(CAPACITY))
    return percent / 100 if 0 <= percent <= 100 else None, bool(manager.isCharging())


def on_unmetered_network() -> bool | None:
    """Whether the network in use costs nothing by the byte and reaches the internet; False without one.

    A hotspot of another phone is Wi-Fi and metered: this asks for what matters, not for Wi-Fi.
    """
    manager = service("connectivity", "android.net.ConnectivityManager")
    network = manager.getActiveNetwork()
    can = manager.getNetworkCapabilities(network) if network is not None else None
    if can is None:
        return False
    return bool(can.hasCapability(NOT_METERED)) and bool(can.hasCapability(VALIDATED))
