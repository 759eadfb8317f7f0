"""Pictures as files, and what happens where matplotlib is not installed."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from matplotlib.figure import Figure

from detection import plots
from detection.export import UnwritableOutput

MAGIC = {".png": b"\x89PNG", ".svg": b"<?xml", ".pdf": b"%PDF"}


@pytest.fixture
def figure() -> Figure:
    made = Figure()
    made.add_subplot().plot([0, 1], [1, 0])
    return made


@pytest.mark.parametrize("ending", MAGIC)
def test_a_picture_is_the_same_file_each_time(ending: str, figure: Figure, tmp_path: Path) -> None:
    for name in ("once", "again"):
        plots.save(figure, tmp_path / f"{name}{ending}")
    once, again = ((tmp_path / f"{name}{ending}").read_bytes() for name in ("once", "again"))
    assert once.startswith(MAGIC[ending])
    assert once == again
    assert len(list(tmp_path.iterdir())) == 2, "something was left behind"


def test_every_ending_that_is_offered_can_be_written() -> None:
    assert set(plots.ENDINGS) == set(MAGIC)


@pytest.mark.parametrize(
    ("name", "told"),
    [("trip.gif", "choose one of .pdf, .png, .svg"), ("trip", "unknown ending ''"), ("no/such/trip.png", "create it first")],
)
def test_what_cannot_be_written_is_told_before_the_work(name: str, told: str, tmp_path: Path) -> None:
    with pytest.raises(UnwritableOutput, match=told):
        plots.check_plot(tmp_path / name)


def test_a_failed_picture_leaves_the_old_one_alone(figure: Figure, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "trip.png").write_bytes(b"old")

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(figure, "savefig", full)
    with pytest.raises(UnwritableOutput, match="No space left on device"):
        plots.save(figure, tmp_path / "trip.png")
    assert (tmp_path / "trip.png").read_bytes() == b"old"
    assert len(list(tmp_path.iterdir())) == 1


ABSENT = """
import sys
class Absent:
    def find_spec(self, name, path=None, target=None):
        if name.split('.')[0] == 'matplotlib':
            raise ModuleNotFoundError(f'No module named {name!r}', name=name)
sys.meta_path.insert(0, Absent())
"""


def test_plots_can_be_imported_without_matplotlib_and_say_what_to_install() -> None:
    code = (
        ABSENT
        + """
from detection import plots
from detection.errors import PartMissing
from detection.plots.style import new_figure
try:
    new_figure(1.0, 1.0)
except PartMissing as error:
    print(error)
"""
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False)
    assert done.stdout == "drawing needs matplotlib, which is not installed; pip install 'cahot[plots]'\n", done.stderr


def test_matplotlib_is_not_loaded_before_something_is_drawn() -> None:
    code = "import sys; from detection import plots, analysis; print('matplotlib' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False)
    assert done.stdout == "False\n", done.stderr
