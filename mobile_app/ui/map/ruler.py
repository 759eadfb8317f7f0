"""The scale bar: a round distance and how long it is on the screen."""

from __future__ import annotations

import math

_STEPS = (1, 2, 5)


def bar(metres_per_px: float, longest_px: float) -> tuple[float, float]:
    """The longest of 1, 2 or 5 times a power of ten metres that fits, and its length in pixels."""
    most_m = metres_per_px * longest_px
    power = 10.0 ** math.floor(math.log10(most_m))
    length_m = max(step * power for step in _STEPS if step == 1 or step * power <= most_m)
    if length_m > most_m:  # the logarithm of 1000 may come out a hair below 3, or above
        length_m = power / 2
    return length_m, length_m / metres_per_px


def length_words(length_m: float) -> str:
    """The same in every language we speak."""
    if length_m >= 1000:
        return f"{length_m / 1000:g} km"
    return f"{length_m:g} m" if length_m >= 1 else f"{length_m * 100:g} cm"
