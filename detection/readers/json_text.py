"""JSON files whose nesting and text are not trusted."""

from __future__ import annotations

import json

_BOM = b"\xef\xbb\xbf"


def may_be_json(head: bytes) -> bool:
    """Whether a file begins like an object or a list."""
    return head.removeprefix(_BOM).lstrip().startswith((b"{", b"["))


def parsed(data: bytes) -> object:
    """The value in `data`. Raises ValueError (JSONDecodeError, UnicodeDecodeError) or RecursionError where it is broken."""
    return json.loads(data.removeprefix(_BOM))
