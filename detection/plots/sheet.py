"""The figure that `draw_…` return: notebooks show it as the last value of a cell, whether or not pyplot is in use.

The one module that needs matplotlib to be imported; only imported once something is drawn.
"""

from __future__ import annotations

from io import BytesIO

from matplotlib.figure import Figure


class Sheet(Figure):
    """A Figure that can show itself."""

    def _repr_png_(self) -> bytes:
        """What Jupyter asks for; it does so by itself only after pyplot has drawn something."""
        image = BytesIO()
        self.savefig(image, format="png")
        return image.getvalue()
