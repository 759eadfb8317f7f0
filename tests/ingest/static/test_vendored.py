"""The code of others in the package is what its publishers published, with its licence."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

STATIC = Path(__file__).parents[3] / "ingest" / "static"
SUMS = sorted((STATIC / "vendor").glob("*/SHA256SUMS"))


@pytest.mark.parametrize("sums", SUMS, ids=lambda path: path.parent.name)
def test_every_vendored_file_is_as_published(sums: Path) -> None:
    stated = dict(reversed(line.split()) for line in sums.read_text().splitlines())
    there = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sums.parent.iterdir() if path != sums}
    assert there == stated
    assert "LICENSE.txt" in there


def test_the_page_loads_the_version_that_is_vendored() -> None:
    (folder,) = {path.parent.name for path in SUMS}
    for name in ("index.html", "js/map_view.js"):
        assert f"vendor/{folder}/" in (STATIC / name).read_text()


def test_the_page_names_no_other_host_but_in_the_links_that_lead_there() -> None:
    own = [path for path in STATIC.rglob("*") if path.is_file() and "vendor" not in path.parts]
    assert own
    own.remove(STATIC / "js" / "navigation.js")  # links that a person follows
    for path in own:
        text = path.read_text().replace("http://www.w3.org/2000/svg", "")  # the name of a namespace, never fetched
        assert "http://" not in text, path
        assert "https://" not in text, path
