"""The road as the phone feels it: the last seconds of vertical acceleration, and how well the place is known."""

from __future__ import annotations

from typing import Any

from kivy.clock import Clock
from kivy.properties import NumericProperty, StringProperty
from kivy.uix.widget import Widget

from mobile_app.ring import read_ring
from mobile_app.ui import strip
from mobile_app.ui.chart import Chart
from mobile_app.ui.page import Page
from mobile_app.ui.reading import reading
from mobile_app.ui.seen import Seen

__all__ = ["Chart"]
FRAMES_S = 1 / 30  # an eye sees no more of a line that flows; a battery does


class Bars(Widget):
    """Four bars, `count` of them full."""

    count = NumericProperty(0)


class LivePage(Page):
    every_s = 0.5
    speed, satellites, rate = StringProperty(""), StringProperty(""), StringProperty("")
    km, jolts, lasted, note = StringProperty(""), StringProperty(""), StringProperty(""), StringProperty("")
    bars = NumericProperty(0)

    def __init__(self, name: str, **kwargs: Any) -> None:
        super().__init__(name, **kwargs)
        self._flow = strip.Flow()
        self._frames: Any = None

    def arrive(self, **about: Any) -> None:
        self._frames = Clock.schedule_interval(self.draw, FRAMES_S)

    def leave(self) -> None:
        if self._frames is not None:
            self._frames.cancel()

    def show(self, seen: Seen) -> None:
        told = reading(seen)
        self.speed, self.bars, self.satellites, self.rate = told.speed_kmh, told.bars, told.satellites, told.rate
        self.km, self.jolts, self.lasted, self.note = told.km, told.jolts, told.lasted, told.note

    def draw(self, elapsed_s: float) -> None:
        count, _t_s, values = read_ring(self.app.home.ring)
        self.ids.chart.draw(strip.in_sight(values, count, self._flow.advance(count, elapsed_s)))
