"""Palettes that can be read, told apart by everybody, and text that grows."""

from __future__ import annotations

import itertools

import pytest

from mobile_app.ui.theme import DARK, LARGEST_SCALE, LIGHT, SCALES, Colour, Look, colour, contrast, look, scaled

PALETTES = pytest.mark.parametrize("palette", [LIGHT, DARK], ids=["light", "dark"])
TEXTS = [
    *itertools.product(("ink", "quiet"), ("ground", "card", "soft")),
    *itertools.product(("accent", "trouble", "good", "warn"), ("ground", "card", "soft")),
    ("on_accent", "accent"),
    ("on_trouble", "trouble"),
    ("on_good", "good"),
    ("card", "ink"),  # the passing word
]
# how people without one of the three cones see, linear RGB (Viénot, Brettel and Mollon, 1999)
BLINDNESSES = {
    "protanopia": ((0.11238, 0.88762, 0.0), (0.11238, 0.88762, 0.0), (0.00401, -0.00401, 1.0)),
    "deuteranopia": ((0.29275, 0.70725, 0.0), (0.29275, 0.70725, 0.0), (-0.02234, 0.02234, 1.0)),
}


def test_contrast_is_that_of_wcag() -> None:
    assert contrast(colour("#000000"), colour("#ffffff")) == pytest.approx(21.0)
    assert contrast(colour("#777777"), colour("#ffffff")) == pytest.approx(4.48, abs=0.01)
    assert contrast(colour("#ffffff"), colour("#ffffff")) == 1.0


@PALETTES
@pytest.mark.parametrize(("text", "ground"), TEXTS)
def test_text_has_a_contrast_of_four_and_a_half(palette, text, ground) -> None:
    assert contrast(getattr(palette, text), getattr(palette, ground)) >= 4.5


@PALETTES
@pytest.mark.parametrize("ground", ["card", "ground"])
def test_the_edge_of_what_can_be_pressed_has_a_contrast_of_three(palette, ground) -> None:
    assert contrast(palette.edge, getattr(palette, ground)) >= 3.0


@PALETTES
@pytest.mark.parametrize("blindness", BLINDNESSES)
@pytest.mark.parametrize(("one", "other"), [("accent", "trouble"), ("trouble", "good"), ("accent", "good")])
def test_the_colour_blind_tell_the_colours_with_a_meaning_apart(palette, blindness, one, other) -> None:
    seen = [_as_seen(getattr(palette, name), BLINDNESSES[blindness]) for name in (one, other)]
    apart = sum((a - b) ** 2 for a, b in zip(*seen, strict=True)) ** 0.5
    assert apart > 0.12, f"{one} and {other} look alike: {seen}"


def test_text_grows_to_twice_and_large_text_less() -> None:
    assert scaled(16.0, 2.0) == 32.0
    assert 60.0 < scaled(60.0, 2.0) < 90.0
    assert [scaled(16.0, scale) for scale in SCALES] == sorted(scaled(16.0, scale) for scale in SCALES)
    assert SCALES[-1] == LARGEST_SCALE


def test_the_phones_own_scale_and_ours_together_stay_within_twice() -> None:
    assert look("light", 1.6, system_dark=False, system_scale=1.25).scale == 2.0
    assert look("light", 2.0, system_dark=False, system_scale=2.0).scale == 2.0
    assert look("light", 0.1, system_dark=False, system_scale=1.0).scale == 1.0


@pytest.mark.parametrize(
    ("theme", "system_dark", "dark"),
    [("system", True, True), ("system", False, False), ("light", True, False), ("dark", False, True)],
)
def test_the_theme_is_the_chosen_one_or_the_phones(theme, system_dark, dark) -> None:
    assert look(theme, 1.0, system_dark=system_dark, system_scale=1.0).dark is dark


def test_sizes_have_an_order() -> None:
    for scale in SCALES:
        at = Look(scale=scale)
        assert at.tab < at.small < at.body < at.heading < at.title < at.figure < at.huge


def _as_seen(of: Colour, matrix) -> list[float]:
    linear = [part**2.2 for part in of[:3]]
    return [max(sum(a * b for a, b in zip(row, linear, strict=True)), 0.0) ** (1 / 2.2) for row in matrix]
