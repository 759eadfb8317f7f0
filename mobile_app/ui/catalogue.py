"""Translations as their authors write them (.po) made into what gettext reads (.mo), when the app starts.

A .mo file in the repository is one more thing that can be out of date; this takes a millisecond. It reads what our own .po
files hold: comments, contexts no, plurals yes.
"""

from __future__ import annotations

import ast
import struct
from collections.abc import Iterable
from pathlib import Path

_MAGIC = 0x950412DE


class UnreadableCatalogue(ValueError):
    """`str(error)` names the line and what is wrong with it."""


def compiled(text: str) -> bytes:
    """The .mo file of a .po file's text; entries that are fuzzy or not translated are left out. Raises UnreadableCatalogue."""
    entries = sorted((source.encode(), translated.encode()) for source, translated in read_entries(text).items() if translated)
    at = 7 * 4 + 16 * len(entries)
    index, strings = [], b""
    for column in (0, 1):
        for entry in entries:
            index += [len(entry[column]), at + len(strings)]
            strings += entry[column] + b"\0"
    header = struct.pack("<7I", _MAGIC, 0, len(entries), 28, 28 + 8 * len(entries), 0, 0)
    return header + struct.pack(f"<{len(index)}I", *index) + strings


def read_entries(text: str) -> dict[str, str]:
    """Translation by source text, as gettext keeps them: the forms of a plural are parted by a zero byte, "" is the header."""
    entries: dict[str, str] = {}
    for block in _blocks(text.splitlines()):
        fields = _fields(block)
        if "msgid" not in fields or any(line.startswith("#,") and "fuzzy" in line for _, line in block):
            continue
        source = fields["msgid"] + ("\0" + fields["msgid_plural"] if "msgid_plural" in fields else "")
        forms = [fields[name] for name in sorted(fields) if name.startswith("msgstr")]
        entries[source] = "\0".join(forms) if all(forms) else ""
    return entries


def translations(folder: Path, language: str) -> bytes | None:
    """The compiled catalogue of a language; None where there is none."""
    try:
        text = (folder / language / "LC_MESSAGES" / "cahot.po").read_text(encoding="utf-8")
    except OSError:
        return None
    return compiled(text)


def _blocks(lines: Iterable[str]) -> Iterable[list[tuple[int, str]]]:
    """Numbered lines between empty ones."""
    block: list[tuple[int, str]] = []
    for number, line in enumerate([*lines, ""], 1):
        if line.strip():
            block.append((number, line.strip()))
        elif block:
            yield block
            block = []


def _fields(block: list[tuple[int, str]]) -> dict[str, str]:
    fields: dict[str, str] = {}
    name = ""
    for number, line in block:
        if line.startswith("#"):
            continue
        if not line.startswith('"'):
            name, _, line = line.partition(" ")
            fields[name] = ""
        try:
            fields[name] += str(ast.literal_eval(line))
        except (SyntaxError, ValueError, KeyError):
            raise UnreadableCatalogue(f'line {number}: {line[:60]!r} is no text in quotes; write msgid "…"') from None
    return fields
