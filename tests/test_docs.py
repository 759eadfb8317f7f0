"""What the documentation names is there: functions, files and commands."""

from __future__ import annotations

import importlib
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PAGES = sorted([ROOT / "README.md", *(ROOT / "docs").rglob("*.md")])
NAMED = re.compile(r"`((?:detection|ingest|mobile_app)(?:\.[A-Za-z_]+)+)(?:\([^`]*\))?`")
LINKED = re.compile(r"\]\(([^)#:]+)(?:#[^)]*)?\)")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_function_that_a_page_names_exists(page: Path) -> None:
    missing = [name for name in NAMED.findall(page.read_text()) if not _exists(name)]
    assert not missing, f"{page.name} names {missing}: rename them there, too"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_of_a_page_leads_somewhere(page: Path) -> None:
    missing = [target for target in LINKED.findall(page.read_text()) if not (page.parent / target).exists()]
    assert not missing, f"{page.name} links to {missing}"


def test_the_names_are_found_at_all() -> None:
    assert len(NAMED.findall((ROOT / "docs" / "dataflow.md").read_text())) > 20


def _exists(name: str) -> bool:
    """Whether a dotted name is a module, or an attribute reached from one."""
    parts = name.split(".")
    for split in range(len(parts), 0, -1):
        try:
            found = importlib.import_module(".".join(parts[:split]))
        except ModuleNotFoundError:
            continue
        for attribute in parts[split:]:
            if not hasattr(found, attribute):
                return False
            found = getattr(found, attribute)
        return True
    return False
