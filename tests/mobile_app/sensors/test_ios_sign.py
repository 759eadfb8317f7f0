"""The sign ahead of a severe defect on an iPhone: which of the system's sounds are asked for, and of which library."""

from __future__ import annotations

import ctypes

import pytest

from mobile_app import service
from mobile_app.sensors.ios_sign import LIBRARY, IosSign
from mobile_app.warning import Warner


class AudioToolbox:
    """As the framework behaves: a number is played or nothing is, and nothing is returned."""

    def __init__(self) -> None:
        self.played: list[int] = []
        self.opened: list[str] = []

    def open(self, name: str) -> AudioToolbox:
        self.opened.append(name)
        return self

    def AudioServicesPlaySystemSound(self, number: ctypes.c_uint32) -> None:
        assert isinstance(number, ctypes.c_uint32), "SystemSoundID has 32 bits"
        self.played.append(number.value)


def test_it_shakes_and_sounds_by_the_systems_own_numbers(monkeypatch: pytest.MonkeyPatch):
    apple = AudioToolbox()
    monkeypatch.setattr(ctypes, "CDLL", apple.open)
    monkeypatch.setattr(service, "on_ios", lambda: True)
    sign = service.sign_here()
    assert isinstance(sign, IosSign)
    sign.vibrate()
    sign.sound()
    assert apple.played == [0xFFF, 1057]
    assert apple.opened == [LIBRARY], "once"


def test_where_the_library_is_missing_the_drive_is_recorded_all_the_same(tmp_path, caplog):
    from mobile_app import durable
    from mobile_app.home import Home

    home = Home(tmp_path)
    ahead = {"kind": "pothole", "severity": 9.0, "confidence": 0.99, "heading": 0.0, "status": "confirmed", "radius": 1.0}
    place = {"type": "Point", "coordinates": [11.5, 48.1009]}
    durable.write_json(home.defects, {"features": [{"type": "Feature", "id": "d", "geometry": place, "properties": ahead}]})
    warner = Warner(home, IosSign())
    found = [warner.look("sound", 48.1 + step * 1e-4, 11.5, 0.0, 12.0) for step in range(8)]
    assert any(found), "it was near enough to be told"
    assert "no sign can be given" in caplog.text
