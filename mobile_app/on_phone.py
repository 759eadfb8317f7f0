"""What a phone gives the app that a desktop does not: where its folder is, and a recorder that the system runs.

pyjnius is imported late; everything but `arguments` and `home_folder` is for Android and for the screens' process.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

SERVICE = "org.cahot.cahot.ServiceRecorder"  # package.domain, package.name and the name in `services` of buildozer.spec
ACTIVITY = "org.kivy.android.PythonActivity"
_NEW_TASK = 0x1000_0000  # Intent.FLAG_ACTIVITY_NEW_TASK


def home_folder(environment: Mapping[str, str] = os.environ) -> Path | None:
    """The folder of `home.Home` inside the app's private storage; None on a desktop, where it is to be named.

    Not below the folder that the app is unpacked in: each update empties that.
    """
    if "ANDROID_PRIVATE" in environment:  # set by python-for-android, in a service too
        return Path(environment["ANDROID_PRIVATE"]) / "cahot"
    if environment.get("KIVY_BUILD") == "ios":
        return Path(environment["HOME"]) / "Library" / "Application Support" / "cahot"
    return None


def arguments(given: list[str], environment: Mapping[str, str] = os.environ) -> list[str]:
    """The command line's arguments: as given, with the folder of a phone, where nobody can give one."""
    folder = home_folder(environment)
    return given if folder is None or "--home" in given else [*given, "--home", str(folder)]


def start_recorder() -> bool:
    """Android: starts the service, does nothing where it runs. False where Android refuses: the app is not on the screen.

    Only with fine location held (`permissions.Standing.may_record`): else the service ends itself with a notification.
    """
    from jnius import autoclass

    try:
        autoclass(SERVICE).start(autoclass(ACTIVITY).mActivity, "")
    except Exception:  # a JavaException, whose class exists on Android only: IllegalStateException
        return False
    return True


def stop_recorder() -> None:
    """Android: stops the service as a kill would; it loses no more than that."""
    from jnius import autoclass

    autoclass(SERVICE).stop(autoclass(ACTIVITY).mActivity)


def open_settings_of_app() -> None:
    """Android: the system's page of this app: permissions that it asks for no more, the battery, autostart."""
    from jnius import autoclass

    activity = autoclass(ACTIVITY).mActivity
    page = autoclass("android.net.Uri").fromParts("package", activity.getPackageName(), None)
    intent = autoclass("android.content.Intent")("android.settings.APPLICATION_DETAILS_SETTINGS", page)
    activity.startActivity(intent.addFlags(_NEW_TASK))


def battery_unrestricted() -> bool:
    """Android: whether the system leaves the app alone in the background, as far as it tells; vendors may not."""
    from jnius import autoclass, cast

    activity = autoclass(ACTIVITY).mActivity
    power = cast("android.os.PowerManager", activity.getSystemService("power"))
    return bool(power.isIgnoringBatteryOptimizations(activity.getPackageName()))
