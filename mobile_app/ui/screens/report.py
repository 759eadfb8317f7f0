"""Something is wrong in the street that no car feels: a lamp, a sign, graffiti, or a hole one walks by."""

from __future__ import annotations

from typing import Any

from kivy.properties import BooleanProperty, ObjectProperty, StringProperty

from mobile_app.reports import Reports
from mobile_app.ui.map import kit
from mobile_app.ui.map.content import Own
from mobile_app.ui.map.view import place as place_at
from mobile_app.ui.page import Page
from mobile_app.ui.seen import Seen
from mobile_app.ui.told import city
from mobile_app.ui.told import report as told
from mobile_app.ui.widgets import Card, Touchable
from mobile_app.ui.words import _

__all__ = ["kit"]


class KindTile(Touchable, Card):
    """One kind to choose."""

    kind = StringProperty("")
    says = StringProperty("")
    chosen = BooleanProperty(False)


class ReportRow(Card):
    """One report that was made. `on_release` of its button takes it back while it waits."""

    report_id = StringProperty("")
    kind = StringProperty("")
    title = StringProperty("")
    more = StringProperty("")
    state = StringProperty("")
    icon = StringProperty("")
    tint = StringProperty("quiet")
    waits = BooleanProperty(False)


class ReportPage(Page):
    """kind: that was chosen, "" none. chosen: the place chosen on the map. placing: whether the map is open for that."""

    every_s = 2.0
    kind = StringProperty("")
    chosen = ObjectProperty(None, allownone=True)
    placing = BooleanProperty(False)
    where = StringProperty("")
    drives = BooleanProperty(False)
    ready = BooleanProperty(False)

    def __init__(self, name: str, **kwargs: Any) -> None:
        super().__init__(name, **kwargs)
        self._own: Own | None = None
        self._rows = list[told.Row]()
        self._copy = city.NOTHING
        for kind, words in told.KINDS.items():
            tile = KindTile(kind=kind, says=_(words))
            tile.bind(on_release=lambda pressed: self.choose(pressed.kind))
            self.ids.kinds.add_widget(tile)

    def leave(self) -> None:
        self.placing = False

    def show(self, seen: Seen) -> None:
        self._own = city.own(seen.status, seen.now_s)
        self.drives = told.drives(seen.status, seen.now_s)
        rows = told.rows(Reports(self.app.home.reports).all(), seen.now_s)
        if rows != self._rows:
            self._rows = rows
            self._fill()
        self._tell()

    def choose(self, kind: str) -> None:
        self.kind = kind
        for tile in self.ids.kinds.children:
            tile.chosen = tile.kind == kind
        self._tell()

    def open_map(self) -> None:
        """The map with a pin in its middle, which is the place."""
        self._copy = city.look(self.app.home, self._copy)
        view = self.ids.atlas.view
        view.content, view.own = self._copy.content, self._own
        self.placing = True
        start = told.place(self._own, self.chosen)
        if start is not None:
            view.show_place(*start)

    def take_place(self) -> None:
        view = self.ids.atlas.view
        if view.sight is not None:
            self.chosen = place_at(view.sight.x, view.sight.y)
        self.close_map()

    def take_own_place(self) -> None:
        self.chosen = None
        self.close_map()

    def close_map(self) -> None:
        self.placing = False
        self._tell()

    def send(self) -> None:
        """Kept on this phone at once, sent when it can be."""
        place = told.place(self._own, self.chosen)
        if place is None or not self.kind:
            return
        Reports(self.app.home.reports).write(self.kind, *place, note=self.ids.note.text, now_s=self.app.clock())
        self.ids.note.text, self.chosen = "", None
        self.choose("")
        self.app.say(_("Thank you! It is sent as soon as it can be."))
        self.app.tick()

    def take_back(self, report_id: str) -> None:
        """One that was not sent yet."""
        Reports(self.app.home.reports).forget(report_id)
        self.app.tick()

    def _tell(self) -> None:
        self.where = told.where(self._own, self.chosen)
        self.ready = bool(self.kind) and told.place(self._own, self.chosen) is not None

    def _fill(self) -> None:
        self.ids.made.clear_widgets()
        for row in self._rows:
            fields = {"report_id": row.report_id, "kind": row.kind, "title": row.title, "more": row.more}
            shown = ReportRow(**fields, state=row.state, icon=row.icon, tint=row.colour, waits=row.waits)
            self.ids.made.add_widget(shown)
