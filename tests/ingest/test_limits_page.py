"""docs/limits.md tells the settings as they are."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path

import pytest

from ingest.settings import Connections, Limits, Rates, Reserve

PAGE = (Path(__file__).parents[2] / "docs" / "limits.md").read_text()
ROWS = dict(re.findall(r"^\| `(\w+\.\w+)` \| ([^|]+?) \|", PAGE, re.MULTILINE))
UNITS = {"MiB": 1 << 20, "KiB": 1 << 10, "MB": 1e6, "s": 1, "": 1}


@pytest.mark.parametrize("part", [Limits, Connections, Rates, Reserve])
def test_every_setting_has_a_row_with_its_value(part: type):
    for setting in fields(part):
        told = ROWS[f"{part.__name__}.{setting.name}"]
        if isinstance(setting.default, tuple):
            assert told == ", ".join(setting.default)
        else:
            number, _, unit = told.partition(" ")
            assert float(number) * UNITS[unit] == pytest.approx(setting.default, rel=1e-4), setting.name


def test_every_option_that_the_page_names_is_one_of_the_command():
    source = (Path(__file__).parents[2] / "ingest" / "commands" / "limits.py").read_text()
    assert set(re.findall(r"`(--[a-z-]+)`", PAGE)) == set(re.findall(r'"(--[a-z-]+)"', source))
