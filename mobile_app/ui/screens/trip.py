"""What was sent of one trip: the map of what left and what stayed, the receipt, trying again, deleting."""

from __future__ import annotations

from typing import Any

from kivy.properties import BooleanProperty, ListProperty, StringProperty

from mobile_app import deleting
from mobile_app.outbox import Outbox
from mobile_app.trips import TripView
from mobile_app.ui.map import kit
from mobile_app.ui.page import Page
from mobile_app.ui.seen import Seen
from mobile_app.ui.told import city, trips
from mobile_app.ui.told import trip as told
from mobile_app.ui.widgets import Column
from mobile_app.ui.words import _

__all__ = ["kit"]


class ReceiptPart(Column):
    """One part that the server has."""

    words = StringProperty("")
    more = StringProperty("")


class TripPage(Page):
    """gone: the trip is no longer on this phone. asking: whether the second step of deleting is open. parts: of the receipt."""

    every_s = 2.0
    when = StringProperty("")
    length = StringProperty("")
    summary = StringProperty("")
    standing = StringProperty("")
    why = StringProperty("")
    icon = StringProperty("")
    tint = StringProperty("quiet")
    counted = StringProperty("")
    measured = StringProperty("")
    jolt = StringProperty("")
    question = StringProperty("")
    asking = BooleanProperty(False)
    stuck = BooleanProperty(False)
    deletable = BooleanProperty(False)
    parts = ListProperty()
    opened = BooleanProperty(False)  # the receipt's parts

    def __init__(self, name: str, **kwargs: Any) -> None:
        super().__init__(name, **kwargs)
        self._trip_id = ""
        self._view: TripView | None = None

    def arrive(self, trip_id: str = "", **_about: Any) -> None:
        self._trip_id, self._view = trip_id, None
        self.asking = self.opened = False
        self.jolt = ""
        self.ids.atlas.view.chosen = None
        self.ids.atlas.view.forget_view()

    def show(self, seen: Seen) -> None:
        views = trips.look(self.app.home, seen.status, seen.now_s)
        view = next((one for one in views if one.trip_id == self._trip_id), None)
        if view is None:
            self.app.back()
            return
        if self._view is None or view.entry != self._view.entry:
            others = [one.entry for one in views if one.entry is not None and one is not view]
            self.ids.atlas.view.content = told.content(view.entry, others[: city.MOST_TRIPS])
        self._view = view
        self._tell(view, seen.now_s)

    def _tell(self, view: TripView, now_s: float) -> None:
        self.when = f"{trips.day_words(view.began_s, now_s)}, {trips.time_words(view)}"
        self.length, self.summary = trips.length_words(view), told.summary(view.entry)
        self.standing, self.why, self.icon, self.tint = told.standing(view)
        self.counted, self.measured = told.counted(view), "\n".join(told.measured(view.entry))
        self.question, self.stuck, self.deletable = told.question(view), told.can_try_again(view), told.can_delete(view)
        lines = Outbox(self.app.home.outbox).receipts(view.trip_id)
        self.parts = [(part.title, part.more) for part in told.receipt(lines, now_s)]

    def on_parts(self, *_args: Any) -> None:
        self._fill()

    def on_opened(self, *_args: Any) -> None:
        self._fill()

    def _fill(self) -> None:
        self.ids.parts.clear_widgets()
        for words, more in self.parts if self.opened else ():
            self.ids.parts.add_widget(ReceiptPart(words=words, more=more))

    def pick(self, key: Any) -> None:
        """A jolt was tapped, or the ground."""
        entry = self._view.entry if self._view else None
        self.ids.atlas.view.chosen = key
        self.jolt = told.jolt_words(entry.jolts[key], entry) if entry and key is not None else ""

    def try_again(self) -> None:
        """Puts what was refused back into the queue, and has the recorder look at it at once: it watches the choices."""
        Outbox(self.app.home.outbox).try_again()
        self.app.choose()
        self.app.say(_("It is tried again as soon as it can be sent."))

    def delete(self) -> None:
        """The second step."""
        deleting.wish_away(self.app.home, self._trip_id)
        self.asking = False
        self.app.say(_("Deleted. The city is asked to delete it, too."))
        self.app.back()
