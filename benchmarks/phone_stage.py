"""The phone app on a stage without a screen: real windows by software GL, real touches, frames one at a time.

Import this before Kivy: it says which window Kivy makes. One app at a time in a process.
"""

from __future__ import annotations

# ruff: noqa: E402  what is set in the environment counts when Kivy is imported
import math
import os
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import TracebackType
from typing import Any

os.environ.update(
    SDL_VIDEODRIVER="offscreen",
    SDL_AUDIODRIVER="dummy",
    KIVY_NO_ARGS="1",
    KIVY_LOG_MODE="PYTHON",
    KIVY_NO_CONSOLELOG="1",
    KIVY_NO_FILELOG="1",
)
os.environ.setdefault("KIVY_HOME", tempfile.mkdtemp(prefix="kivy-"))

from kivy.config import Config

WIDTH_DP, HEIGHT_DP = 412, 915  # of a common phone
DENSITY = float(os.environ.setdefault("KIVY_METRICS_DENSITY", "1"))
Config.set("graphics", "width", str(round(WIDTH_DP * DENSITY)))
Config.set("graphics", "height", str(round(HEIGHT_DP * DENSITY)))
Config.set("graphics", "multisamples", "0")  # as `python -m mobile_app`
Config.set("graphics", "maxfps", "0")  # as fast as frames come
for provider in list(dict(Config.items("input"))):  # no fingers but ours
    Config.remove_option("input", provider)

from kivy.base import EventLoop, runTouchApp, stopTouchApp
from kivy.clock import Clock
from kivy.core.window import Window
from kivy.graphics.opengl import GL_RGBA, GL_UNSIGNED_BYTE, glFinish, glReadPixels
from kivy.input.motionevent import MotionEvent
from kivy.uix.behaviors import ButtonBehavior
from kivy.uix.scrollview import ScrollView
from kivy.uix.slider import Slider
from kivy.uix.textinput import TextInput
from kivy.uix.widget import Widget
from PIL import Image

from mobile_app.home import Home
from mobile_app.permissions import Platform, Unasked
from mobile_app.ui.app import CahotApp

SETTLES = 4  # frames until a new layout has found its sizes


class StillPhone:
    """A machine that starts nothing and notes what it was asked for."""

    def __init__(self, folder: Path, language: str = "en", dark: bool = False) -> None:
        self.asked: list[str] = []
        self.permissions: Platform = Unasked()
        self._folder, self._language, self._dark = folder, language, dark

    def start_recorder(self) -> None:
        self.asked.append("start")

    def stop_recorder(self) -> None:
        self.asked.append("stop")

    def leave(self) -> None:
        self.asked.append("leave")

    def open_settings(self, page: str) -> bool:
        self.asked.append(f"settings {page}")
        return page != "storage"

    def prefers_dark(self) -> bool:
        return self._dark

    def language(self) -> str:
        return self._language

    def downloads(self) -> Path:
        return self._folder


class AskingPhone:
    """Android's permissions: none is held; each question is answered as `grants` says."""

    def __init__(self, grants: bool = True, api_level: int = 35) -> None:
        self.asked: list[str] = []
        self._grants, self._api_level, self._held = grants, api_level, set[str]()

    def api_level(self) -> int:
        return self._api_level

    def holds(self, permission: str) -> bool:
        return permission in self._held

    def ask(self, permissions: list[str], answered: Callable[[], None]) -> None:
        self.asked += permissions
        if self._grants:
            self._held |= set(permissions)
        answered()


class Touch(MotionEvent):
    """One finger."""

    def __init__(self, x: float, y: float) -> None:
        super().__init__("stage", 1, {"x": x / Window.width, "y": y / Window.height}, is_touch=True, type_id="touch")

    def depack(self, args: Any) -> None:
        self.profile = ["pos"]
        self.sx, self.sy = args["x"], args["y"]
        super().depack(args)


