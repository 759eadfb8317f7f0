"""Draws a `MapView`: ground, squares, streets, ways, marks, the phone itself, scale bar and north."""

from __future__ import annotations

from collections.abc import Hashable
from functools import cache
from typing import Any, NamedTuple

import numpy as np
from kivy.core.text import Label as Text
from kivy.graphics import Color, Ellipse, InstructionGroup, Line, PopMatrix, PushMatrix, Rectangle, Rotate, Translate
from kivy.metrics import dp
from numpy.typing import NDArray

from mobile_app.ui.map import lines, ruler, sprites
from mobile_app.ui.map.colours import BY_DAY, BY_NIGHT, MapColours
from mobile_app.ui.map.content import Content, Marks
from mobile_app.ui.map.groups import Groups, grouped, inside, square
from mobile_app.ui.map.layers import Layer, texture_of
from mobile_app.ui.map.marks import beam, disc, hatch, needle
from mobile_app.ui.map.squares import CORNERS, fans, outline
from mobile_app.ui.map.view import Array, Box, View, box_of, metres, world

GROUP_DP = 52.0  # width of the squares whose marks are drawn as one: two of their pictures do not touch
CLOSE_M = 0.5  # a square smaller than this on the ground gathers nothing: each mark is shown …
APART = 1e-12  # … in a square of its own
LIFTED = 1.3  # times larger is the mark that is chosen
LARGEST_DP = 44.0  # of a picture; the sheet is drawn at this size
STREET_M, LEAST_STREET_DP, MOST_STREET_DP = 9.0, 1.5, 14.0
CASED_DP = 2.5
WAY_DP = 4.0
MARGIN_DP = 48.0  # beyond the edges: pictures and strokes reach into the screen from there
HATCH_DP = 9.0
BAR_DP = 92.0
_COLUMNS = ("x", "y", "weight", "picture", "size")


class Shown(NamedTuple):
    """What a picture stands for: a mark of these, or several."""

    of: Marks
    members: NDArray[np.intp]  # the weightiest first

    @property
    def key(self) -> Hashable:
        return self.of.keys[int(self.members[0])]

    @property
    def box(self) -> Box | None:
        """Around all of them."""
        return box_of(self.of.x[self.members], self.of.y[self.members])


