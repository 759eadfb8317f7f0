"""How the screens look: two palettes that the colour-blind can tell apart, and sizes of text that grow to twice."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

TOUCH_DP = 48.0  # the least height and width of whatever is pressed: a fingertip in a car park
LARGEST_SCALE = 2.0  # of text; beyond it words no longer fit a phone's width
SCALES = (1.0, 1.3, 1.6, 2.0)  # on offer in the settings
FULLY_SCALED_SP = 18.0  # text larger than this is legible already: it grows, but not twofold


class Colour(NamedTuple):
    """Each 0 to 1."""

    red: float
    green: float
    blue: float
    alpha: float = 1.0

    def faded(self, alpha: float) -> Colour:
        return self._replace(alpha=alpha)


def colour(text: str) -> Colour:
    """From #rrggbb."""
    return Colour(*(int(text[at : at + 2], 16) / 255 for at in (1, 3, 5)))


@dataclass(frozen=True)
class Palette:
    """Colours by what they are for. Those of text have a contrast of 4.5 or more on what they stand on."""

    ground: Colour  # behind everything
    card: Colour  # what lies on the ground
    soft: Colour  # a quieter card, a pressed row
    line: Colour  # hairlines: decoration only
    edge: Colour  # around what can be pressed or filled in; contrast 3 on card
    ink: Colour  # text
    quiet: Colour  # lesser text
    accent: Colour  # what to press, what is chosen, the wave
    on_accent: Colour
    trouble: Colour  # what is wrong, and jolts
    on_trouble: Colour
    good: Colour  # recording, sent, fine
    on_good: Colour
    warn: Colour  # wants attention, is not wrong
    hill: Colour  # parts of pictures
    road: Colour
    tyre: Colour


# Blue, vermilion and bluish green after Okabe and Ito, darkened or lightened until they can be read as text.
LIGHT = Palette(
    ground=colour("#f1efe9"),
    card=colour("#ffffff"),
    soft=colour("#e9eef2"),
    line=colour("#e2e0da"),
    edge=colour("#7d8794"),
    ink=colour("#1f2a37"),
    quiet=colour("#55606e"),
    accent=colour("#0b5c95"),
    on_accent=colour("#ffffff"),
    trouble=colour("#a63a00"),
    on_trouble=colour("#ffffff"),
    good=colour("#00664b"),
    on_good=colour("#ffffff"),
    warn=colour("#7a5200"),
    hill=colour("#cfe3d8"),
    road=colour("#5b6675"),
    tyre=colour("#1f2a37"),
)
DARK = Palette(
    ground=colour("#14191f"),
    card=colour("#1f2730"),
    soft=colour("#2b3540"),
    line=colour("#343d48"),
    edge=colour("#8793a1"),
    ink=colour("#f2f4f7"),
    quiet=colour("#aeb9c6"),
    accent=colour("#6db8ee"),
    on_accent=colour("#0c1722"),
    trouble=colour("#ffa26b"),
    on_trouble=colour("#2a1000"),
    good=colour("#58c9a3"),
    on_good=colour("#04231a"),
    warn=colour("#f0c462"),
    hill=colour("#2a4a41"),
    road=colour("#4a5563"),
    tyre=colour("#0b0f14"),
)


@dataclass(frozen=True)
class Look:
    """What a widget needs to draw itself. scale: of text, 1 to 2, the phone's own setting and ours together.

    Sizes are in dp with the scale in them: `dp(app.look.body)` in a .kv file is what sp would be.
    """

    palette: Palette = LIGHT
    scale: float = 1.0

    @property
    def dark(self) -> bool:
        return self.palette is DARK

    @property
    def title(self) -> float:
        return scaled(24.0, self.scale)

    @property
    def heading(self) -> float:
        return scaled(18.0, self.scale)

    @property
    def body(self) -> float:
        return scaled(16.0, self.scale)

    @property
    def small(self) -> float:
        return scaled(14.0, self.scale)

    @property
    def figure(self) -> float:
        """A number that is the point of its card."""
        return scaled(32.0, self.scale)

    @property
    def huge(self) -> float:
        """The one number of a screen."""
        return scaled(60.0, self.scale)

    @property
    def icon(self) -> float:
        """Beside text: it grows by half as much."""
        return 24.0 * (1.0 + (self.scale - 1.0) / 2)

    @property
    def tab(self) -> float:
        """Below the icons of the bottom bar, five of which share the width: they grow by a third and no more."""
        return scaled(12.0, min(self.scale, 1.3))


def look(theme: str, scale: float, *, system_dark: bool, system_scale: float) -> Look:
    """By what was chosen (`choices`) and what the phone is set to."""
    dark = theme == "dark" or (theme == "system" and system_dark)
    return Look(DARK if dark else LIGHT, min(max(scale * system_scale, 1.0), LARGEST_SCALE))


def scaled(size_sp: float, scale: float) -> float:
    """Small text grows by the whole scale; what is large already by less, as Android 14 does, so that words stay whole."""
    return size_sp * (1.0 + (scale - 1.0) * min(1.0, FULLY_SCALED_SP / size_sp))


def contrast(one: Colour, other: Colour) -> float:
    """Between two opaque colours, 1 to 21 (WCAG 2.2)."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(of: Colour) -> float:
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in of[:3])
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
