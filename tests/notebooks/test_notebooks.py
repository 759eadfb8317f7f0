"""The notebooks run, import public names only, and are committed without what they printed."""

from __future__ import annotations

import ast
import importlib
import os
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient

ROOT = Path(__file__).resolve().parents[2]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
PUBLIC = ("detection", "detection.analysis", "detection.plots", "detection.readers", "detection.simulator")
OTHERS = {"os", "pathlib", "matplotlib", "numpy", "pandas"}
each = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)


def read(path: Path) -> Any:
    return nbformat.read(path, as_version=4)


def tree(path: Path) -> ast.Module:
    return ast.parse("\n".join(cell.source for cell in read(path).cells if cell.cell_type == "code"))


def run(path: Path, monkeypatch: pytest.MonkeyPatch, recordings: Path | None = None) -> str:
    """All text that it printed; pictures are drawn but not kept."""
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")]))
    monkeypatch.delenv("CAHOT_RECORDINGS", raising=False)
    if recordings is not None:
        monkeypatch.setenv("CAHOT_RECORDINGS", str(recordings))
    notebook = read(path)
    NotebookClient(notebook, timeout=240, kernel_name="python3", resources={"metadata": {"path": str(path.parent)}}).execute()
    outputs = [output for cell in notebook.cells if cell.cell_type == "code" for output in cell.outputs]
    assert sum("image/png" in output.get("data", {}) for output in outputs) >= 2
    assert not [output.text for output in outputs if output.output_type == "stream" and output.name == "stderr"]
    return "".join(output.text for output in outputs if output.output_type == "stream")


def test_all_four_are_there() -> None:
    assert [path.stem[:2] for path in NOTEBOOKS] == ["01", "02", "03", "04"]


@each
def test_it_runs_without_any_recordings(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    printed = run(path, monkeypatch)
    if path.stem[:2] in ("01", "04"):
        assert "simulated drives instead" in printed


@pytest.mark.parametrize(("number", "folder"), [("01", "phyphox"), ("04", "pittsburgh")])
def test_it_runs_on_real_recordings(number: str, folder: str, shared_data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = next(path for path in NOTEBOOKS if path.stem.startswith(number))
    assert "simulated" not in run(path, monkeypatch, shared_data / folder)


@each
def test_nothing_that_it_printed_is_committed(path: Path) -> None:
    for cell in read(path).cells:
        if cell.cell_type == "code":
            assert not cell.outputs, f"clear it: jupyter nbconvert --clear-output --inplace notebooks/{path.name}"
            assert cell.execution_count is None


@each
def test_it_imports_only_public_names(path: Path) -> None:
    for node in ast.walk(tree(path)):
        names = {name.name for name in getattr(node, "names", ()) if isinstance(name, ast.alias)}
        if isinstance(node, ast.Import):
            assert {name.split(".")[0] for name in names} <= OTHERS, ast.unparse(node)
        elif isinstance(node, ast.ImportFrom) and node.module in PUBLIC:
            below = {module.rpartition(".")[2] for module in PUBLIC if module.startswith(f"{node.module}.")}
            assert names <= {*importlib.import_module(node.module).__all__, *below}, ast.unparse(node)
        elif isinstance(node, ast.ImportFrom):
            assert str(node.module).split(".")[0] in OTHERS, f"{ast.unparse(node)}: not public; notebooks import {PUBLIC}"


@each
def test_it_touches_nothing_private(path: Path) -> None:
    private = [node.attr for node in ast.walk(tree(path)) if isinstance(node, ast.Attribute) and node.attr.startswith("_")]
    assert not private


@each
def test_it_is_about_a_page_and_every_figure_has_a_title(path: Path) -> None:
    cells = [cell.source for cell in read(path).cells if cell.cell_type == "code"]
    assert sum(len(source.splitlines()) for source in cells) <= 110
    assert max(len(source.splitlines()) for source in cells) <= 13
    for source in cells:
        if "plt.subplots" in source:
            assert "title" in source
