"""What is recorded and what is not, in plain words. Nothing starts before it is agreed to."""

from __future__ import annotations

from typing import Any

from kivy.properties import StringProperty

from mobile_app.ui import words
from mobile_app.ui.agreement import INTRODUCTION, SECTIONS
from mobile_app.ui.page import Page
from mobile_app.ui.seen import Seen
from mobile_app.ui.widgets import Told
from mobile_app.ui.words import _


class ConsentPage(Page):
    introduction = StringProperty("")
    agreed = StringProperty("")  # when, "" if not

    def __init__(self, name: str, **kwargs: Any) -> None:
        super().__init__(name, **kwargs)
        self.introduction = _(INTRODUCTION)
        for section in SECTIONS:
            self.ids.sections.add_widget(Told(icon=section.icon, heading=_(section.heading), text=_(section.text)))
        self.ids.language.options = list(words.LANGUAGES.items())
        self.ids.language.value = words.language()

    def show(self, seen: Seen) -> None:
        at_s = seen.choices.consented_at_s
        self.agreed = _("You agreed on {day}.").format(day=words.when(at_s, seen.now_s)) if seen.choices.agreed else ""

    def agree(self) -> None:
        app = self.app
        now_s = app.clock()
        choices = app.choices.agree(now_s)
        app.choose(consent_version=choices.consent_version, consented_at_s=choices.consented_at_s)
        app.ask_permissions()

    def take_back(self) -> None:
        """Recording stops; what is here stays until it is deleted."""
        self.app.choose(consent_version=0, consented_at_s=0.0)
        self.app.go("home")
