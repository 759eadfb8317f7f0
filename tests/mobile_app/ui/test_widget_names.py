"""Kivy knows widgets by the bare name of their class: two of one name are both drawn by the rules of both."""

from __future__ import annotations

import ast
import re
from collections import Counter
from pathlib import Path

from mobile_app import ui

SOURCES = Path(ui.__file__).parent


def test_no_two_classes_of_the_screens_have_one_name():
    names = Counter[str]()
    for path in SOURCES.rglob("*.py"):
        names.update(node.name for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.ClassDef) and node.bases)
    for path in SOURCES.rglob("*.kv"):
        names.update(re.findall(r"^<(\w+)@", path.read_text(), re.MULTILINE))
    assert names
    assert [name for name, count in names.items() if count > 1] == []
