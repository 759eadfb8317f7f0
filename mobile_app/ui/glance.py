"""What Home tells of a status: one picture, a headline, a sentence, and what is stuck with the way out. Nothing of Kivy."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from enum import StrEnum

from mobile_app import reasons
from mobile_app.status import State, Status, Why
from mobile_app.ui import words
from mobile_app.ui.seen import Seen
from mobile_app.ui.sentences import reason_of, translated
from mobile_app.ui.words import N_, _, n_


class Action(StrEnum):
    """What a button of Home does."""

    CONSENT = "consent"
    RESUME = "resume"
    PERMISSION = "permission"
    LOCATION = "location"
    BATTERY = "battery"
    STORAGE = "storage"
    START = "start"
    SETTINGS = "settings"
    MOBILE_DATA = "mobile_data"
    DISMISS = "dismiss"


@dataclass(frozen=True)
class Advice:
    """Something is stuck: what, and the button that helps. button: "" where it passes by itself."""

    icon: str
    sentence: str
    button: str = ""
    action: Action | None = None


@dataclass(frozen=True)
class Glance:
    """picture: of `pictures`. can_pause, can_resume: which of the two the big button offers, if any."""

    picture: str
    headline: str
    sentence: str
    advice: tuple[Advice, ...]
    can_pause: bool
    can_resume: bool
    sending: tuple[str, str] = ("", "")  # icon and sentence of what waits, where nothing is stuck


# picture, headline, sentence
_STATES = {
    State.IDLE: ("parked", N_("Ready when you drive"), N_("Recording begins and ends by itself. You can put the phone away.")),
    State.WATCHING: ("looking", N_("Is this a drive?"), N_("Something moves. If it is a car, recording begins in a moment.")),
    State.RECORDING: ("driving", N_("Recording"), ""),
    State.FINISHING: ("parked", N_("Standing still"), N_("The trip ends by itself in a few minutes, unless you drive on.")),
    State.STOPPED: ("trouble", N_("Not recording"), ""),
}
# icon, sentence, button, action
_WHYS = {
    Why.NO_CONSENT: (
        "shield",
        N_("Nothing is recorded before you have read what is, and agreed."),
        N_("Read and decide"),
        Action.CONSENT,
    ),
    Why.PAUSED: ("pause", N_("You paused it. It goes on by itself tomorrow."), N_("Go on now"), Action.RESUME),
    Why.NO_PERMISSION: (
        "place",
        N_("The app may not see where the phone is. Without a place, a jolt is of no use."),
        N_("Allow location"),
        Action.PERMISSION,
    ),
    Why.LOCATION_OFF: ("satellite", N_("Location is switched off on this phone."), N_("Open location settings"), Action.LOCATION),
    Why.BATTERY_LOW: (
        "battery",
        N_("The battery is low. Recording goes on once the phone is charging."),
        N_("Open battery settings"),
        Action.BATTERY,
    ),
    Why.STORAGE_FULL: (
        "disk",
        N_("The phone’s storage is full. What waits to be sent is safe; nothing new is recorded until there is room."),
        N_("Open storage settings"),
        Action.STORAGE,
    ),
    Why.NO_SENSOR: (
        "sensor",
        N_("The phone’s motion sensor does not answer. Starting the recorder anew often helps."),
        N_("Start the recorder anew"),
        Action.START,
    ),
}
_SETTINGS_HELP = {
    reasons.NO_SERVER,
    reasons.BAD_ADDRESS,
    reasons.NEEDS_CODE,
    reasons.CODE_REFUSED,
    reasons.NOT_ENROLLED,
    reasons.SIGN_IN,
}


_ALWAYS_TOLD = {*_SETTINGS_HELP, reasons.DELETION_WAITS}  # though no trip waits
_WITH_A_BUTTON = {  # what to do about it says the button
    reasons.WAITS_FOR_WIFI: N_("It waits for Wi-Fi."),
    reasons.LINK_UNKNOWN: N_("This phone does not say whether it is on Wi-Fi."),
}


def glance(seen: Seen) -> Glance:
    told = _glance(seen)
    if seen.failed_deletions:
        failed = Advice("bin", _(reasons.DELETION_FAILED), _("Understood"), Action.DISMISS)
        told = replace(told, advice=(*told.advice, failed))
    stuck = any(one.icon == "upload" for one in told.advice)
    return told if stuck or not seen.choices.agreed or seen.recorder_gone else replace(told, sending=_sending(seen.status))


def _glance(seen: Seen) -> Glance:
    status, paused = seen.status, seen.choices.paused(seen.now_s)
    if not seen.choices.agreed:
        return _stopped(seen, Why.NO_CONSENT)
    if paused:  # the recorder obeys within two seconds; the button answers at once
        sentence = _("Nothing is recorded until {time}.").format(time=words.when(seen.choices.paused_until_s, seen.now_s))
        return Glance("paused", _("Paused"), sentence, _unsent(seen), can_pause=False, can_resume=True)
    if seen.recorder_gone:
        gone = Advice("warning", _gone(seen), _("Start the recorder"), Action.START)
        return Glance(
            "trouble", _("Not recording"), _("The recorder is not running."), (gone,), can_pause=False, can_resume=False
        )
    if status.why is not None and status.why not in (Why.NO_CONSENT, Why.PAUSED):  # those two were taken back a moment ago
        return _stopped(seen, status.why)
    state = State.IDLE if status.state is State.STOPPED else status.state
    picture, headline, sentence = _STATES[state]
    told = _(sentence) if sentence else _this_trip(seen)
    return Glance(picture, _(headline), told, _unsent(seen), can_pause=True, can_resume=False)


def end_of_today_s(now_s: float) -> float:
    """The coming midnight where the phone is, s since 1970."""
    today = time.localtime(now_s)
    return time.mktime((today.tm_year, today.tm_mon, today.tm_mday + 1, 0, 0, 0, 0, 0, -1))


def advice_on(why: Why) -> Advice:
    icon, sentence, button, action = _WHYS[why]
    return Advice(icon, _(sentence), _(button), action)


def jolts(count: int) -> str:
    return n_("{count} jolt", "{count} jolts", count).format(count=words.number(count))


def _stopped(seen: Seen, why: Why) -> Glance:
    unsent = () if why in (Why.NO_CONSENT, Why.STORAGE_FULL) else _unsent(seen)
    can_pause = why is not Why.NO_CONSENT
    return Glance("trouble", _("Not recording"), "", (advice_on(why), *unsent), can_pause=can_pause, can_resume=False)


def _gone(seen: Seen) -> str:
    if not seen.status.at_s:
        return _("Nothing has been recorded on this phone yet.")
    last = words.when(seen.status.at_s, seen.now_s)
    return _("It was last heard of at {time}. Some phones stop what runs in the background.").format(time=last)


def _this_trip(seen: Seen) -> str:
    status = seen.status
    told = _("{km} km, {jolts} on this trip").format(km=words.distance(status.trip_km), jolts=jolts(status.trip_jolts))
    return (
        told
        if status.fix_age_s is None or status.fix_age_s < 30.0
        else f"{told}\n" + _("No satellites in sight; it goes on without.")
    )


def _sending(status: Status) -> tuple[str, str]:
    if not status.waiting_chunks:
        return "check", _("All that was recorded has been sent.")
    size = words.size(status.waiting_bytes)
    return "upload", (_("Sending: {size} to go.") if status.sending else _("{size} to be sent in a moment.")).format(size=size)


def _unsent(seen: Seen) -> tuple[Advice, ...]:
    """What waits and why, where it does not pass by itself in a moment."""
    status = seen.status
    if status.unsent_why is None or not (status.waiting_chunks or reason_of(status.unsent_why) in _ALWAYS_TOLD):
        return ()
    return (Advice("upload", _waiting(status) + _why(status.unsent_why) + _again(seen), *_way_out(status.unsent_why)),)


def _why(sentence: str) -> str:
    shorter = _WITH_A_BUTTON.get(reason_of(sentence) or "")
    return _(shorter) if shorter else translated(sentence)


def _waiting(status: Status) -> str:
    if not status.waiting_chunks:
        return ""
    return _("{size} to send.").format(size=words.size(status.waiting_bytes)) + " "


def _again(seen: Seen) -> str:
    at_s = seen.status.retry_at_s
    return "" if at_s is None or at_s <= seen.now_s else " " + _("Next try at {time}.").format(time=words.when(at_s, seen.now_s))


def _way_out(sentence: str) -> tuple[str, Action | None]:
    reason = reason_of(sentence)
    if reason in _SETTINGS_HELP:
        return _("Open settings"), Action.SETTINGS
    if reason in (reasons.WAITS_FOR_WIFI, reasons.LINK_UNKNOWN):
        return _("Send over mobile data, too"), Action.MOBILE_DATA
    if reason == reasons.STORAGE:
        return _("Open storage settings"), Action.STORAGE
    return "", None