class Painter:
    """shown: what each picture stands for; shown_at: the pixels of their middles."""

    def __init__(self, canvas: Any) -> None:
        self.shown: list[Shown] = []
        self.shown_at: tuple[Array, Array] = (np.empty(0), np.empty(0))
        self._crowd: Marks | None = None
        self._groups: dict[float, tuple[Groups, Marks]] = {}
        self._dark: bool | None = None
        with canvas:
            PushMatrix()
            self._place = Translate()
            self._all = InstructionGroup()
            PopMatrix()

    def paint(self, map_view: Any) -> None:
        view: View | None = map_view.sight
        self._place.xy = map_view.pos
        if map_view.dark is not self._dark:
            self._lay_out(BY_NIGHT if map_view.dark else BY_DAY)
            self._dark = map_view.dark
        self._ground.size = map_view.size
        if view is None:
            return
        content: Content = map_view.content
        near = view.box.grown(dp(MARGIN_DP) / view.scale)
        self._draw_squares(content, view)
        self._draw_lines(content, view, near)
        self._draw_marks(content, view, near, map_view.chosen)
        self._draw_own(map_view.own, view)
        self._draw_ruler(view, map_view.scale)

    def _lay_out(self, colours: MapColours) -> None:
        """All instructions, from the ground up."""
        self._colours = colours
        self._all.clear()
        self._all.add(Color(*colours.ground))
        self._ground = Rectangle()
        self._all.add(self._ground)
        self._held_edge = self._layer(colours.held_edge)
        self._held = self._layer(colours.held)
        self._hatching = self._layer(colours.hatching, texture_of(hatch, round(dp(HATCH_DP)), dp(1.2), repeat=True))
        self._casing, self._street = self._layer(colours.casing), self._layer(colours.street)
        self._way_edge, self._way = self._layer(colours.way_edge), self._layer(colours.way)
        self._halo = self._layer(colours.halo)
        self._marks = self._layer((1, 1, 1, 1), texture_of(sprites.sheet, round(dp(LARGEST_DP))))
        self._numbers, self._own, self._ruler = InstructionGroup(), InstructionGroup(), InstructionGroup()
        for group in (self._numbers, self._own, self._ruler):
            self._all.add(group)

    def _layer(self, colour: tuple[float, ...], texture: Any = None) -> Layer:
        layer = Layer(colour, texture)
        self._all.add(layer.group)
        return layer

    def _draw_squares(self, content: Content, view: View) -> None:
        outlines = [np.column_stack(view.screen(*outline(one))) for one in content.squares]
        seen = [one for one in outlines if _meets(one, view)]
        shapes = np.array(seen) if seen else np.empty((0, CORNERS, 2))
        origin = tuple(float(one) for one in view.screen(*_anchor(content, view)))
        self._held.draw(*fans(shapes, 1.0, (0.0, 0.0)), CORNERS)
        self._hatching.draw(*fans(shapes, round(dp(HATCH_DP)), (origin[0], origin[1])), CORNERS)
        closed = np.concatenate((shapes, np.roll(shapes, -1, axis=1)), axis=2).reshape(-1, 4)
        self._stroke(self._held_edge, closed, dp(1.2))

    def _draw_lines(self, content: Content, view: View, near: Box) -> None:
        street = min(max(STREET_M / view.metres_per_px, dp(LEAST_STREET_DP)), dp(MOST_STREET_DP)) / 2
        found = _on_screen(content.streets, view, near)
        cased = found if street > dp(CASED_DP) / 2 else found[:0]  # thin lines with edges are a grey mass
        self._stroke(self._casing, cased, street + dp(1.0))
        self._stroke(self._street, found, street)
        found = _on_screen(content.ways, view, near)
        self._stroke(self._way_edge, found, dp(WAY_DP / 2 + 1.5))
        self._stroke(self._way, found, dp(WAY_DP / 2))

    def _stroke(self, layer: Layer, stretches: Array, half_width: float) -> None:
        half_width = max(round(half_width * 4) / 4, 0.5)  # few widths, as each has its picture
        texture = texture_of(disc, half_width)
        layer.show(texture)
        layer.draw(*lines.strokes(stretches, texture.width / 2), lines.CORNERS)

    def _draw_marks(self, content: Content, view: View, near: Box, chosen: Hashable) -> None:
        groups, crowd = self._gathered(content.crowd, view)
        at, alone = inside(crowd.x, crowd.y, near), inside(content.marks.x, content.marks.y, near)
        shown = [Shown(content.crowd, groups.members(int(one))) for one in at]
        shown += [Shown(content.marks, alone[[one]]) for one in range(len(alone))]
        every = {name: np.concatenate((getattr(crowd, name)[at], getattr(content.marks, name)[alone])) for name in _COLUMNS}
        lifted = np.array([chosen is not None and len(one.members) == 1 and one.key == chosen for one in shown], dtype=bool)
        order = np.lexsort((every["weight"], lifted))
        self.shown, lifted = [shown[one] for one in order], lifted[order]
        px, py = view.screen(every["x"][order], every["y"][order])
        pictures, size = every["picture"][order], every["size"][order] * dp(1) * np.where(lifted, LIFTED, 1.0)
        up = py + sprites.raised(pictures, size)
        self.shown_at = px, up
        self._marks.draw(*sprites.quads(px, py, size, pictures), 4)
        self._draw_halo(px[lifted], up[lifted], size[lifted])
        self._draw_numbers(px, py)

    def _gathered(self, crowd: Marks, view: View) -> tuple[Groups, Marks]:
        """The crowd at this scale, and how its groups are drawn; worked out once for each step of the scale."""
        width = square(view.scale, dp(GROUP_DP))
        if width * metres(view.y) < CLOSE_M:
            width = APART
        if self._crowd is not crowd:
            self._crowd, self._groups = crowd, {}
        if width not in self._groups:
            self._groups[width] = _gather(crowd, width)
        return self._groups[width]

    def _draw_halo(self, px: Array, py: Array, size: Array) -> None:
        stretches = np.column_stack((px, py, px, py))
        self._stroke(self._halo, stretches, float(size.max()) / 2 + dp(2.5) if len(size) else 1.0)

    def _draw_numbers(self, px: Array, py: Array) -> None:
        self._numbers.clear()
        self._numbers.add(Color(1, 1, 1, 1))
        for one, x, y in zip(self.shown, px, py, strict=True):
            if len(one.members) > 1:
                texture = _words(str(len(one.members)), dp(13))
                self._numbers.add(Rectangle(texture=texture, size=texture.size, pos=_middle(texture, x, y)))

    def _draw_own(self, own: Any, view: View) -> None:
        self._own.clear()
        if own is None:
            return
        x, y = world(own.latitude, own.longitude)
        px, py = (float(one) for one in view.screen(x, y))
        if own.accuracy_m:
            reach = min(own.accuracy_m / metres(float(y)) * view.scale, 4 * max(view.width, view.height))
            self._own.add(Color(*self._colours.own.faded(0.16)))
            self._own.add(Ellipse(pos=(px - reach, py - reach), size=(2 * reach, 2 * reach), segments=72))
            self._own.add(Color(*self._colours.own.faded(0.5)))
            self._own.add(Line(circle=(px, py, reach, 0, 360, 72), width=dp(0.6)))
        if own.heading is not None:
            texture = texture_of(beam, round(dp(64)))
            self._own.add(PushMatrix())
            self._own.add(Rotate(angle=-own.heading, origin=(px, py)))
            self._own.add(Color(*self._colours.own))
            self._own.add(Rectangle(texture=texture, size=texture.size, pos=_middle(texture, px, py)))
            self._own.add(PopMatrix())
        for colour, radius in ((self._colours.own_edge, dp(10)), (self._colours.own, dp(7))):
            texture = texture_of(disc, round(radius))
            self._own.add(Color(*colour))
            self._own.add(Rectangle(texture=texture, size=texture.size, pos=_middle(texture, px, py)))

    def _draw_ruler(self, view: View, text_scale: float) -> None:
        length_m, length_px = ruler.bar(view.metres_per_px, min(dp(BAR_DP), view.width / 3))
        label, north = _words(ruler.length_words(length_m), dp(12) * min(text_scale, 1.6)), texture_of(needle, round(dp(22)))
        height = label.height + dp(12)
        width = max(length_px, label.width) + dp(26) + north.width
        left, bottom, inset = dp(10), dp(10), dp(8)
        base = bottom + dp(6)
        points = [
            left + inset,
            base + dp(5),
            left + inset,
            base,
            left + inset + length_px,
            base,
            left + inset + length_px,
            base + dp(5),
        ]
        self._ruler.clear()
        self._ruler.add(Color(*self._colours.plate))
        self._ruler.add(Rectangle(pos=(left, bottom), size=(width, height)))
        self._ruler.add(Color(*self._colours.words))
        self._ruler.add(Line(points=points, width=dp(0.9), cap="none"))
        self._ruler.add(Rectangle(texture=label, size=label.size, pos=(left + inset + dp(4), base + dp(3))))
        at = left + width - dp(6) - north.width / 2, bottom + height / 2
        self._ruler.add(Rectangle(texture=north, size=north.size, pos=_middle(north, *at)))


