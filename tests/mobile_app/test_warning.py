"""The sign ahead of a severe defect: given where it was chosen, once a pass, and never at the price of the recording."""

from __future__ import annotations

import json

import pytest

from mobile_app.home import Home
from mobile_app.warning import Warner

LATITUDE, LONGITUDE = 48.1, 11.5
AHEAD = (LATITUDE, LONGITUDE - 60 / (111_195 * 0.6678), 90.0, 12.0)  # 60 m west of it, heading east at 43 km/h


class Sign:
    """Counts."""

    def __init__(self) -> None:
        self.given: list[str] = []

    def sound(self) -> None:
        self.given.append("sound")

    def vibrate(self) -> None:
        self.given.append("vibration")


class Broken:
    def sound(self) -> None:
        raise RuntimeError("a Java exception")

    vibrate = sound


def write_defects(home: Home, **changes: object) -> None:
    properties = {"id": "one", "severity": 6.0, "confidence": 0.97, "heading": 90.0, "status": "confirmed"} | changes
    feature = {"type": "Feature", "geometry": {"type": "Point", "coordinates": [LONGITUDE, LATITUDE]}, "properties": properties}
    home.defects.write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}))


@pytest.mark.parametrize("choice", ["sound", "vibration", "off"])
def test_the_sign_is_the_one_that_was_chosen_and_comes_once_a_pass(tmp_path, choice):
    home, sign = Home(tmp_path), Sign()
    write_defects(home)
    warner = Warner(home, sign)
    for _ in range(3):
        warner.look(choice, *AHEAD)
    assert sign.given == ([] if choice == "off" else [choice])


def test_a_new_list_of_defects_is_read_when_it_comes(tmp_path):
    home, sign = Home(tmp_path), Sign()
    warner = Warner(home, sign)
    assert warner.look("sound", *AHEAD) is None
    write_defects(home)
    found = warner.look("sound", *AHEAD)
    assert found is not None
    assert found.metres == pytest.approx(60, abs=1)
    home.defects.write_text("{")  # damaged: nothing is known, nothing is said
    assert warner.look("sound", *AHEAD) is None
    assert sign.given == ["sound"]


def test_a_sign_that_cannot_be_given_ends_nothing(tmp_path):
    home = Home(tmp_path)
    write_defects(home)
    assert Warner(home, Broken()).look("sound", *AHEAD) is not None
