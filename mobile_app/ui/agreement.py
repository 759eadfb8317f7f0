"""What a person agrees to before anything is recorded, in plain words. Another meaning needs another `CONSENT_VERSION`."""

from __future__ import annotations

from dataclasses import dataclass

from mobile_app.ui.words import N_


@dataclass(frozen=True)
class Section:
    """heading, text: before translation."""

    icon: str
    heading: str
    text: str


INTRODUCTION = N_(
    "Cahot feels the holes in the road while you drive and tells your city where they are. You need to do nothing but drive."
)
SECTIONS = (
    Section(
        "road",
        N_("What is recorded"),
        N_(
            "While you drive: how the phone is shaken and turned, where it is, how fast it goes, and when. "
            "It begins and ends by itself, also when the app is not open."
        ),
    ),
    Section(
        "never",
        N_("What is never recorded"),
        N_(
            "No sound, no pictures, no contacts, no messages, no other apps. Your name and number are not asked for. "
            "Walking and cycling are not recorded."
        ),
    ),
    Section(
        "lock",
        N_("What never leaves the phone"),
        N_(
            "The squares of 500 m around where a trip begins, ends or stops for five minutes, and around any place you name in "
            "the settings. They are cut off on the phone, before anything is sent."
        ),
    ),
    Section(
        "people",
        N_("Who sees the rest"),
        N_(
            "Your city’s server gets your trips under a random number. Its staff can see them; everyone else only sees a defect "
            "or a street once several phones have passed. Someone who knows where you live and work could still recognise your "
            "trips: they are not anonymous."
        ),
    ),
    Section(
        "pause",
        N_("How to stop"),
        N_(
            "Pause for a day on the first screen. Delete one trip or everything in the app, here and on the server, whenever you "
            "like. Or remove the app: then nothing more is recorded."
        ),
    ),
)
