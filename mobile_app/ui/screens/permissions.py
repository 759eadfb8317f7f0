"""What the phone is about to ask, one question at a time, and why: before the system's own window comes."""

from __future__ import annotations

from typing import Any

from kivy.clock import Clock
from kivy.properties import BooleanProperty, StringProperty

from mobile_app.permissions import Round, Step, standing
from mobile_app.ui.page import Page
from mobile_app.ui.words import N_, _

# icon, heading, why
EXPLAINED = {
    Step.NOTIFICATIONS: (
        "bell",
        N_("A sign while it records"),
        N_("While your drive is recorded, a notification says so, so that it is never hidden from you. It makes no sound."),
    ),
    Step.LOCATION: (
        "place",
        N_("Where the phone is"),
        N_("A jolt is only of use with its place. Choose “precise”: a hole in the road is smaller than a neighbourhood."),
    ),
    Step.BACKGROUND: (
        "clock",
        N_("Also while the app is closed"),
        N_(
            "Choose “allow all the time”, and recording begins by itself when you drive, also after the phone was restarted. "
            "Otherwise you would have to open the app each time. The place is used for nothing else."
        ),
    ),
}
REFUSED = (
    "warning",
    N_("The precise place is not allowed"),
    N_("Android does not ask a second time. Allow “location”, precise, in the settings of this app."),
)


class PermissionsPage(Page):
    icon = StringProperty("")
    heading = StringProperty("")
    text = StringProperty("")
    refused = BooleanProperty(False)

    def arrive(self, **about: Any) -> None:
        self._round = Round(self.app.phone.permissions)
        self._explain()

    def go_on(self) -> None:
        """The system's window, or its settings where it asks no more."""
        if self.refused:
            self.app.phone.open_settings("app")
            self.app.go("home")
        else:
            self._round.ask(lambda: Clock.schedule_once(lambda _dt: self._explain()))  # answered on whichever thread

    def not_now(self) -> None:
        if self.refused:
            self.app.go("home")
        else:
            self._round.skip()
            self._explain()

    def _explain(self) -> None:
        step, may_record = self._round.step, standing(self.app.phone.permissions).may_record
        self.refused = step is None and not may_record
        if step is not None or self.refused:
            icon, heading, text = EXPLAINED[step] if step is not None else REFUSED
            self.icon, self.heading, self.text = icon, _(heading), _(text)
        else:
            self.app.start_recorder()
            self.app.go("home")
