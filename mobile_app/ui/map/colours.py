"""Colours of the ground of a map, by day and by night; the marks keep theirs."""

from __future__ import annotations

from dataclasses import dataclass

from mobile_app.ui.theme import Colour, colour


@dataclass(frozen=True)
class MapColours:
    """way: what was driven. held: where nothing is sent from, its hatching, its edge. words: on the plate of the ruler."""

    ground: Colour
    casing: Colour
    street: Colour
    way: Colour
    way_edge: Colour
    held: Colour
    hatching: Colour
    held_edge: Colour
    own: Colour
    own_edge: Colour
    halo: Colour
    words: Colour
    plate: Colour  # behind words


BY_DAY = MapColours(
    ground=colour("#e9e6de"),
    casing=colour("#cfcabf"),
    street=colour("#ffffff"),
    way=colour("#0b5c95"),
    way_edge=colour("#ffffff"),
    held=colour("#d5d2cb"),
    hatching=colour("#aaa59a"),
    held_edge=colour("#8a857a"),
    own=colour("#1a73c9"),
    own_edge=colour("#ffffff"),
    halo=colour("#1f2a37"),
    words=colour("#1f2a37"),
    plate=colour("#ffffff").faded(0.78),
)
BY_NIGHT = MapColours(
    ground=colour("#181e25"),
    casing=colour("#0e1217"),
    street=colour("#39424d"),
    way=colour("#6db8ee"),
    way_edge=colour("#0e1a26"),
    held=colour("#252c35"),
    hatching=colour("#4c5765"),
    held_edge=colour("#748092"),
    own=colour("#5eb3ff"),
    own_edge=colour("#ffffff"),
    halo=colour("#f2f4f7"),
    words=colour("#f2f4f7"),
    plate=colour("#14191f").faded(0.78),
)
