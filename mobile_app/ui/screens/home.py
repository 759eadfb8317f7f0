"""How things stand, at a glance; the pause; what is stuck and what to do about it."""

from __future__ import annotations

from typing import Any

from kivy.app import App
from kivy.properties import ListProperty, ObjectProperty, StringProperty

from mobile_app import deleting
from mobile_app.ui import words
from mobile_app.ui.glance import Action, Advice, end_of_today_s, glance
from mobile_app.ui.page import Page
from mobile_app.ui.seen import Seen
from mobile_app.ui.widgets import Card, TextButton
from mobile_app.ui.words import _


class Stuck(Card):
    """One `Advice` with its button."""

    advice = ObjectProperty(Advice("", ""))

    def __init__(self, advice: Advice, **kwargs: Any) -> None:
        super().__init__(advice=advice, **kwargs)
        if advice.action is not None:
            button = TextButton(text=advice.button)
            button.bind(on_release=lambda _pressed: App.get_running_app().page.act(advice.action))
            self.add_widget(button)


class HomePage(Page):
    picture = StringProperty("")
    headline = StringProperty("")
    sentence = StringProperty("")
    km = StringProperty("")
    jolts = StringProperty("")
    button = StringProperty("")
    sending_icon, sending = StringProperty(""), StringProperty("")
    advice = ListProperty()

    def show(self, seen: Seen) -> None:
        told = glance(seen)
        self.picture, self.headline, self.sentence = told.picture, told.headline, told.sentence
        self.km, self.jolts = words.distance(seen.status.today_km), words.number(seen.status.today_jolts)
        self.sending_icon, self.sending = told.sending
        self.button = _("Go on recording") if told.can_resume else _("Pause for today") if told.can_pause else ""
        self.advice = list(told.advice)

    def on_advice(self, *_args: Any) -> None:
        self.ids.stuck.clear_widgets()
        for one in self.advice:
            card = Stuck(advice=one)
            self.ids.stuck.add_widget(card)

    def press(self) -> None:
        """The big button."""
        now_s = self.app.seen.now_s
        paused = self.app.choices.paused(now_s)
        self.app.choose(paused_until_s=0.0 if paused else end_of_today_s(now_s))

    def act(self, action: Action) -> None:
        """What the button of an advice does."""
        app = self.app
        if action is Action.CONSENT:
            app.go("consent")
        elif action is Action.SETTINGS:
            app.go("settings")
        elif action is Action.RESUME:
            app.choose(paused_until_s=0.0)
        elif action is Action.MOBILE_DATA:
            app.choose(wifi_only=False)
        elif action is Action.DISMISS:
            for name in app.seen.failed_deletions:
                deleting.dismiss(app.home, name)
            app.tick()
        elif action is Action.PERMISSION:
            app.ask_permissions()
        elif action is Action.START:
            app.restart_recorder()
        elif not app.phone.open_settings(action.value):
            app.say(_("On a phone, this opens its settings."))