def _on_screen(of: lines.Lines, view: View, near: Box) -> Array:
    """The stretches in px that are seen."""
    found = lines.seen(of.at_scale(view.scale), near)
    return np.column_stack(
        ((found[:, 0::2] - view.x) * view.scale + view.width / 2, (found[:, 1::2] - view.y) * view.scale + view.height / 2)
    )[:, [0, 2, 1, 3]]


def _meets(outline_px: Array, view: View) -> bool:
    low, high = outline_px.min(axis=0), outline_px.max(axis=0)
    return bool(low[0] <= view.width and high[0] >= 0 and low[1] <= view.height and high[1] >= 0)


def _anchor(content: Content, view: View) -> tuple[float, float]:
    """A place that hatching stays with."""
    if not content.squares:
        return view.x, view.y
    x, y = outline(content.squares[0])
    return float(x[0]), float(y[0])


def _gather(crowd: Marks, width: float) -> tuple[Groups, Marks]:
    """Groups, and the pictures that stand for them."""
    groups = grouped(crowd.x, crowd.y, crowd.weight, width)
    several = groups.count > 1
    picture = np.where(several, sprites.number_of("group"), crowd.picture[groups.leader])
    size = np.where(several, np.minimum(26.0 + 3.0 * np.log2(groups.count), LARGEST_DP), crowd.size[groups.leader])
    weight = np.where(several, crowd.weight.max(initial=0.0) + groups.count, crowd.weight[groups.leader])
    return groups, Marks(groups.x, groups.y, weight, picture.astype(np.intp), size, ())


@cache
def _words(text: str, size_px: float) -> Any:
    """A white texture of a short text."""
    label = Text(text=text, font_size=size_px, bold=True)
    label.refresh()
    return label.texture


def _middle(texture: Any, x: float, y: float) -> tuple[int, int]:
    """Where to put a texture so that it stands around a point, on whole pixels: sharp."""
    return round(x - texture.width / 2), round(y - texture.height / 2)
