"""The city's defects around, from the offline copy, over the streets this phone knows; tap one and it is told."""

from __future__ import annotations

from typing import Any

from kivy.properties import BooleanProperty, ListProperty, ObjectProperty, StringProperty

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
    kinds = ListProperty()

    def __init__(self, name: str, **kwargs: Any) -> None:
        super().__init__(name, **kwargs)
        self._copy, self._known = city.NOTHING, dict[Any, defects.Defect]()
        self.kinds = list(defects.KINDS)

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

    def turn_legend(self) -> None:
        self.legend = not self.legend
        if self.legend:
            self.card = self.ids.atlas.view.chosen = None
