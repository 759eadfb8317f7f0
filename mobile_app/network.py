"""What the phone hangs on right now, and whether that is good enough to send over."""

from __future__ import annotations

from enum import StrEnum
from typing import Any, Protocol

from mobile_app import reasons
from mobile_app.said import Said

# android.net.NetworkCapabilities
NOT_METERED = 11
INTERNET = 12


class Link(StrEnum):
    """What goes out of the phone."""

    NONE = "none"
    METERED = "metered"  # it may cost: mobile data, a hotspot
    UNMETERED = "unmetered"  # Wi-Fi, a cable
    UNKNOWN = "unknown"


class Network(Protocol):
    """Asked every few seconds; answers at once."""

    def link(self) -> Link: ...


class Always:
    """A machine whose network costs nothing, such as a desktop's. Whether there is one shows when something is sent."""

    def link(self) -> Link:
        return Link.UNMETERED


class Unsaid:
    """A phone that does not say, as iPhones do not to Python: it sends once its person allows mobile data."""

    def link(self) -> Link:
        return Link.UNKNOWN


class AndroidNetwork:
    """By ConnectivityManager (API 23, ACCESS_NETWORK_STATE). context: the service or the activity; None: whichever runs."""

    def __init__(self, context: Any = None) -> None:
        self._context = context

    def link(self) -> Link:
        """UNKNOWN where Android refuses to say."""
        try:
            manager = (self._context or _android_context()).getSystemService("connectivity")
            active = manager.getActiveNetwork()
            can = manager.getNetworkCapabilities(active) if active is not None else None
            if can is None or not can.hasCapability(INTERNET):
                return Link.NONE
            return Link.UNMETERED if can.hasCapability(NOT_METERED) else Link.METERED
        except Exception:  # a JavaException, whose class only exists on Android: not knowing is an answer, too
            return Link.UNKNOWN


def why_not(link: Link, wifi_only: bool) -> Said | None:
    """Why nothing is sent over this link; None: it may be. Who only wants Wi-Fi never pays because a phone did not say."""
    if link is Link.NONE:
        return Said(reasons.OFFLINE)
    if wifi_only and link is Link.METERED:
        return Said(reasons.WAITS_FOR_WIFI)
    if wifi_only and link is Link.UNKNOWN:
        return Said(reasons.LINK_UNKNOWN)
    return None


def _android_context() -> Any:
    from jnius import autoclass

    service = autoclass("org.kivy.android.PythonService").mService
    return service or autoclass("org.kivy.android.PythonActivity").mActivity