class Stage:
    """The app of a folder, running; `with` ends it."""

    def __init__(self, home: Path, clock: Callable[[], float], phone: Any = None) -> None:
        self.phone = phone or StillPhone(home)
        self.app = CahotApp(Home(home), self.phone, clock)

    def __enter__(self) -> Stage:
        self.app._run_prepare()  # what App.run does before its loop; the frames are ours
        runTouchApp(embedded=True)
        self.frames(SETTLES)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        stopTouchApp()
        self.app._stop()
        for child in list(Window.children):
            Window.remove_widget(child)
        for event in list(Clock.get_events()):
            event.cancel()

    def frames(self, count: int = 1) -> None:
        for _ in range(count):
            EventLoop.idle()

    def settle(self, seconds: float = 0.15) -> None:
        """Frames for so long: what is drawn on a clock of its own has been drawn."""
        end_s = time.monotonic() + seconds
        while time.monotonic() < end_s:
            self.frames()

    def tick(self) -> None:
        """As if a second had passed."""
        self.app.tick()
        self.frames(SETTLES)

    def go(self, name: str, **about: Any) -> None:
        self.app.go(name, **about)
        self.frames(SETTLES)

    def press(self, widget: Widget) -> None:
        """A finger on its middle, down and up, after it was scrolled to."""
        self.show(widget)
        x, y = widget.to_window(widget.center_x, widget.center_y)
        touch = Touch(x, y)
        for phase in ("begin", "end"):
            EventLoop.post_dispatch_input(phase, touch)
            self.frames()
        self.frames(SETTLES)

    def show(self, widget: Widget) -> None:
        """Scrolls until it is in sight."""
        above = widget.parent
        while above is not None and above is not above.parent:
            if isinstance(above, ScrollView):
                above.scroll_to(widget, padding=20, animate=False)
                self.frames(2)
            above = above.parent

    def widgets(self) -> Iterator[Widget]:
        """All that are in the window."""
        for child in Window.children:
            yield from child.walk(restrict=True)

    def touchables(self) -> list[Widget]:
        """What a finger can press now: enabled, of some size, not transparent."""
        kinds = (ButtonBehavior, TextInput, Slider)
        found = [widget for widget in self.widgets() if isinstance(widget, kinds)]
        return [widget for widget in found if not widget.disabled and widget.opacity > 0 and min(widget.size) > 0]

    def find(self, text: str) -> Widget:
        """The one that can be pressed and says this. Raises LookupError naming those that there are."""
        said = {says(widget): widget for widget in self.touchables()}
        if text not in said:
            raise LookupError(f"nothing says {text!r}; there are {sorted(said)}")
        return said[text]

    def texts(self) -> list[str]:
        return [widget.text for widget in self.widgets() if getattr(widget, "text", "")]

    def screenshot(self, path: Path) -> None:
        """The window as it is now, a PNG."""
        self.frames(2)
        self.image().save(path)

    def photograph_whole(self, path: Path) -> None:
        """The window; where the page scrolls, also what is below, in one long picture."""
        self.settle()
        path.parent.mkdir(parents=True, exist_ok=True)
        scroll = self.app.page.ids.get("scroll")
        pieces, hidden = [], scroll.viewport_size[1] - scroll.height if scroll else 0.0
        count = 1 + max(0, math.ceil(hidden / scroll.height)) if scroll else 1
        for number in range(count):
            if scroll:
                scroll.scroll_y = 1.0 - number / max(count - 1, 1)
                self.frames(3)
            pieces.append(self.image())
        beside = Image.new("RGB", (sum(piece.width for piece in pieces), pieces[0].height))
        for number, piece in enumerate(pieces):
            beside.paste(piece, (number * piece.width, 0))
        beside.save(path)

    def finished_frame(self) -> None:
        """Draws one frame and waits until it is drawn: GL answers before it has finished."""
        self.frames()
        glFinish()

    def image(self) -> Image.Image:
        width, height = Window.size
        Window.dispatch("on_draw")
        data = glReadPixels(0, 0, width, height, GL_RGBA, GL_UNSIGNED_BYTE)
        return Image.frombytes("RGBA", (width, height), data).transpose(Image.Transpose.FLIP_TOP_BOTTOM).convert("RGB")


def says(widget: Widget) -> str:
    """What a button is called."""
    text: str = getattr(widget, "says", "") or getattr(widget, "text", "") or getattr(widget, "hint_text", "")
    return text
