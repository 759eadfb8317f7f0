"""The city's defects around, from the offline copy, over the streets this phone knows; tap one and it is told."""

from __future__ import annotations

from typing import Any

from kivy.clock import Clock
from kivy.properties import BooleanProperty, ObjectProperty, StringProperty

from mobile_app.ui.map import kit
from mobile_app.ui.page import Page
from mobile_app.ui.seen import Seen
from mobile_app.ui.told import city, defects

__all__ = ["kit"]


class MapPage(Page):
    """age: of the offline copy. card: of the defect that was tapped, None. legend: whether it is open."""

    age = StringProperty("")
    card = ObjectProperty(None, allownone=True)
    legend = BooleanProperty(False)

    def __init__(self, name: str, **kwargs: Any) -> None:
        super().__init__(name, **kwargs)
        self._copy, self._known = city.NOTHING, dict[Any, defects.Defect]()

    def show(self, seen: Seen) -> None:
        copy = city.look(self.app.home, self._copy)
        if copy is not self._copy or not self.age:
            self._copy = copy
            self._known = {one.id: one for one in copy.defects}
            self.ids.atlas.view.content = copy.content
        self.age = city.told(copy, seen.now_s)
        view = self.ids.atlas.view
        known, view.own = view.own, city.own(seen.status, seen.now_s)
        if known is None and view.own is not None and view.untouched:
            view.find_me(animated=False)

    def pick(self, key: Any) -> None:
        """A tap on a mark, or None: on the ground."""
        found = self._known.get(key)
        self.ids.atlas.view.chosen = found.id if found else None
        self.card = defects.card(found) if found else None
        self.legend = False
        if found:
            Clock.schedule_once(lambda _dt: self._uncover(found), 0)  # once the card is as high as it will be

    def _uncover(self, found: defects.Defect) -> None:
        """The card lies over the lower part of the map; the mark it speaks of is to be seen."""
        self.ids.atlas.view.reveal(found.latitude, found.longitude, above=self.ids.card.height)

    def turn_legend(self) -> None:
        self.legend = not self.legend
        if self.legend:
            self.card = self.ids.atlas.view.chosen = None
