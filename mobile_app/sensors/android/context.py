"""Android's classes and services for whichever process this is: the recorder's service or the screens' Activity."""

from __future__ import annotations

from functools import cache
from typing import Any

from mobile_app.sensors.android.timebase import Clocks
from mobile_app.sensors.fallback import CannotStart

_PROCESSES = (("org.kivy.android.PythonService", "mService"), ("org.kivy.android.PythonActivity", "mActivity"))


@cache
def java(name: str) -> Any:
    """The Java class. First asked for on the main thread: other threads do not know the app's own classes."""
    try:
        from jnius import autoclass
    except Exception as error:  # without Java it raises whatever it stumbled over
        raise CannotStart(f"pyjnius does not work here ({error})") from error
    return autoclass(name)


def context() -> Any:
    """The Context of this process. Raises CannotStart outside of an app."""
    for holder, field in _PROCESSES:
        found = getattr(java(holder), field)
        if found is not None:
            return found
    raise CannotStart("neither a service nor an Activity of this app runs in this process")


def service(name: str, kind: str) -> Any:
    """The system service, seen as the public class `kind`. Raises CannotStart where the phone has none."""
    found = context().getSystemService(name)
    if found is None:
        raise CannotStart(f"this phone has no service {name!r}")
    from jnius import cast

    return cast(kind, found)


def sdk() -> int:
    """Android's API level."""
    return int(java("android.os.Build$VERSION").SDK_INT)


def clocks() -> Clocks:
    system = java("android.os.SystemClock")
    elapsed_s, uptime_s = system.elapsedRealtimeNanos() / 1e9, system.uptimeMillis() / 1e3
    return Clocks(elapsed_s, uptime_s, java("java.lang.System").currentTimeMillis() / 1e3)


def java_class_of(error: BaseException) -> str:
    """Of a Java exception its class, "" for others."""
    return str(getattr(error, "classname", "") or "")
