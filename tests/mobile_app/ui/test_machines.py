"""The machines that the app runs on: a recorder as a child, a service on Android; whether a server answers."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
import types
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from mobile_app.home import Home
from mobile_app.permissions import BACKGROUND, FINE
from mobile_app.status import read_status
from mobile_app.ui.phone import Android, Apple, Desktop, this_phone
from mobile_app.ui.recorder_process import RecorderProcess
from mobile_app.ui.server_check import check, tidy


def test_the_recorder_is_started_once_again_after_a_kill_and_ends_when_told(tmp_path) -> None:
    pytest.importorskip("mobile_app.service", reason="the recorder is not there")
    recorder = RecorderProcess(tmp_path, ("--quiet", "--source", "sensor-logger:0"))
    recorder.start()
    first = recorder._child
    recorder.start()
    assert recorder._child is first
    status = Home(tmp_path).status
    _wait(status.exists)
    os.kill(first.pid, signal.SIGKILL)
    _wait(lambda: not recorder.runs)
    recorder.start()
    assert recorder.runs
    old_s = read_status(status).at_s
    _wait(lambda: read_status(status).at_s > old_s)
    recorder.stop()
    assert not recorder.runs
    recorder.stop()


def test_this_machine_is_a_desktop(tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("LANG", "fr_FR.UTF-8")
    monkeypatch.delenv("LC_ALL", raising=False)
    phone = this_phone(tmp_path)
    assert isinstance(phone, Desktop)
    assert phone.language() == "fr_FR.UTF-8"
    assert not phone.open_settings("battery")
    assert phone.downloads().is_dir()
    phone.leave()


def test_on_ios_the_recorder_is_a_thread_that_ends_when_told(tmp_path, monkeypatch) -> None:
    class Still:
        def start(self, sink, *, motion_hz, batch_s) -> None:
            """Nothing moves."""

        def stop(self) -> None:
            """Nor does it now."""

    monkeypatch.setenv("KIVY_BUILD", "ios")
    monkeypatch.setattr("mobile_app.sensors.choosing.source_of", lambda _spec: Still())
    phone = this_phone(tmp_path)
    assert isinstance(phone, Apple)
    phone.start_recorder()
    thread = phone._recorder
    phone.start_recorder()
    assert phone._recorder is thread
    _wait(lambda: read_status(Home(tmp_path).status).at_s > 0)
    phone.leave()
    thread.join(20)
    assert not thread.is_alive()


class FakeAndroid:
    """jnius and android.permissions as python-for-android has them, of a phone in French at night."""

    def __init__(self, held: set[str]) -> None:
        self.held, self.calls = held, []
        fake = self

        class Java:
            def __init__(self, name: str) -> None:
                self.name = name

            def __call__(self, *arguments: object) -> Java:
                fake.calls.append((self.name, arguments))
                return self

            def __getattr__(self, name: str) -> object:
                if name in ("mActivity", "SDK_INT", "uiMode"):
                    return {"SDK_INT": 35, "uiMode": 0x21}.get(name, self)
                return Java(f"{self.name}.{name}")

            def getLanguage(self) -> str:
                return "fr"

            def getAbsolutePath(self) -> str:
                return "/storage/emulated/0/Android/data/org.cahot/files"

        self.modules = {
            "jnius": types.SimpleNamespace(autoclass=Java, cast=lambda _name, what: what),
            "android": types.ModuleType("android"),
            "android.permissions": types.SimpleNamespace(check_permission=lambda name: name in self.held),
        }


@pytest.fixture
def android(monkeypatch):
    def make(*held: str) -> FakeAndroid:
        fake = FakeAndroid(set(held))
        for name, module in fake.modules.items():
            monkeypatch.setitem(sys.modules, name, module)
        return fake

    monkeypatch.setenv("ANDROID_PRIVATE", "/data/user/0/org.cahot/files")
    return make


def test_on_android_the_service_starts_only_where_the_place_is_allowed(android, tmp_path) -> None:
    fake = android()
    phone = this_phone(tmp_path)
    assert isinstance(phone, Android)
    phone.start_recorder()
    assert not any("ServiceRecorder.start" in name for name, _ in fake.calls)
    fake.held |= {FINE, BACKGROUND}
    phone.start_recorder()
    assert any("ServiceRecorder.start" in name for name, _ in fake.calls)
    phone.leave()
    assert not any("ServiceRecorder.stop" in name for name, _ in fake.calls)
    phone.stop_recorder()
    assert any("ServiceRecorder.stop" in name for name, _ in fake.calls)


def test_android_tells_its_language_its_night_and_where_files_are_found_again(android, tmp_path) -> None:
    fake = android(FINE)
    phone = this_phone(tmp_path)
    assert phone.language() == "fr"
    assert phone.prefers_dark()
    assert phone.downloads().name == "files"
    assert phone.open_settings("location")
    assert ("android.content.Intent", ("android.settings.LOCATION_SOURCE_SETTINGS",)) in fake.calls
    assert phone.open_settings("app")


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("roads.example.org/", "https://roads.example.org"),
        (" http://10.0.0.2:8000 ", "http://10.0.0.2:8000"),
        ("", ""),
        ("  ", ""),
    ],
)
def test_an_address_is_taken_as_people_write_it(written, kept) -> None:
    assert tidy(written) == kept


@pytest.mark.parametrize(
    ("status", "body", "fine"),
    [(200, b'{"status": "ok"}', True), (200, b"<html>Welcome to the hotel</html>", False), (404, b"{}", False)],
)
def test_a_server_is_believed_only_when_it_says_it_is_one(status, body, fine) -> None:
    class Answers(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_arguments: object) -> None:
            """Silent."""

    with HTTPServer(("127.0.0.1", 0), Answers) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        checked = check(f"http://127.0.0.1:{server.server_port}/")
        server.shutdown()
    assert checked.fine is fine
    assert checked.url == f"http://127.0.0.1:{server.server_port}"


def test_an_address_that_is_none_and_a_server_that_is_not_there_are_told_apart() -> None:
    assert "not an address" in check("ftp://roads").said
    nobody = check("http://127.0.0.1:9")
    assert not nobody.fine
    assert "nobody listens" in nobody.why
    assert check("").fine


def _wait(until, longest_s: float = 20.0) -> None:
    end_s = time.monotonic() + longest_s
    while not until():
        assert time.monotonic() < end_s, "it did not happen in time"
        time.sleep(0.05)
