"""What a phone tells the app of itself; Android's classes patched by ones that note what is asked of them."""

from __future__ import annotations

import plistlib
import runpy
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

from mobile_app import on_phone

APP = Path(on_phone.__file__).parent
INFO_PLIST = APP / "on_ios" / "info_plist.py"


def test_androids_folder_is_beside_what_an_update_empties():
    told = {"ANDROID_PRIVATE": "/data/user/0/org.cahot.cahot/files", "ANDROID_ARGUMENT": "/data/user/0/org.cahot.cahot/files/app"}
    assert on_phone.home_folder(told) == Path("/data/user/0/org.cahot.cahot/files/cahot")


def test_iphones_folder_is_not_shown_to_other_apps():
    folder = on_phone.home_folder({"KIVY_BUILD": "ios", "HOME": "/var/mobile/Containers/Data/Application/1"})
    assert folder == Path("/var/mobile/Containers/Data/Application/1/Library/Application Support/cahot")


def test_a_desktop_has_to_be_told_the_folder():
    assert on_phone.home_folder({"HOME": "/home/ann"}) is None
    assert on_phone.arguments(["--home", "x"], {}) == ["--home", "x"]


def test_a_folder_that_is_given_wins():
    assert on_phone.arguments(["--home", "x"], {"ANDROID_PRIVATE": "/files"}) == ["--home", "x"]
    assert on_phone.arguments([], {"ANDROID_PRIVATE": "/files"}) == ["--home", "/files/cahot"]


class Java:
    """Java's classes and objects: any name is there, any call is noted and answers an object again."""

    def __init__(self, called: list[str], name: str = "") -> None:
        self._called, self._name = called, name

    def __getattr__(self, name: str) -> Java:
        return Java(self._called, f"{self._name}.{name}")

    def __call__(self, *arguments: object) -> Java:
        self._called.append(f"{self._name}({', '.join(map(str, arguments))})")
        return Java(self._called, f"{self._name}()")

    def __str__(self) -> str:
        return self._name


@pytest.fixture
def called(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    lines: list[str] = []
    jnius = ModuleType("jnius")
    jnius.autoclass = lambda name: Java(lines, name)  # type: ignore[attr-defined]
    jnius.cast = lambda name, found: found  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "jnius", jnius)
    return lines


def test_the_recorder_is_started_and_stopped_by_the_class_that_the_spec_gives_rise_to(called):
    assert on_phone.start_recorder()
    on_phone.stop_recorder()
    activity = "org.kivy.android.PythonActivity.mActivity"
    assert called == [f"org.cahot.cahot.ServiceRecorder.start({activity}, )", f"org.cahot.cahot.ServiceRecorder.stop({activity})"]


def test_a_start_that_android_refuses_does_not_take_the_screens_along(monkeypatch):
    class Refuses:
        def __getattr__(self, _name: str) -> Refuses:
            return self

        def __call__(self, *_: object) -> None:
            raise RuntimeError("JVM exception occurred: Not allowed to start service: app is in background")

    jnius = ModuleType("jnius")
    jnius.autoclass = lambda name: Refuses()  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "jnius", jnius)
    assert not on_phone.start_recorder()


def test_the_settings_that_open_are_those_of_this_app(called):
    on_phone.open_settings_of_app()
    assert any("fromParts(package, org.kivy.android.PythonActivity.mActivity.getPackageName(), None)" in line for line in called)
    assert any("Intent(android.settings.APPLICATION_DETAILS_SETTINGS" in line for line in called)
    assert "startActivity" in called[-1]


def test_info_plist_gets_the_words_and_the_background_mode_and_loses_nothing(tmp_path):
    path = tmp_path / "cahot-Info.plist"
    path.write_bytes(plistlib.dumps({"CFBundleName": "${PRODUCT_NAME}", "CFBundleShortVersionString": "1.1"}))
    done = subprocess.run([sys.executable, str(INFO_PLIST), str(path)], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    told = plistlib.loads(path.read_bytes())
    assert told["CFBundleName"] == "${PRODUCT_NAME}"
    assert told["UIBackgroundModes"] == ["location"]
    assert told["CFBundleShortVersionString"] == "0.1.0"
    for name in (
        "NSMotionUsageDescription",
        "NSLocationWhenInUseUsageDescription",
        "NSLocationAlwaysAndWhenInUseUsageDescription",
    ):
        assert len(told[name]) > 20


def test_info_plist_without_a_file_says_what_makes_one(capsys):
    main = runpy.run_path(str(INFO_PLIST))["main"]
    assert main(["nowhere"]) == 2
    assert "toolchain create" in capsys.readouterr().err
