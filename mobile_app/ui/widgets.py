"""The few widgets that all screens are made of; their looks are in widgets.kv.

Whatever can be pressed is a `Touchable`: at least 48 dp in both directions, darker while it is held.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from kivy.app import App
from kivy.lang import Builder
from kivy.properties import (
    BooleanProperty,
    ColorProperty,
    ListProperty,
    NumericProperty,
    ObjectProperty,
    StringProperty,
    VariableListProperty,
)
from kivy.uix.behaviors import ButtonBehavior
from kivy.uix.boxlayout import BoxLayout
from kivy.uix.floatlayout import FloatLayout
from kivy.uix.label import Label
from kivy.uix.layout import Layout
from kivy.uix.scrollview import ScrollView
from kivy.uix.stacklayout import StackLayout
from kivy.uix.textinput import TextInput
from kivy.uix.widget import Widget

from mobile_app.ui import drawing
from mobile_app.ui.navigation import TABS
from mobile_app.ui.theme import Palette
from mobile_app.ui.words import _

__all__ = ["drawing"]  # Icon is used by the rules


class Touchable(ButtonBehavior):
    """Mixed into whatever is pressed. `on_release` is what happens."""


class Shell(FloatLayout):
    """The whole window: a page, the bottom bar below it, a passing word over both."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._body = BoxLayout(orientation="vertical")
        self._word: Passing | None = None
        self.add_widget(self._body)

    def show(self, page: Widget, tabs: Widget | None) -> None:
        self._body.clear_widgets()
        self._body.add_widget(page)
        if tabs is not None:
            self._body.add_widget(tabs)

    def say(self, text: str) -> None:
        """ "": nothing any more."""
        if self._word is not None:
            self.remove_widget(self._word)
        self._word = Passing(text=text) if text else None
        if self._word is not None:
            self.add_widget(self._word)


class Passing(Label):
    """A word that goes by itself."""


class Words(Label):
    """Text that wraps and is as high as it needs to be. Its kinds: Title, Heading, Quiet (widgets.kv)."""


class Column(Layout):
    """One below the other, as high as they are together. Unlike Kivy's box it leaves no gap for what has no height."""

    spacing = NumericProperty(0)
    padding = VariableListProperty([0, 0, 0, 0])  # left, top, right, bottom
    minimum_height = NumericProperty(0)

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        for name in ("children", "size", "pos", "spacing", "padding"):
            self.fbind(name, self._trigger_layout)

    def do_layout(self, *_args: Any) -> None:
        shown = [child for child in reversed(self.children) if child.height > 0]
        left, top, right, bottom = self.padding
        self.minimum_height = top + bottom + sum(child.height for child in shown) + self.spacing * max(len(shown) - 1, 0)
        y, room = self.top - top, self.width - left - right
        for child in reversed(self.children):
            if child.size_hint_x is not None:
                child.width = room * child.size_hint_x
            centred = "center_x" in child.pos_hint
            child.x = self.x + left + ((room - child.width) * child.pos_hint["center_x"] if centred else 0)
            child.y = y - child.height
            y -= child.height + self.spacing if child.height > 0 else 0


class Row(BoxLayout):
    """One beside the other, as high as the highest. `Push` takes the room that is left."""


class Told(Row):
    """A sentence or two with an icon before it."""

    icon = StringProperty("")
    heading = StringProperty("")
    text = StringProperty("")
    tint = ColorProperty("white")
    level = BooleanProperty(False)  # its parts at one height, not at its top: where it is one line with a button


class Card(Column):
    """What belongs together, on a ground of its own."""

    fill = ColorProperty("white")


class Scroll(ScrollView):
    """The part of a screen that moves. Takes one `Column`."""


class Field(TextInput):
    """One line to write in."""


class TextButton(Touchable, Label):
    """A button with words. kind: primary (the one thing to do), plain, danger, or quiet (words only)."""

    kind = StringProperty("plain")
    icon = StringProperty("")

    def paint(self, palette: Palette, kind: str, state: str) -> tuple[Any, Any, Any]:
        """Of the ground, the words and the edge."""
        held = 0.8 if state == "down" else 1.0
        if kind == "primary":
            return palette.accent.faded(held), palette.on_accent, palette.accent.faded(0.0)
        if kind == "danger":
            return palette.trouble.faded(held), palette.on_trouble, palette.trouble.faded(0.0)
        ground = palette.soft if state == "down" else palette.card
        if kind == "quiet":
            return ground.faded(float(state == "down")), palette.accent, palette.accent.faded(0.0)
        return ground, palette.accent, palette.edge


class IconButton(Touchable, Widget):
    """A button with an icon only; `says` is its name for those who cannot see it, and for tests."""

    icon = StringProperty("")
    says = StringProperty("")


class OnOff(Touchable, BoxLayout):
    """A row with an on and an off. The whole row is pressed; `on_release` is to change what `active` shows."""

    text = StringProperty("")
    more = StringProperty("")  # a smaller line below
    icon = StringProperty("")
    active = BooleanProperty(False)


class Link(Touchable, BoxLayout):
    """A row that leads somewhere."""

    text = StringProperty("")
    more = StringProperty("")
    icon = StringProperty("")


class Chip(Touchable, Label):
    """One of a few values to choose from; see `Options`."""

    chosen = BooleanProperty(False)
    value = ObjectProperty(None)


class Options(StackLayout):
    """Values to choose one from, as chips that flow over as many lines as they need. `on_pick(value)`."""

    options = ListProperty()  # of (value, text)
    value = ObjectProperty(None, allownone=True)
    __events__ = ("on_pick",)

    def on_options(self, *_args: Any) -> None:
        self.clear_widgets()
        for value, text in self.options:
            chip = Chip(text=text, value=value, chosen=value == self.value)
            chip.bind(on_release=lambda pressed: self.dispatch("on_pick", pressed.value))
            self.add_widget(chip)

    def on_value(self, *_args: Any) -> None:
        for chip in self.children:
            chip.chosen = chip.value == self.value

    def on_pick(self, value: Any) -> None:
        """For those who bind it."""


class Bar(BoxLayout):
    """The head of a screen: its title, and the way back where it is not a tab."""

    title = StringProperty("")
    leads_back = BooleanProperty(False)

    def on_leads_back(self, *_args: Any) -> None:
        if self.leads_back and not isinstance(self.children[-1], IconButton):
            button = IconButton(icon="back", says=_("Back"), pos_hint={"center_y": 0.5})
            button.bind(on_release=lambda _pressed: App.get_running_app().back())
            self.add_widget(button, index=len(self.children))
        elif not self.leads_back and isinstance(self.children[-1], IconButton):
            self.remove_widget(self.children[-1])


class Tab(Touchable, BoxLayout):
    name = StringProperty("")
    text = StringProperty("")
    icon = StringProperty("")
    chosen = BooleanProperty(False)


class Tabs(BoxLayout):
    """The bottom bar."""

    chosen = StringProperty("")

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        for place in TABS:
            tab = Tab(name=place.name, text=_(place.title), icon=place.icon)
            tab.bind(on_release=lambda pressed: App.get_running_app().go(pressed.name))
            self.add_widget(tab)
        self.on_chosen()

    def on_chosen(self, *_args: Any) -> None:
        for tab in self.children:
            tab.chosen = tab.name == self.chosen


Builder.load_file(str(Path(__file__).with_suffix(".kv")))
