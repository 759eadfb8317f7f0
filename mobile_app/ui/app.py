"""The app: it puts the screens together and passes on what was seen and what was chosen. Nothing is worked out here."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from kivy.app import App
from kivy.clock import Clock
from kivy.core.window import Window
from kivy.metrics import Metrics

from mobile_app.choices import Choices, load_choices, save_choices
from mobile_app.home import Home
from mobile_app.permissions import standing
from mobile_app.ui import theme, words
from mobile_app.ui.navigation import BY_NAME, Way
from mobile_app.ui.page import Page, page_class
from mobile_app.ui.phone import Phone
from mobile_app.ui.seen import Seen, look_at
from mobile_app.ui.widgets import Shell, Tabs
from mobile_app.ui.words import _

SAYS_S = 4.0  # how long a passing word stays
RESTART_S = 15.0  # between two starts of a recorder that does not say that it lives
_ESCAPE = 27  # Android's way back arrives as this key


class CahotApp(App):
    """home: the folder shared with the recorder. clock: seconds since 1970.

    For screens: `look` (`theme.Look`), `choices`, `choose(name=value)`, `go(screen)`, `back()`, `say(words)`,
    `later(work, then)`, `phone`, `home`, `seen`.
    """

    title = "Cahot"

    def __init__(self, home: Home, phone: Phone, clock: Callable[[], float] = time.time, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.home, self.phone, self.clock = home, phone, clock
        self.seen: Seen = look_at(home, clock())
        self.look = theme.Look()
        self.way = Way()
        self.page: Page | None = None
        self._pages: dict[str, Page] = {}
        self._ticking: Any = None
        self._silence: Any = None
        self._started_s = 0.0  # when the recorder was last started

    @property
    def choices(self) -> Choices:
        return self.seen.choices

    def build(self) -> Shell:
        self._dress()
        self.shell = Shell()
        Window.bind(on_keyboard=self._on_key)
        Window.softinput_mode = "below_target"
        if self.choices.agreed:
            self.start_recorder()
            self.go("home")
        else:
            self.go("consent")
        return self.shell

    def choose(self, **changes: Any) -> None:
        """Writes what was chosen, on the disk on return, and shows itself accordingly."""
        # read anew: what is in the file counts, not what was seen a second ago
        before = load_choices(self.home.choices)
        choices = replace(before, **changes)
        save_choices(self.home.choices, choices)
        self.seen = replace(self.seen, choices=choices, now_s=self.clock())
        if any(getattr(before, name) != getattr(choices, name) for name in ("theme", "language", "font_scale")):
            self.rebuild()
        elif self.page is not None:
            self.page.show(self.seen)

    def go(self, name: str, **about: Any) -> None:
        """To a screen; about: for its `arrive`."""
        self.way = self.way.to(name)
        self._front(name, about)

    def back(self) -> bool:
        """To where one came from. False where that leads out of the app."""
        way = self.way.back()
        if way is None:
            return False
        self.way = way
        self._front(way.here, {})
        return True

    def say(self, text: str) -> None:
        """A passing word above the bottom bar."""
        if self._silence is not None:
            self._silence.cancel()
        self.shell.say(text)
        self._silence = Clock.schedule_once(lambda _dt: self.shell.say(""), SAYS_S)

    def later(self, work: Callable[[], Any], then: Callable[[Any], None]) -> None:
        """Does work that takes long (a request) on a thread of its own, then calls `then` with its result on the screens'."""

        def run() -> None:
            result = work()
            Clock.schedule_once(lambda _dt: then(result))

        threading.Thread(target=run, daemon=True).start()

    def start_recorder(self) -> None:
        self._started_s = self.clock()
        self.phone.start_recorder()

    def restart_recorder(self) -> None:
        self.phone.stop_recorder()
        self.start_recorder()
        self.say(_("The recorder is being started."))

    def ask_permissions(self) -> None:
        """What is missing is explained and asked for; where nothing is, the recorder starts."""
        if standing(self.phone.permissions).next_step() is not None:
            self.go("permissions")
        else:
            self.start_recorder()
            self.go("home")

    def rebuild(self) -> None:
        """All screens anew, in the colours, words and sizes of now."""
        self._dress()
        scrolled = self.page.scrolled if self.page is not None else 1.0
        self._pages.clear()
        self._front(self.way.here, {})
        page = self.page
        Clock.schedule_once(lambda _dt: setattr(page, "scrolled", scrolled))  # once it has its height

    def tick(self) -> None:
        """Looks at the files and shows what is in them. A recorder that died is started again."""
        self.seen = look_at(self.home, self.clock())
        if self.choices.agreed and self.seen.recorder_gone and abs(self.seen.now_s - self._started_s) > RESTART_S:
            self.start_recorder()
        if self.page is not None:
            self.page.show(self.seen)

    def on_pause(self) -> bool:
        return True  # Android: stay in memory; nothing is lost if not

    def on_stop(self) -> None:
        Window.unbind(on_keyboard=self._on_key)
        if self._ticking is not None:
            self._ticking.cancel()
        self.phone.leave()

    def _dress(self) -> None:
        choices = self.choices
        words.use(choices.language, self.phone.language())
        self.look = theme.look(
            choices.theme, choices.font_scale, system_dark=self.phone.prefers_dark(), system_scale=Metrics.fontscale
        )
        Window.clearcolor = self.look.palette.ground

    def _front(self, name: str, about: dict[str, Any]) -> None:
        if self.page is not None:
            self.page.leave()
        if name not in self._pages:
            self._pages[name] = page_class(name)(name)
        self.page = self._pages[name]
        self.shell.show(self.page, None if BY_NAME[name].whole else Tabs(chosen=self.way.tab))
        self.page.arrive(**about)
        self.tick()
        if self._ticking is not None:
            self._ticking.cancel()
        self._ticking = Clock.schedule_interval(lambda _dt: self.tick(), self.page.every_s)

    def _on_key(self, _window: Any, key: int, *_args: Any) -> bool:
        return key == _ESCAPE and self.back()
