"""The trips of this phone and where each stands; one pressed leads to what was sent of it."""

from __future__ import annotations

from typing import Any

from kivy.properties import BooleanProperty, NumericProperty, StringProperty

from mobile_app.trips import TripView
from mobile_app.ui.page import Page
from mobile_app.ui.seen import Seen
from mobile_app.ui.told import trips as told
from mobile_app.ui.widgets import Card, Touchable

FIRST = 20  # trips shown at once; more when asked for


class TripRow(Touchable, Card):
    trip_id = StringProperty("")
    says = StringProperty("")
    title = StringProperty("")
    more = StringProperty("")
    standing = StringProperty("")
    icon = StringProperty("")
    tint = StringProperty("quiet")


class TripsPage(Page):
    """shown: how many trips at most. rest: whether there are more. empty: whether there is none at all."""

    every_s = 3.0
    shown = NumericProperty(FIRST)
    rest = BooleanProperty(False)
    empty = BooleanProperty(False)

    def __init__(self, name: str, **kwargs: Any) -> None:
        super().__init__(name, **kwargs)
        self._views, self._days = list[TripView](), list[told.Day]()
        self._now_s = 0.0

    def show(self, seen: Seen) -> None:
        self._now_s = seen.now_s
        self._views = told.look(self.app.home, seen.status, seen.now_s)
        self.empty = not self._views
        self._fill()

    def show_more(self) -> None:
        self.shown += FIRST
        self._fill()

    def open(self, trip_id: str) -> None:
        self.app.go("trip", trip_id=trip_id)

    def _fill(self) -> None:
        """Anew only where something changed, so that a list that is being moved stays where it is."""
        self.rest = len(self._views) > self.shown
        days = told.days(self._views[: self.shown], self._now_s)
        if days == self._days and self.ids.days.children:
            return
        self._days = days
        self.ids.days.clear_widgets()
        for one in days:
            self.ids.days.add_widget(_heading(one.title))
            for row in one.rows:
                fields = {"trip_id": row.trip_id, "title": row.title, "more": row.more, "standing": row.standing}
                pressed = TripRow(**fields, says=f"{one.title}, {row.title}", icon=row.icon, tint=row.colour)
                pressed.bind(on_release=lambda which: self.open(which.trip_id))
                self.ids.days.add_widget(pressed)


def _heading(text: str) -> Any:
    from kivy.factory import Factory

    heading = Factory.DayHeading()
    heading.text = text
    return heading
