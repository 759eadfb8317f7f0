"""What Home tells: every state, everything that can be stuck, and the way out."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest

from benchmarks.phone_home import DRIVING, NOW_S
from mobile_app import reasons
from mobile_app.choices import Choices
from mobile_app.said import Said
from mobile_app.status import STALE_S, State, Status, Why
from mobile_app.ui import words
from mobile_app.ui.glance import Action, advice_on, end_of_today_s, glance
from mobile_app.ui.pictures import PICTURES
from mobile_app.ui.seen import Seen

AGREED = Choices(server_url="https://roads.example").agree(NOW_S - 1)


def seen(status: Status = DRIVING, **choices: object) -> Seen:
    return Seen(NOW_S, replace(AGREED, **choices), status)


def test_each_state_has_its_picture_and_headline() -> None:
    told = {state: glance(seen(replace(DRIVING, state=state))) for state in State if state is not State.STOPPED}
    assert all(one.picture in PICTURES and one.sentence and one.can_pause for one in told.values())
    assert len({one.headline for one in told.values()}) == len(told)
    assert told[State.RECORDING].sentence == "12.3 km, 4 jolts on this trip"


@pytest.mark.parametrize("why", Why)
@pytest.mark.parametrize("language", words.LANGUAGES)
def test_whatever_stops_it_has_a_sentence_and_a_button(why, language) -> None:
    words.use(language)
    advice = advice_on(why)
    assert len(advice.sentence) > 20
    assert advice.button
    assert advice.action in Action


@pytest.mark.parametrize("why", [why for why in Why if why not in (Why.PAUSED, Why.NO_CONSENT)])
def test_what_stops_the_recorder_comes_first(why) -> None:
    told = glance(seen(replace(DRIVING, state=State.STOPPED, why=why)))
    assert (told.picture, told.headline, told.advice[0]) == ("trouble", "Not recording", advice_on(why))


def test_without_consent_nothing_else_is_told() -> None:
    told = glance(Seen(NOW_S, Choices(), DRIVING))
    assert [one.action for one in told.advice] == [Action.CONSENT]
    assert not told.can_pause
    assert not told.can_resume


def test_the_pause_is_shown_before_the_recorder_has_obeyed_and_so_is_its_end() -> None:
    assert glance(seen(paused_until_s=NOW_S + 60)).picture == "paused"
    assert glance(seen(paused_until_s=NOW_S + 60)).can_resume
    going_on = glance(seen(replace(DRIVING, state=State.STOPPED, why=Why.PAUSED)))
    assert (going_on.headline, going_on.can_pause) == ("Ready when you drive", True)


def test_a_recorder_that_is_gone_is_never_called_recording() -> None:
    late = replace(DRIVING, at_s=NOW_S - STALE_S - 1)
    told = glance(seen(late))
    assert (told.headline, told.advice[0].action) == ("Not recording", Action.START)
    assert "14:04" in told.advice[0].sentence or ":04" in told.advice[0].sentence
    assert glance(seen(Status())).advice[0].sentence == "Nothing has been recorded on this phone yet."


@pytest.mark.parametrize(
    ("reason", "action"),
    [
        (reasons.NO_SERVER, Action.SETTINGS),
        (reasons.BAD_ADDRESS, Action.SETTINGS),
        (reasons.NEEDS_CODE, Action.SETTINGS),
        (reasons.CODE_REFUSED, Action.SETTINGS),
        (reasons.SIGN_IN, Action.SETTINGS),
        (reasons.WAITS_FOR_WIFI, Action.MOBILE_DATA),
        (reasons.LINK_UNKNOWN, Action.MOBILE_DATA),
        (reasons.STORAGE, Action.STORAGE),
        (reasons.OFFLINE, None),
        (reasons.UNREACHABLE, None),
    ],
)
def test_what_is_not_sent_says_why_and_what_helps(reason, action) -> None:
    sentence = str(Said(reason, {"address": "x"}))
    told = glance(seen(replace(DRIVING, unsent_why=sentence, retry_at_s=NOW_S + 300)))
    (advice,) = told.advice
    assert advice.action is action
    assert bool(advice.button) is (action is not None)
    assert advice.sentence.startswith("2.1\u00a0MB to send. ")
    assert "Next try at" in advice.sentence
    assert told.sending == ("", "")


def test_where_nothing_is_stuck_it_says_what_waits() -> None:
    at_rest = replace(DRIVING, unsent_why=None)
    assert glance(seen(replace(at_rest, waiting_chunks=0))).sending == ("check", "All that was recorded has been sent.")
    assert glance(seen(replace(at_rest, sending=True))).sending == ("upload", "Sending: 2.1\u00a0MB to go.")


def test_a_deletion_that_waits_is_told_though_nothing_else_does() -> None:
    told = glance(seen(replace(DRIVING, waiting_chunks=0, unsent_why=reasons.DELETION_WAITS)))
    assert [one.sentence for one in told.advice] == [reasons.DELETION_WAITS]


def test_a_tunnel_is_told() -> None:
    assert "No satellites" in glance(seen(replace(DRIVING, fix_age_s=45.0))).sentence


@pytest.mark.parametrize(("now", "hours"), [("2026-03-29 00:30", 22.5), ("2026-10-25 00:30", 24.5), ("2026-12-31 12:00", 12.0)])
def test_today_ends_at_midnight_on_days_of_23_and_25_hours_too(monkeypatch, now, hours) -> None:
    monkeypatch.setenv("TZ", "Europe/Paris")
    time.tzset()
    try:
        now_s = time.mktime(time.strptime(now, "%Y-%m-%d %H:%M"))
        assert end_of_today_s(now_s) - now_s == hours * 3600
    finally:
        monkeypatch.undo()
        time.tzset()
