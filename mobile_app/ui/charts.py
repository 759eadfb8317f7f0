"""Small charts, drawn in the colours of the app."""

from __future__ import annotations

from pathlib import Path

from kivy.core.text import Label as Text
from kivy.graphics import Color, Rectangle, RoundedRectangle, SmoothEllipse, SmoothLine
from kivy.lang import Builder
from kivy.metrics import dp
from kivy.properties import ListProperty, NumericProperty, ObjectProperty
from kivy.uix.widget import Widget

LEAST_DP = 3.0  # of a bar with nothing in it: the week is there
SPACE = 0.38  # of a bar's share of the width


class SmallChart(Widget):
    """Drawn again when its size, its figures or the colours change."""

    look = ObjectProperty(None, allownone=True)

    def __init__(self, **kwargs: object) -> None:
        super().__init__(**kwargs)
        for name in ("pos", "size", "look"):
            self.fbind(name, self.draw)

    def draw(self, *_args: object) -> None:
        if self.look is None:
            return
        self.canvas.clear()
        with self.canvas:
            self.paint()

    def paint(self) -> None:
        """On the canvas, which is empty."""


class WeekBars(SmallChart):
    """bars: of (whole, part, label). The part is the filled one; above the highest stands its figure."""

    bars = ListProperty()
    figures = ListProperty()  # as text, one a bar

    def on_bars(self, *_args: object) -> None:
        self.draw()

    def paint(self) -> None:
        palette, font = self.look.palette, dp(min(self.look.small, 18.0))
        foot, head = font * 1.6, font * 1.6
        most = max((whole for whole, _, _ in self.bars), default=0.0) or 1.0
        share = self.width / max(len(self.bars), 1)
        width, room = share * (1 - SPACE), self.height - foot - head
        for at, (whole, part, label) in enumerate(self.bars):
            x, y = self.x + share * at + share * SPACE / 2, self.y + foot
            height = max(room * whole / most, dp(LEAST_DP))
            Color(*palette.accent.faded(0.28))
            RoundedRectangle(pos=(x, y), size=(width, height), radius=[min(dp(5), height / 2)])
            if part > 0:
                Color(*palette.accent)
                filled = max(height * min(part / whole, 1.0), dp(LEAST_DP))
                RoundedRectangle(pos=(x, y), size=(width, filled), radius=[min(dp(5), filled / 2)])
            if label:
                self._write(label, palette.quiet, font * 0.9, x + width / 2, self.y + foot * 0.45)
            if whole > 0 and self.figures:
                self._write(self.figures[at], palette.ink, font * 0.9, x + width / 2, y + height + head * 0.45)

    def _write(self, text: str, colour: tuple[float, ...], size: float, x: float, y: float) -> None:
        label = Text(text=text, font_size=size)
        label.refresh()
        Color(*colour)
        Rectangle(texture=label.texture, size=label.texture.size, pos=(round(x - label.width / 2), round(y - label.height / 2)))


class DefectDots(SmallChart):
    """filled dots with a tick, then hollow ones; as many lines as they need."""

    filled = NumericProperty(0)
    hollow = NumericProperty(0)

    def __init__(self, **kwargs: object) -> None:
        super().__init__(**kwargs)
        for name in ("filled", "hollow", "width"):
            self.fbind(name, self._measure)

    @property
    def in_a_row(self) -> int:
        return max(int(self.width // dp(30)), 1)

    def _measure(self, *_args: object) -> None:
        rows = -(-(self.filled + self.hollow) // self.in_a_row)
        self.height = rows * dp(30)
        self.draw()

    def paint(self) -> None:
        palette, size = self.look.palette, dp(22)
        for at in range(int(self.filled + self.hollow)):
            x = self.x + (at % self.in_a_row) * dp(30)
            y = self.y + self.height - (at // self.in_a_row + 1) * dp(30) + dp(4)
            if at < self.filled:
                Color(*palette.good)
                SmoothEllipse(pos=(x, y), size=(size, size))
                Color(*palette.on_good)
                tick = (x + size * 0.27, y + size * 0.5, x + size * 0.44, y + size * 0.33, x + size * 0.74, y + size * 0.66)
                SmoothLine(points=tick, width=dp(1.3))
            else:
                Color(*palette.trouble)
                SmoothLine(ellipse=(x + dp(1.5), y + dp(1.5), size - dp(3), size - dp(3)), width=dp(1.4))


Builder.load_file(str(Path(__file__).with_suffix(".kv")))
