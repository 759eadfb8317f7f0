"""The screens that have no tab of their own."""

from __future__ import annotations

from typing import Any

from mobile_app.ui.navigation import LISTED
from mobile_app.ui.page import Page
from mobile_app.ui.widgets import Link
from mobile_app.ui.words import _


class MorePage(Page):
    def __init__(self, name: str, **kwargs: Any) -> None:
        super().__init__(name, **kwargs)
        for place in LISTED:
            link = Link(text=_(place.title), more=_(place.about), icon=place.icon)
            link.bind(on_release=lambda _pressed, to=place.name: self.app.go(to))
            self.ids.list.add_widget(link)
