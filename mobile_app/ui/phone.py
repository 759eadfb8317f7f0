"""What the screens ask of the machine they run on: a recorder to be started, permissions, its own language and light.

Every answer is best effort: a question that the system does not answer never stops a screen.
"""

from __future__ import annotations

import contextlib
import locale
import os
import threading
from pathlib import Path
from typing import Any, Protocol

from mobile_app import on_phone
from mobile_app.home import Home
from mobile_app.permissions import Android as AndroidPermissions
from mobile_app.permissions import Platform, Unasked, standing
from mobile_app.ui.recorder_process import RecorderProcess

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

    @property
    def permissions(self) -> Platform:
        """Whom to ask for what the recorder needs."""

    def open_settings(self, page: str) -> bool:
        """The system's settings of `PAGES`, or of this "app". Whether there are such."""

    def prefers_dark(self) -> bool: ...

    def language(self) -> str:
        """As "fr" or "fr_FR"."""

    def downloads(self) -> Path:
        """Where a person finds a file again."""


class _Unasking:
    """What a desktop and an iPhone share: nothing to ask for here, no page of settings to open, no say in the colours."""

    @property
    def permissions(self) -> Platform:
        return Unasked()

    def open_settings(self, page: str) -> bool:
        return False

    def prefers_dark(self) -> bool:
        return False


class Desktop(_Unasking):
    """The recorder is a child of this process and ends with it. arguments: of the recorder, besides the folder."""

    def __init__(self, home: Path, arguments: tuple[str, ...] = ()) -> None:
        self._recorder = RecorderProcess(home, arguments)

    def start_recorder(self) -> None:
        self._recorder.start()

    def stop_recorder(self) -> None:
        self._recorder.stop()

    def leave(self) -> None:
        self._recorder.stop()

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
        if standing(self.permissions).may_record:  # else the system refuses, and says so to the person
            on_phone.start_recorder()

    def stop_recorder(self) -> None:
        on_phone.stop_recorder()

    def leave(self) -> None:
        """The service goes on."""

    @property
    def permissions(self) -> Platform:
        return AndroidPermissions()

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


class Apple(_Unasking):
    """iOS knows no second process: the recorder is a thread of this one. Asked for permissions by the system itself."""

    def __init__(self, home: Path) -> None:
        self._home = home
        self._stopping = threading.Event()
        self._recorder: threading.Thread | None = None

    def start_recorder(self) -> None:
        if self._recorder is None or not self._recorder.is_alive():
            self._stopping.clear()
            self._recorder = threading.Thread(target=self._record, daemon=True)
            self._recorder.start()

    def stop_recorder(self) -> None:
        self._stopping.set()

    def leave(self) -> None:
        self._stopping.set()

    def language(self) -> str:
        from pyobjus import autoclass

        return str(autoclass("NSLocale").preferredLanguages().objectAtIndex_(0).UTF8String())

    def downloads(self) -> Path:
        return Path(os.environ["HOME"]) / "Documents"

    def _record(self) -> None:
        from mobile_app.sensors.choosing import source_of
        from mobile_app.service import serve

        serve(Home(self._home), source_of("auto"), self._stopping.wait)


def this_phone(home: Path, arguments: tuple[str, ...] = ()) -> Phone:
    if "ANDROID_PRIVATE" in os.environ:
        return Android()
    return Apple(home) if os.environ.get("KIVY_BUILD") == "ios" else Desktop(home, arguments)
