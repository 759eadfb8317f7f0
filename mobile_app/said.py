"""A plain sentence for a person: its English text is the key by which gettext finds the others, its numbers stand apart."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


def N_(text: str) -> str:
    """Marks a text to be translated where it is shown, for tools that gather such texts from the source."""
    return text


@dataclass(frozen=True)
class Said:
    """text: English, with {names} in it. values: what stands for the names. A screen shows `_(text).format(**values)`."""

    text: str
    values: Mapping[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.text.format(**self.values)
