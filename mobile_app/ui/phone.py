"""What the screens ask of the machine they run on: a recorder to be started, permissions, its own language and light.

Every answer is best effort: a question that the system does not answer never stops a screen.
"""

from __future__ import annotations

import contextlib
import locale
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol


from mobile_app.ui.recorder_process import RecorderProcess

FINE_LOCATION = "android.permission.ACCESS_FINE_LOCATION"
ASKED_FIRST = ("android.permission.POST_NOTIFICATIONS", FINE_LOCATION, "android.permission.ACCESS_COARSE_LOCATION")
BACKGROUND_LOCATION = "android.permission.ACCESS_BACKGROUND_LOCATION"  # Android wants it asked by itself, after the fine one
PAGES = {  # of the system's settings
    "location": "android.settings.LOCATION_SOURCE_SETTINGS",
    "battery": "android.settings.BATTERY_SAVER_SETTINGS",
    "storage": "android.settings.INTERNAL_STORAGE_SETTINGS",
}
_NIGHT_MASK, _NIGHT = 0x30, 0x20  # Configuration.UI_MODE_NIGHT_MASK, UI_MODE_NIGHT_YES


class Phone(Protocol):
    """The machine. Called on the thread of the screens; each call returns at once."""

    def start_recorder(self) -> None:
        """Again where it runs already is nothing new."""

    def stop_recorder(self) -> None: ...

    def leave(self) -> None:
        """The screens end: a recorder that cannot outlive them ends, too."""

    def ask_permission(self, then: Callable[[], None]) -> None:
        """Of the place; `then` is called once the person has answered, on whichever thread."""

    def open_settings(self, page: str) -> bool:
        """The system's settings of `PAGES`, or of this "app". Whether there are such."""

    def prefers_dark(self) -> bool: ...

    def language(self) -> str:
        """As "fr" or "fr_FR"."""

    def downloads(self) -> Path:
        """Where a person finds a file again."""


class Desktop:
    """The recorder is a child of this process and ends with it. arguments: of the recorder, besides the folder."""

    def __init__(self, home: Path, arguments: tuple[str, ...] = ()) -> None:
        self._recorder = RecorderProcess(home, arguments)

    def start_recorder(self) -> None:
        self._recorder.start()

    def stop_recorder(self) -> None:
        self._recorder.stop()

    def leave(self) -> None:
        self._recorder.stop()

    def ask_permission(self, then: Callable[[], None]) -> None:
        then()  # nobody asks on a desktop

    def open_settings(self, page: str) -> bool:
        return False

    def prefers_dark(self) -> bool:
        return False

    def language(self) -> str:
        with contextlib.suppress(ValueError):
            told = os.environ.get("LC_ALL") or os.environ.get("LC_MESSAGES") or os.environ.get("LANG") or locale.getlocale()[0]
            return told or "en"
        return "en"

    def downloads(self) -> Path:
        folder = Path.home() / "Downloads"
        return folder if folder.is_dir() else Path.home()


class Android:
    """By pyjnius. The recorder is a service of its own process (`on_phone`), which goes on without the screens."""

    def start_recorder(self) -> None:
        if self._granted(FINE_LOCATION):  # else the system refuses, and says so to the person
            on_phone.start_recorder()

    def stop_recorder(self) -> None:
        on_phone.stop_recorder()

    def leave(self) -> None:
        """The service goes on."""

    def ask_permission(self, then: Callable[[], None]) -> None:
        """First the place while the app is open, then, once that is given, also when it is not."""
        from android.permissions import request_permissions

        def answered(names: list[str], given: list[bool]) -> None:
            if dict(zip(names, given, strict=False)).get(FINE_LOCATION):
                request_permissions([BACKGROUND_LOCATION], lambda _names, _given: then())
            else:
                then()

        request_permissions(list(ASKED_FIRST), answered)

    def open_settings(self, page: str) -> bool:
        if page not in PAGES:
            on_phone.open_settings_of_app()
            return True
        from jnius import autoclass


        intent = autoclass("android.content.Intent")(PAGES[page])
        autoclass(on_phone.ACTIVITY).mActivity.startActivity(intent)
        return True

    def prefers_dark(self) -> bool:
        return bool(self._configuration().uiMode & _NIGHT_MASK == _NIGHT)

    def language(self) -> str:
        from jnius import autoclass


        return str(autoclass("java.util.Locale").getDefault().getLanguage())

    def downloads(self) -> Path:
        """The app's folder on the shared storage, which a file manager or a cable reaches; needs no permission."""
        from jnius import autoclass


        return Path(autoclass(on_phone.ACTIVITY).mActivity.getExternalFilesDir(None).getAbsolutePath())

    def _configuration(self) -> Any:
        from jnius import autoclass


        return autoclass(on_phone.ACTIVITY).mActivity.getResources().getConfiguration()

    def _granted(self, permission: str) -> bool:
        from android.permissions import check_permission

        return bool(check_permission(permission))


def this_phone(home: Path, arguments: tuple[str, ...] = ()) -> Phone:
    return Android() if "ANDROID_PRIVATE" in os.environ else Desktop(home, arguments)
