"""The strip chart: one mesh for the line, one for its ground, a dot for each jolt, all updated where they are."""

from __future__ import annotations

from typing import Any

import numpy as np
from kivy.app import App
from kivy.core.text import Label as Text
from kivy.graphics import Color, InstructionGroup, Mesh, Rectangle, StencilPop, StencilPush, StencilUnUse, StencilUse
from kivy.graphics.texture import Texture
from kivy.metrics import dp
from kivy.uix.widget import Widget

from mobile_app.ring import RATE_HZ
from mobile_app.ui import strip, words
from mobile_app.ui.drawing import masked
from mobile_app.ui.shapes import disc
from mobile_app.ui.words import _

MOST_JOLTS = 24  # in sight; as many dots are made once
LINE_DP = 1.8
_NOTHING = np.full(2, -9.0, np.float32)
_DOT = (disc(8, 8, 7.5),)


class Chart(Widget):
    """Vertical acceleration of the last `strip.SPAN_S`, newest at the right."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._range = strip.RANGES_MPS2[0]
        self._drawn: tuple[Any, ...] = ()
        palette = App.get_running_app().look.palette
        edge = Texture.create(size=(1, 32), colorfmt="rgba")
        edge.blit_buffer(strip.edge_alpha(dp(LINE_DP)), colorfmt="rgba", bufferfmt="ubyte")
        longest = int(strip.SPAN_S * RATE_HZ) + 4
        self._grid = InstructionGroup()
        self._ground, self._line = Mesh(mode="triangle_strip"), Mesh(mode="triangle_strip", texture=edge)
        self._indices = list(range(2 * longest))
        self._dots: list[tuple[Rectangle, Rectangle]] = []
        with self.canvas:
            self.canvas.add(self._grid)
            StencilPush()
            self._window = Rectangle()
            StencilUse()
            Color(*palette.accent.faded(0.16))
            self.canvas.add(self._ground)
            Color(*palette.accent)
            self.canvas.add(self._line)
            ring, core = masked(_DOT, (16.0, 16.0), round(dp(15))), masked(_DOT, (16.0, 16.0), round(dp(11)))
            for _number in range(MOST_JOLTS):
                Color(*palette.card)
                outer = Rectangle(texture=ring, size=(0, 0))
                Color(*palette.trouble)
                self._dots.append((outer, Rectangle(texture=core, size=(0, 0))))
            StencilUnUse()
            self._unmask = Rectangle()
            StencilPop()

    def draw(self, seen: strip.Strip) -> None:
        """A frame."""
        self._range = strip.range_of(seen.values, self._range)
        self._draw_grid()
        middle, unit = self.center_y, self.height / 2 / self._range
        x = self.x + seen.x * self.width
        y = np.asarray(middle + np.clip(seen.values, -self._range, self._range) * unit, np.float32)
        if len(x) < 2:
            x, y = _NOTHING, _NOTHING  # Kivy takes no empty mesh
        indices = self._indices[: 2 * len(x)]
        self._ground.vertices, self._ground.indices = strip.ground_vertices(x, y, middle), indices
        self._line.vertices, self._line.indices = strip.line_vertices(x, y, dp(LINE_DP)), indices
        for number, (outer, inner) in enumerate(self._dots):
            shown = number < len(seen.jolts)
            for dot, size in ((outer, dp(15)), (inner, dp(11))):
                dot.size = (size, size) if shown else (0, 0)
                if shown:
                    at = seen.jolts[number]
                    dot.pos = float(x[at]) - size / 2, float(y[at]) - size / 2

    def _draw_grid(self) -> None:
        """Lines and their numbers; anew only when the size, the range or the language is another."""
        now = (*self.pos, *self.size, self._range, words.language())
        if now == self._drawn:
            return
        self._drawn = now
        look = App.get_running_app().look
        self._grid.clear()
        self._window.pos = self._unmask.pos = self.pos
        self._window.size = self._unmask.size = self.size
        for share in (-0.5, 0.0, 0.5):
            y = round(self.center_y + share * self.height / 2)
            self._grid.add(Color(*(look.palette.edge if share == 0 else look.palette.line)))
            self._grid.add(Rectangle(pos=(self.x, y), size=(self.width, max(1, round(dp(1))))))
            if share:
                self._write(words.number(share * self._range), self.x, y + dp(2), look)
        for share, said in ((0.0, _("{count}\u00a0s ago").format(count=words.number(strip.SPAN_S))), (1.0, _("now"))):
            self._write(said, self.x + share * self.width, self.y - dp(4) - dp(look.small) * 1.3, look, to_left=bool(share))

    def _write(self, said: str, x: float, y: float, look: Any, to_left: bool = False) -> None:
        text = Text(text=said, font_size=dp(look.small if to_left or "s" in said else look.tab))
        text.refresh()
        self._grid.add(Color(*look.palette.quiet))
        width, height = text.texture.size
        self._grid.add(Rectangle(texture=text.texture, pos=(round(x - width if to_left else x), round(y)), size=(width, height)))
