"""The pictures of marks: told apart by outline and sign as well as by colour, soft at their edges."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest

from mobile_app.ui.map.marks import DEFECTS, JOLT, REPORTS, disc, hatch, picture


@pytest.mark.parametrize("looks", [DEFECTS, REPORTS])
def test_without_any_colour_no_two_kinds_look_alike(looks):
    for one, other in combinations(looks.values(), 2):
        grey = [picture(look, 48).astype(float).mean(axis=2) for look in (one, other)]
        signs = [np.abs(picture(look, 48)[..., :3].astype(int) - 255).sum(axis=2) > 200 for look in (one, other)]
        assert np.abs(grey[0] - grey[1]).mean() > 4
        assert (signs[0] != signs[1]).mean() > 0.02


def test_defects_differ_by_their_outline_alone():
    for one, other in combinations(DEFECTS.values(), 2):
        assert ((picture(one, 64)[..., 3] > 127) != (picture(other, 64)[..., 3] > 127)).mean() > 0.02


def luminance(rgb):
    linear = np.where(np.array(rgb) <= 0.04045, np.array(rgb) / 12.92, ((np.array(rgb) + 0.055) / 1.055) ** 2.4)
    return float(linear @ [0.2126, 0.7152, 0.0722])


@pytest.mark.parametrize("look", [*DEFECTS.values(), *REPORTS.values()])
def test_the_sign_stands_out_from_its_ground(look):
    colour, ink = ([int(text[at : at + 2], 16) / 255 for at in (1, 3, 5)] for text in (look.colour, look.ink))
    light, dark = sorted((luminance(colour), luminance(ink)), reverse=True)
    assert (light + 0.05) / (dark + 0.05) >= 3.0  # of graphics, WCAG 2.2, 1.4.11


@pytest.mark.parametrize("size", [16, 48, 96])
def test_a_picture_is_empty_outside_solid_inside_and_soft_between(size):
    for look in (*DEFECTS.values(), *REPORTS.values(), JOLT):
        alpha = picture(look, size)[..., 3]
        assert alpha[0, 0] == alpha[-1, -1] == 0
        assert alpha[int(size * 0.45), size // 2] == 255
        assert ((alpha > 0) & (alpha < 255)).any()


def test_a_hollow_picture_has_the_outline_of_the_full_one_and_a_light_ground():
    for look in DEFECTS.values():
        full, hollow = picture(look, 64), picture(look, 64, hollow=True)
        assert (full[..., 3] == hollow[..., 3]).all()
        assert hollow[full[..., 3] > 0, :3].mean() > full[full[..., 3] > 0, :3].mean() + 10


@pytest.mark.parametrize("radius", [1.0, 2.5, 8.0])
def test_a_disc_covers_the_area_of_a_circle(radius):
    assert disc(radius)[..., 3].sum() / 255 == pytest.approx(np.pi * radius**2, rel=0.03)


def test_hatching_laid_side_by_side_has_no_seam():
    pattern = hatch(12, 2.0)[..., 3].astype(int)
    tiled = np.tile(pattern, (3, 3))
    for shift in range(1, 12):
        assert (np.roll(tiled, (shift, -shift), axis=(0, 1)) == tiled).all()
    assert 0 < pattern.mean() < 128
