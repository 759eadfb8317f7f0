"""What surrounds a map on a screen: its buttons, the pictures of marks, the plates words stand on."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from kivy.lang import Builder
from kivy.properties import BooleanProperty, NumericProperty, ObjectProperty, StringProperty
from kivy.uix.boxlayout import BoxLayout
from kivy.uix.floatlayout import FloatLayout
from kivy.uix.scrollview import ScrollView
from kivy.uix.widget import Widget

from mobile_app.ui.map import sprites
from mobile_app.ui.map.layers import texture_of
from mobile_app.ui.map.marks import picture
from mobile_app.ui.map.widget import MapView
from mobile_app.ui.widgets import Column, IconButton

__all__ = ["Atlas", "MapView", "MarkPicture", "Sheet"]


class MarkPicture(Widget):
    """A mark as it is on the map; sort and kind as in `sprites.number_of`."""

    sort = StringProperty("defect")
    kind = StringProperty("")

    def texture(self, sort: str, kind: str, height: float) -> Any:
        look, hollow = sprites.PICTURES[sprites.number_of(sort, kind)]
        return texture_of(picture, look, max(round(height), 1), hollow)


class MapButton(IconButton):
    """On the map, with a ground of its own."""


class MapButtons(Column):
    """Closer, further, all of it, and where the phone is."""

    map_view = ObjectProperty(None, allownone=True, rebind=True)


class Atlas(FloatLayout):
    """A `MapView` in the colours of the app, with its buttons; what is added to it lies above the map. `on_pick` as the map's."""

    view = ObjectProperty(None, allownone=True, rebind=True)
    __events__ = ("on_pick",)

    def on_pick(self, key: Any) -> None:
        """For those who bind it."""


class Hides:
    """Mixed into a layout: what is in it is there only while `show` is true, neither seen nor touched nor in the way else."""

    def __init__(self, **kwargs: Any) -> None:
        self._hidden: list[Any] = []
        super().__init__(**kwargs)

    def add_widget(self, widget: Any, *args: Any, **kwargs: Any) -> None:
        if self.show:  # type: ignore[attr-defined]
            super().add_widget(widget, *args, **kwargs)  # type: ignore[misc]
        else:
            self._hidden.append(widget)

    def on_show(self, *_args: Any) -> None:
        if self.show:  # type: ignore[attr-defined]
            shown, self._hidden = self._hidden, []
            for widget in shown:
                self.add_widget(widget)
        else:
            self._hidden = list(reversed(self.children))  # type: ignore[attr-defined]
            self.clear_widgets()  # type: ignore[attr-defined]


class Folded(Hides, Column):
    """A column that can be away."""

    show = BooleanProperty(False)


class Veil(Hides, BoxLayout):
    """A part of a screen that takes all the room, or none."""

    show = BooleanProperty(False)

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(size_hint_y=None, height=0, **kwargs)

    def on_show(self, *_args: Any) -> None:
        super().on_show()
        self.size_hint_y = 1 if self.show else None
        if not self.show:
            self.height = 0


class Sheet(ScrollView):
    """A card over the map, as high as what is in it, at most `most`; out of the way unless open."""

    open = BooleanProperty(False)
    most = NumericProperty(0)

    def add_widget(self, widget: Any, *args: Any, **kwargs: Any) -> None:
        """Into its column, once there is one."""
        if "column" in self.ids:
            self.ids.column.add_widget(widget, *args, **kwargs)
        else:
            super().add_widget(widget, *args, **kwargs)

    def on_touch_down(self, touch: Any) -> bool:
        """Nothing below it is touched, and nothing of it while it is shut."""
        if not self.open or not self.collide_point(*touch.pos):
            return False
        super().on_touch_down(touch)
        return True


Builder.load_file(str(Path(__file__).with_suffix(".kv")))
