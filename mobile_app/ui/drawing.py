"""Icons and pictures as widgets: smooth at any size, drawn once for each size and kept."""

from __future__ import annotations

from functools import cache
from typing import Any

from kivy.app import App
from kivy.graphics.texture import Texture
from kivy.properties import ColorProperty, StringProperty
from kivy.uix.widget import Widget

from mobile_app.ui import pictures
from mobile_app.ui.icons import GRID, ICONS
from mobile_app.ui.shapes import Point, Shape, coverage
from mobile_app.ui.theme import Palette


class Icon(Widget):
    """An icon by name, as large as the widget is high."""

    name = StringProperty("")
    color = ColorProperty("white")

    def picture(self, name: str, height: float) -> Any:
        """The texture to be tinted; None for no icon."""
        return masked(ICONS[name], GRID, max(round(height), 1)) if name else None


@cache
def masked(shapes: tuple[Shape, ...], grid: Point, height_px: int) -> Any:
    """A white texture that is opaque where the shapes are."""
    alpha = coverage(shapes, grid, height_px)[::-1]  # Kivy's first row is the lowest
    texture = Texture.create(size=alpha.shape[::-1], colorfmt="rgba")
    pixels = alpha.repeat(4).reshape(*alpha.shape, 4).copy()
    pixels[..., :3] = 255
    texture.blit_buffer(pixels.tobytes(), colorfmt="rgba", bufferfmt="ubyte")
    return texture


class Picture(Widget):
    """One of `pictures`, as wide as the widget."""

    name = StringProperty("")

    def picture(self, name: str, width: float) -> Any:
        """The texture; None for no picture."""
        palette = App.get_running_app().look.palette
        return _painted(name, palette, max(round(width / pictures.GRID[0] * pictures.GRID[1]), 1)) if name else None


@cache
def _painted(name: str, palette: Palette, height_px: int) -> Any:
    image = pictures.painted(name, palette, height_px)[::-1]
    texture = Texture.create(size=(image.shape[1], image.shape[0]), colorfmt="rgba")
    texture.blit_buffer(image.tobytes(), colorfmt="rgba", bufferfmt="ubyte")
    return texture
