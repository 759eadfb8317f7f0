"""What is kept where, versions, licences."""

from __future__ import annotations

from typing import Any

from kivy.properties import StringProperty

from mobile_app.ui.about_text import KEPT, licences, version
from mobile_app.ui.page import Page
from mobile_app.ui.widgets import Told
from mobile_app.ui.words import _


class AboutPage(Page):
    version = StringProperty("")
    licences = StringProperty("")

    def __init__(self, name: str, **kwargs: Any) -> None:
        super().__init__(name, **kwargs)
        self.version = " ".join(("Cahot", version())).strip()
        self.licences = "\n".join(licences())
        for section in KEPT:
            self.ids.kept.add_widget(Told(icon=section.icon, heading=_(section.heading), text=_(section.text)))
