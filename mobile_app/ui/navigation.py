"""Which screens there are and how one gets to them.

A new screen: a line here, `screens/NAME.py` with a class `NamePage` (a `page.Page`), `screens/NAME.kv` with its rule. Its
title and icon show by themselves: in the bottom bar where it is a tab, in the list "More" where it is not.
"""

from __future__ import annotations

from dataclasses import dataclass

from mobile_app.ui.words import N_


@dataclass(frozen=True)
class Place:
    """One screen. title, about: before translation; about: one line below the title under More. tab: in the bottom bar. listed:
    under More.
    """

    name: str
    title: str
    icon: str
    tab: bool = False
    listed: bool = False
    about: str = ""
    whole: bool = False  # without the bottom bar: one question at a time


PLACES = (
    Place("home", N_("Home"), "home", tab=True),
    Place("live", N_("Live"), "live", tab=True),
    Place("map", N_("Map"), "map", tab=True),
    Place("trips", N_("Trips"), "trips", tab=True),
    Place("more", N_("More"), "more", tab=True),
    Place("trip", N_("What was sent"), "trips"),
    Place("report", N_("Report something"), "report", listed=True, about=N_("A pothole, a lamp, a sign … for the city")),
    Place("contribution", N_("My contribution"), "contribution", listed=True, about=N_("What your drives were good for")),
    Place("settings", N_("Settings"), "sliders", listed=True, about=N_("Wi-Fi, alerts, language, private places")),
    Place("about", N_("About and privacy"), "info", listed=True, about=N_("What is kept where, versions, licences")),
    Place("consent", N_("Before you start"), "shield", whole=True),
    Place("permissions", N_("What the phone asks"), "phone", whole=True),
)
BY_NAME = {place.name: place for place in PLACES}
TABS = tuple(place for place in PLACES if place.tab)
LISTED = tuple(place for place in PLACES if place.listed)
FIRST = "home"


@dataclass(frozen=True)
class Way:
    """Where one is and how one came: names of screens, the last of which shows. A tab starts a new way."""

    names: tuple[str, ...] = (FIRST,)

    @property
    def here(self) -> str:
        return self.names[-1]

    @property
    def tab(self) -> str:
        """Which tab is lit: the last one passed on the way."""
        return next((name for name in reversed(self.names) if BY_NAME[name].tab), FIRST)

    def to(self, name: str) -> Way:
        if BY_NAME[name].tab:
            return Way((FIRST,) if name == FIRST else (FIRST, name))
        return self if name == self.here else Way((*self.names, name))

    def back(self) -> Way | None:
        """None where the way back leads out of the app."""
        return Way(self.names[:-1]) if len(self.names) > 1 else None
