"""Sentences that other modules say, in the language of the screens: by their English text, numbers and names filled in again."""

from __future__ import annotations

import re
from functools import cache

from mobile_app import reasons
from mobile_app.ui.words import _


def translated(sentence: str) -> str:
    """A sentence of `reasons` as it was said, in the language in use; any other as it is."""
    if sentence in _fixed():
        return _(sentence)
    for text, pattern in _with_values():
        match = pattern.fullmatch(sentence)
        if match:
            return _(text).format(**match.groupdict())
    return sentence


def reason_of(sentence: str) -> str | None:
    """Which of `reasons` it is, as its English text; None for a sentence that is none of them."""
    if sentence in _fixed():
        return sentence
    return next((text for text, pattern in _with_values() if pattern.fullmatch(sentence)), None)


@cache
def _fixed() -> frozenset[str]:
    return frozenset(text for text in _texts() if "{" not in text)


@cache
def _with_values() -> tuple[tuple[str, re.Pattern[str]], ...]:
    return tuple((text, re.compile(_as_pattern(text), re.DOTALL)) for text in _texts() if "{" in text)


def _as_pattern(text: str) -> str:
    """The text with a group of its name for each {value}."""
    return re.sub(r"\\\{(\w+)\\\}", r"(?P<\1>.*)", re.escape(text))


def _texts() -> list[str]:
    return [text for name, text in vars(reasons).items() if name.isupper() and isinstance(text, str)]
