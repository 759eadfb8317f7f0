"""What every screen is: it shows what was seen, once a second while it is in front, and knows nothing else of the app.

A screen NAME is `screens/NAME.py` with a class `NamePage(Page)` and `screens/NAME.kv` with the rule `<NamePage>`; in that,
first a `Bar`, then a `Scroll` with a `Column`, or whatever it draws. See `screens/more.*` for the smallest.
"""

from __future__ import annotations

from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

from kivy.app import App
from kivy.lang import Builder
from kivy.properties import BooleanProperty, StringProperty
from kivy.uix.boxlayout import BoxLayout

from mobile_app.ui import widgets
from mobile_app.ui.navigation import BY_NAME
from mobile_app.ui.seen import Seen
from mobile_app.ui.words import _

__all__ = ["Page", "page_class", "widgets"]


class Page(BoxLayout):
    """title, leads_back: for its `Bar`. every_s: how often it is shown what was seen while it is in front."""

    every_s = 1.0
    title = StringProperty("")
    leads_back = BooleanProperty(False)

    def __init__(self, name: str, **kwargs: Any) -> None:
        place = BY_NAME[name]
        super().__init__(orientation="vertical", title=_(place.title), leads_back=not place.tab, **kwargs)
        self.name = name

    @property
    def app(self) -> Any:
        """The running `app.CahotApp`."""
        return App.get_running_app()

    @property
    def scrolled(self) -> float:
        """How far its `Scroll` (id: scroll) is; 1 is the top."""
        return float(self.ids.scroll.scroll_y) if "scroll" in self.ids else 1.0

    @scrolled.setter
    def scrolled(self, share: float) -> None:
        if "scroll" in self.ids:
            self.ids.scroll.scroll_y = share

    def arrive(self, **about: Any) -> None:
        """It comes to the front; about: what `go` was given, as a trip's id."""

    def show(self, seen: Seen) -> None:
        """What was seen just now. Called after `arrive` and then every `every_s`."""

    def leave(self) -> None:
        """It no longer is in front."""


@cache
def page_class(name: str) -> type[Page]:
    """The screen's class, its rule loaded once."""
    module = import_module(f"mobile_app.ui.screens.{name}")
    Builder.load_file(str(Path(str(module.__file__)).with_suffix(".kv")))
    found: type[Page] = getattr(module, "".join(part.title() for part in name.split("_")) + "Page")
    return found
