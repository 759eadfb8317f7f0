"""What kivy is told to draw: meshes whose corners are replaced as a whole when the map moves."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
from kivy.graphics import Color, InstructionGroup, Mesh
from kivy.graphics.texture import Texture
from numpy.typing import NDArray

MOST = 65_535  # corners of a mesh, and points of its triangles: both are counted in 16 bits


class Layer:
    """One colour and one picture. Its group is to be put on a canvas once."""

    def __init__(self, colour: tuple[float, ...] = (1, 1, 1, 1), picture: Any = None) -> None:
        self.group = InstructionGroup()
        self.colour = Color(*colour)
        self.group.add(self.colour)
        self._picture, self._meshes = picture, list[Mesh]()

    def draw(self, corners: NDArray[np.float32], triangles: NDArray[np.uint16], per_thing: int) -> None:
        """Instead of what was drawn. per_thing: corners of each thing; as many of them as fit go into one mesh."""
        count = len(corners) // per_thing
        indices = len(triangles) // count if count else 1  # of each thing
        most = min(MOST // per_thing, MOST // indices)
        parts = range(0, count, most)
        self._have(len(parts))
        for mesh, begin in zip(self._meshes, parts, strict=False):
            ended = min(begin + most, count)
            mesh.vertices = corners[begin * per_thing : ended * per_thing].ravel()
            mesh.indices = triangles[: (ended - begin) * indices]  # counted from the part's own first corner
        for mesh in self._meshes[len(parts) :]:
            mesh.indices = []

    def show(self, picture: Any) -> None:
        """Another picture from now on."""
        self._picture = picture
        for mesh in self._meshes:
            mesh.texture = picture

    def _have(self, count: int) -> None:
        while len(self._meshes) < count:
            mesh = Mesh(mode="triangles")
            if self._picture is not None:
                mesh.texture = self._picture
            self._meshes.append(mesh)
            self.group.add(mesh)


@cache
def texture_of(maker: Any, *arguments: Any, repeat: bool = False) -> Any:
    """The texture of a picture that a function draws (RGBA, its first row the highest), made once."""
    pixels = maker(*arguments)
    texture = Texture.create(size=(pixels.shape[1], pixels.shape[0]), colorfmt="rgba")
    texture.blit_buffer(np.ascontiguousarray(pixels[::-1]).tobytes(), colorfmt="rgba", bufferfmt="ubyte")
    texture.mag_filter = texture.min_filter = "linear"
    if repeat:
        texture.wrap = "repeat"
    return texture
