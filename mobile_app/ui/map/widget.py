"""The map: moved by a finger, zoomed by two, a wheel, a double tap or buttons; what is tapped is told by `on_pick`.

It draws what `content` holds for the `view`, once a frame and only when something changed. Not responsible for what there
is to show, nor for what becomes of a tap.
"""

from __future__ import annotations

import time
from typing import Any

from kivy.clock import Clock
from kivy.metrics import dp
from kivy.properties import BooleanProperty, ColorProperty, NumericProperty, ObjectProperty
from kivy.uix.stencilview import StencilView

from mobile_app.ui.map import fling
from mobile_app.ui.map.content import Content, Own
from mobile_app.ui.map.groups import nearest
from mobile_app.ui.map.painter import Painter, Shown
from mobile_app.ui.map.view import Box, View, between, fitted, metres, world

TOUCH_DP = 48.0  # what a fingertip hits
SLOP_DP = 8.0  # a finger that moves less means a tap
BORDER_DP = 56.0  # left free around what is fitted: marks and buttons have room
MOVE_S = 0.28  # of a zoom by a button
WHEEL = 1.25
STEP = 2.0  # of a zoom button
NEAR_M = 900.0  # across the screen when going to where the phone is


class MapView(StencilView):
    """content: what there is. own: where the phone is, or None. chosen: the key of the mark that is lifted out."""

    content = ObjectProperty(Content())
    own = ObjectProperty(None, allownone=True)
    chosen = ObjectProperty(None, allownone=True)
    dark = BooleanProperty(False)
    scale = NumericProperty(1.0)  # of text
    sight = ObjectProperty(None, allownone=True)  # the view, None before there is room; for those who follow it
    background = ColorProperty()
    __events__ = ("on_pick",)
    clock = staticmethod(time.monotonic)  # of the fingers, s

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._painter = Painter(self.canvas)
        self._fingers: dict[int, tuple[float, float]] = {}
        self._finger, self._tap, self._glide = fling.Finger(), False, (0.0, 0.0)
        self._aim: tuple[View, View, float] | None = None
        self._wanted: tuple[float, float] | None = None  # a place to show; None: all there is
        self.untouched = True  # as long as nobody moved it, it goes on showing what it was told to
        self._frame = Clock.create_trigger(self._draw)
        self._moving = Clock.create_trigger(self._move, 0, interval=True)
        for name in ("content", "own", "chosen", "dark", "scale", "pos", "size", "sight"):
            self.fbind(name, self._frame)
        self.fbind("size", self._resize)
        self.fbind("content", self._see_untouched)
        self.fbind("own", self._see_untouched)

    @property
    def shown(self) -> list[Shown]:
        """What the pictures on the screen stand for."""
        return self._painter.shown

    def on_pick(self, key: Any) -> None:
        """A mark was tapped, or None: the ground. For those who bind it."""

    def fit(self, *_args: Any, animated: bool = True) -> None:
        """Shows all of the content; without any, where the phone is."""
        self._wanted, self.untouched = None, True
        self._see(animated)

    def find_me(self, *_args: Any, animated: bool = True) -> None:
        """Goes to where the phone is, near enough to see the street."""
        own: Own | None = self.own
        if own is not None:
            self.show_place(own.latitude, own.longitude, animated=animated)

    def show_place(self, latitude: float, longitude: float, *, animated: bool = False) -> None:
        """Goes there, as near as one stands in the street, or nearer if it is so already."""
        self._wanted, self.untouched = (latitude, longitude), True
        self._see(animated)

    def reveal(self, latitude: float, longitude: float, above: float = 0.0) -> None:
        """Moves a place into what is seen above so many px, and leaves it alone where it is there already."""
        if self.sight is None:
            return
        px, py = (float(one) for one in self.sight.screen(*world(latitude, longitude)))
        border = dp(BORDER_DP)
        low = min(above + border, self.height - border)
        dx = min(max(px, border), self.width - border) - px
        dy = min(max(py, low), max(self.height - border, low)) - py
        if abs(dx) + abs(dy) > 1:
            self._to(self.sight.panned(dx, dy), True)

    def zoom(self, factor: float, px: float | None = None, py: float | None = None) -> None:
        """About a point of the map (px from its lower left), or its middle."""
        self.untouched = False
        if self.sight is not None:
            start = self._aim[1] if self._aim else self.sight
            middle = (self.width / 2, self.height / 2) if px is None or py is None else (px, py)
            self._to(start.zoomed(factor, *middle), True)

    def closer(self) -> None:
        self.zoom(STEP)

    def further(self) -> None:
        self.zoom(1 / STEP)

    def on_touch_down(self, touch: Any) -> bool:
        if not self.collide_point(*touch.pos) or self.disabled:
            return False
        self.untouched = False
        if touch.is_mouse_scrolling:
            factor = {"scrolldown": WHEEL, "scrollup": 1 / WHEEL}.get(touch.button, 1.0)
            if self.sight is not None:
                self._rest()
                self.sight = self.sight.zoomed(factor, touch.x - self.x, touch.y - self.y)
            return True
        touch.grab(self)
        self._rest()
        self._fingers[touch.uid] = touch.pos
        self._tap = len(self._fingers) == 1
        self._finger = fling.Finger()
        self._finger.moved(self.clock(), *touch.pos)
        return True

    def on_touch_move(self, touch: Any) -> bool:
        if touch.grab_current is not self or touch.uid not in self._fingers or self.sight is None:
            return bool(touch.grab_current is self)
        if self._tap and abs(touch.x - touch.ox) + abs(touch.y - touch.oy) < dp(SLOP_DP):
            return True
        self._tap = False
        before = list(self._fingers.values())
        self._fingers[touch.uid] = touch.pos
        self.sight = _held(self.sight, before, list(self._fingers.values()), self.pos)
        self._finger.moved(self.clock(), *touch.pos)
        return True

    def on_touch_up(self, touch: Any) -> bool:
        if touch.grab_current is not self or self._fingers.pop(touch.uid, None) is None:
            return False
        touch.ungrab(self)
        if self._fingers:
            self._finger = fling.Finger()  # the hand that lifts after a pinch throws nothing
        elif self._tap:
            self._tapped(touch)
        else:
            self._glide = self._finger.speed(self.clock())
            if any(self._glide):
                self._moving()
        return True

    def _tapped(self, touch: Any) -> None:
        px, py = touch.x - self.x, touch.y - self.y
        found = nearest(*self._painter.shown_at, px, py, dp(TOUCH_DP) / 2)
        if found is None:
            if touch.is_double_tap:
                self.zoom(STEP, px, py)
            else:
                self.dispatch("on_pick", None)
            return
        meant = self._painter.shown[found]
        if len(meant.members) == 1 or meant.box is None:
            self.dispatch("on_pick", meant.key)
        else:
            self._open(meant.box, px, py)

    def _open(self, members: Box, px: float, py: float) -> None:
        """Shows the marks of a group apart."""
        there = fitted(members, self.width, self.height, min(dp(2 * BORDER_DP), self.width / 4))
        if self.sight is not None and there.scale < self.sight.scale * STEP:
            self.zoom(STEP, px, py)
        else:
            self._to(there, True)

    def _to(self, there: View, animated: bool) -> None:
        self._rest()
        if animated and self.sight is not None:
            self._aim = (self.sight, there, 0.0)
            self._moving()
        else:
            self.sight = there

    def _rest(self) -> None:
        """It stays where it is, by somebody's will."""
        self._moving.cancel()
        self._glide, self._aim = (0.0, 0.0), None

    def _move(self, took_s: float) -> bool:
        """One frame of gliding or of the way to where it shall be."""
        if self._aim is not None:
            begin, there, share = self._aim
            share = min(share + took_s / MOVE_S, 1.0)
            self._aim = (begin, there, share) if share < 1 else None
            self.sight = between(begin, there, 1 - (1 - share) ** 3) if share < 1 else there
        elif self.sight is not None:
            dx, dy, vx, vy = fling.glided(*self._glide, took_s)
            self._glide = vx, vy
            self.sight = self.sight.panned(dx, dy)
        if self._aim is None and not any(self._glide):
            self._moving.cancel()
            return False
        return True

    def _resize(self, *_args: Any) -> None:
        if self.sight is not None and self.width > 1:
            self.sight = self.sight.resized(self.width, self.height)
        self._see_untouched()

    def _see_untouched(self, *_args: Any) -> None:
        if self.untouched and self._aim is None:
            self._see(False)

    def _see(self, animated: bool) -> None:
        """What it was told to show, once there is room."""
        if self.width <= 1 or self.height <= 1:
            return
        place, box = self._wanted, self.content.box
        if place is None and box is None and self.own is not None:
            place = self.own.latitude, self.own.longitude
        if place is not None:
            self._to(self._near(*place), animated)
        elif box is not None:
            border = min(dp(BORDER_DP), self.width / 5, self.height / 5)
            self._to(fitted(box, self.width, self.height, border), animated)

    def _near(self, latitude: float, longitude: float) -> View:
        x, y = (float(one) for one in world(latitude, longitude))
        scale = self.width / NEAR_M * metres(y)
        if self.sight is not None:
            scale = max(scale, self.sight.scale)
        return View(x, y, scale, self.width, self.height)

    def forget_view(self) -> None:
        """The next content is of something else: it is shown anew."""
        self._rest()
        self.untouched, self._wanted, self.sight = True, None, None

    def _draw(self, *_args: Any) -> None:
        self._painter.paint(self)


def _held(view: View, before: list[tuple[float, float]], now: list[tuple[float, float]], origin: tuple[float, float]) -> View:
    """The view with what was under the fingers still under them; of more than two, the first two count."""
    (ax, ay), (bx, by) = before[0], now[0]
    if len(before) == 1:
        return view.panned(bx - ax, by - ay)
    (cx, cy), (dx, dy) = before[1], now[1]
    spread, spread_now = max(abs(complex(ax - cx, ay - cy)), 1.0), max(abs(complex(bx - dx, by - dy)), 1.0)
    middle = (bx + dx) / 2, (by + dy) / 2
    moved = view.panned(middle[0] - (ax + cx) / 2, middle[1] - (ay + cy) / 2)
    return moved.zoomed(spread_now / spread, middle[0] - origin[0], middle[1] - origin[1])
