"""What a person may decide: when and where to send, the alert, how it looks, private places, their data."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from kivy.properties import BooleanProperty, ListProperty, StringProperty

from mobile_app import deleting
from mobile_app.choices import ALERTS, THEMES
from mobile_app.exporting import ServerNotAsked, export_mine
from mobile_app.places import Places
from mobile_app.ui import private, words
from mobile_app.ui.page import Page
from mobile_app.ui.seen import Seen
from mobile_app.ui.server_check import Checked, check
from mobile_app.ui.theme import SCALES
from mobile_app.ui.widgets import Told
from mobile_app.ui.words import N_, _

_ALERTS = {"off": N_("Off"), "sound": N_("Sound"), "vibration": N_("Vibration")}
_THEMES = {"system": N_("As the phone"), "light": N_("Light"), "dark": N_("Dark")}
FIX_OLD_S = 60.0  # an older place is not "here"


class PrivateRow(Told):
    """One private place, with a way to remove it."""


class SettingsPage(Page):
    wifi_only = BooleanProperty(True)
    server_said = StringProperty("")
    server_fine = BooleanProperty(True)
    places = ListProperty()  # of `private.Private`
    asks_again = BooleanProperty(False)  # the first of the two steps of deleting everything was taken
    mine_said = StringProperty("")

    def __init__(self, name: str, **kwargs: Any) -> None:
        super().__init__(name, **kwargs)
        ids, choices = self.ids, self.app.choices
        ids.alert.options = [(one, _(_ALERTS[one])) for one in ALERTS]
        ids.theme.options = [(one, _(_THEMES[one])) for one in THEMES]
        ids.language.options = [("system", _("As the phone")), *words.LANGUAGES.items()]
        ids.font_scale.options = [(scale, words.number(scale * 100) + "\u00a0%") for scale in SCALES]
        ids.server.text, ids.code.text = choices.server_url, choices.enrolment_code

    def arrive(self, **about: Any) -> None:
        self.asks_again = False

    def show(self, seen: Seen) -> None:
        choices, ids = seen.choices, self.ids
        self.wifi_only = choices.wifi_only
        ids.alert.value, ids.theme.value, ids.language.value = choices.alert, choices.theme, choices.language
        ids.font_scale.value = choices.font_scale
        self.places = private.told(Places(self.app.home.outbox).added, seen.status)

    def on_places(self, *_args: Any) -> None:
        self.ids.places.clear_widgets()
        for place in self.places:
            row = PrivateRow(icon="lock", text=place.said)
            row.ids.away.bind(on_release=lambda _pressed, cell=place.cell: self.remove(cell))
            self.ids.places.add_widget(row)

    def check_server(self) -> None:
        """Keeps the address and asks it whether it is one."""
        self.server_said, self.server_fine = _("Asking …"), True
        text, code = self.ids.server.text, self.ids.code.text.strip()

        def keep(checked: Checked) -> None:
            self.ids.server.text = checked.url
            self.server_said, self.server_fine = _(checked.said).format(why=checked.why), checked.fine
            self.app.choose(server_url=checked.url, enrolment_code=code)

        self.app.later(lambda: check(text), keep)

    def add_here(self) -> None:
        """The place where the phone is now."""
        status = self.app.seen.status
        old = self.app.seen.recorder_gone or (status.fix_age_s or 0.0) > FIX_OLD_S
        if status.latitude is None or status.longitude is None or old:
            self.app.say(_("The phone does not know where it is. Try again under the open sky, with the recorder running."))
            return
        Places(self.app.home.outbox).add(status.latitude, status.longitude)
        self.app.say(_("From now on nothing is sent from around here."))
        self.app.tick()

    def remove(self, cell: Any) -> None:
        Places(self.app.home.outbox).remove(cell)
        self.app.tick()

    def export(self) -> None:
        """All that is held, here and on the server, as one zip in the downloads."""
        self.mine_said = _("Gathering everything …")
        into = self.app.phone.downloads() / time.strftime("cahot-%Y-%m-%d-%H%M.zip", time.localtime(self.app.clock()))
        self.app.later(lambda: self._exported(into), lambda said: setattr(self, "mine_said", said))

    def delete(self) -> None:
        """The second step."""
        deleting.wish_away(self.app.home, None)
        self.asks_again = False
        self.mine_said = _("Everything on this phone is being deleted; the server is told as soon as it can be reached.")

    def _exported(self, into: Path) -> str:
        try:
            export_mine(self.app.home, into)
        except ServerNotAsked:
            return _("Saved as {path}, without the server’s part: it could not be asked.").format(path=into)
        except OSError as error:
            return _("It could not be saved: {why}").format(why=error.strerror or error)
        return _("Saved as {path}").format(path=into)
