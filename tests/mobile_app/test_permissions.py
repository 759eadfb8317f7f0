"""The order of permissions, against platforms that answer as Android 7 to 15 do; and our module against theirs, patched."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable
from types import ModuleType, SimpleNamespace

import pytest

from mobile_app.permissions import (
    BACKGROUND,
    COARSE,
    FINE,
    NOTIFICATIONS,
    Access,
    Android,
    Round,
    Step,
    Unasked,
    standing,
)


class Phone:
    """Android as an app sees it: what one question may ask for, what is granted at once, what is asked no more.

    says: what the person answers to each permission. Answers come on another thread, as Java's do.
    """

    def __init__(self, api: int, says: dict[str, bool]) -> None:
        self.api, self.says, self.held, self.asked = api, says, set[str](), list[list[str]]()
        self.refusals: dict[str, int] = {}

    def api_level(self) -> int:
        return self.api

    def holds(self, permission: str) -> bool:
        if permission == NOTIFICATIONS and self.api < 33:
            return False  # no such permission there
        if permission == BACKGROUND and self.api < 29:
            return False
        return permission in self.held

    def ask(self, permissions: list[str], answered: Callable[[], None]) -> None:
        self.asked.append(permissions)
        alone = len(permissions) == 1
        for one in permissions:
            if one == BACKGROUND and (not alone or FINE not in self.held) and self.api >= 30:
                continue  # ignored
            if one == FINE and alone and self.api >= 31:
                continue  # ignored without the coarse one
            if self.says.get(one, True) and self.refusals.get(one, 0) < 2:
                self.held.add(one)
            else:
                self.refusals[one] = self.refusals.get(one, 0) + 1
        thread = threading.Thread(target=answered)
        thread.start()
        thread.join()


def go_through(phone: Phone) -> list[Step]:
    questions, steps = Round(phone), []
    while (step := questions.step) is not None:
        steps.append(step)
        questions.ask(lambda: None)
        assert len(steps) <= 3
    return steps


@pytest.mark.parametrize(
    ("api", "steps"),
    [
        (24, [Step.LOCATION]),
        (28, [Step.LOCATION]),
        (29, [Step.LOCATION, Step.BACKGROUND]),
        (32, [Step.LOCATION, Step.BACKGROUND]),
        (33, [Step.NOTIFICATIONS, Step.LOCATION, Step.BACKGROUND]),
        (35, [Step.NOTIFICATIONS, Step.LOCATION, Step.BACKGROUND]),
    ],
)
def test_whoever_says_yes_is_asked_once_for_what_the_phone_knows_and_the_app_starts_by_itself(api, steps):
    phone = Phone(api, {})
    assert go_through(phone) == steps
    assert standing(phone).access is Access.ALWAYS
    assert go_through(phone) == []


def test_background_is_asked_alone_and_after_location():
    phone = Phone(35, {})
    go_through(phone)
    assert phone.asked == [[NOTIFICATIONS], [FINE, COARSE], [BACKGROUND]]


def test_without_location_nothing_is_recorded_and_background_is_not_asked_for():
    phone = Phone(35, {FINE: False, COARSE: False})
    assert go_through(phone) == [Step.NOTIFICATIONS, Step.LOCATION]
    assert standing(phone).access is Access.NONE
    assert not standing(phone).may_record


def test_an_approximate_place_is_told_apart_since_it_is_of_no_use():
    phone = Phone(34, {FINE: False})
    assert Step.BACKGROUND not in go_through(phone)
    assert standing(phone).access is Access.APPROXIMATE
    assert not standing(phone).may_record


def test_refusing_notifications_stops_nothing():
    phone = Phone(34, {NOTIFICATIONS: False})
    assert go_through(phone) == [Step.NOTIFICATIONS, Step.LOCATION, Step.BACKGROUND]
    assert standing(phone).access is Access.ALWAYS


def test_refusing_the_background_leaves_a_recorder_that_wants_the_app_opened():
    phone = Phone(34, {BACKGROUND: False})
    go_through(phone)
    assert standing(phone).access is Access.WHILE_USING
    assert standing(phone).may_record
    assert go_through(phone) == [Step.BACKGROUND]  # another round asks again, a round never twice


def test_a_permission_taken_away_in_the_settings_is_noticed():
    phone = Phone(34, {})
    go_through(phone)
    phone.held.remove(FINE)
    assert standing(phone).access is Access.APPROXIMATE
    assert Round(phone).step is Step.LOCATION


def test_a_step_may_be_skipped():
    questions = Round(Phone(35, {}))
    questions.skip()
    assert questions.step is Step.LOCATION
    questions.skip()
    assert questions.step is None  # no background without location


def test_a_round_that_is_over_answers_at_once():
    said: list[str] = []
    Round(Unasked()).ask(lambda: said.append("answered"))
    assert said == ["answered"]
    assert standing(Unasked()).access is Access.ALWAYS


def test_android_is_asked_by_its_own_module_and_looked_up_instead_of_believed(monkeypatch):
    asked: list[list[str]] = []

    def request_permissions(permissions, callback):
        asked.append(permissions)
        callback([], [])  # an interrupted question: python-for-android hands on empty lists

    theirs = ModuleType("android.permissions")
    theirs.request_permissions, theirs.check_permission = request_permissions, lambda permission: permission == COARSE
    jnius = ModuleType("jnius")
    jnius.autoclass = {"android.os.Build$VERSION": SimpleNamespace(SDK_INT=34)}.__getitem__
    monkeypatch.setitem(sys.modules, "android", ModuleType("android"))
    monkeypatch.setitem(sys.modules, "android.permissions", theirs)
    monkeypatch.setitem(sys.modules, "jnius", jnius)
    assert go_through(Android()) == [Step.NOTIFICATIONS, Step.LOCATION]
    assert asked == [[NOTIFICATIONS], [FINE, COARSE]]
    assert standing(Android()).access is Access.APPROXIMATE
