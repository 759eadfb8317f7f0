"""`cahot detect --plot`: pictures of trips, in one file or in a folder."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ingest.commands.plotting import Draw, drawing
from ingest.commands.screen import UnusableInput
from tests.ingest.commands.conftest import Cahot

MAGIC = {".png": b"\x89PNG", ".svg": b"<?xml", ".pdf": b"%PDF"}


@pytest.mark.parametrize("ending", MAGIC)
def test_one_trip_becomes_one_picture(cahot: Cahot, recordings: Path, tmp_path: Path, ending: str) -> None:
    picture = tmp_path / f"trip{ending}"
    done = cahot("detect", recordings / "drive0.json", "--out", tmp_path / "jolts.csv", "--plot", picture)
    assert done.returncode == 0, done.stderr
    assert picture.read_bytes().startswith(MAGIC[ending])
    assert done.stderr.rstrip().endswith(f"{tmp_path / 'jolts.csv'}, {picture}")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["jolts.csv", f"trip{ending}"]


def test_many_trips_become_a_folder_of_pictures_and_the_jolts_stay_the_same(
    cahot: Cahot, recordings: Path, tmp_path: Path
) -> None:
    drawn = cahot("detect", recordings, "--out", tmp_path / "drawn.csv", "--plot", tmp_path / "pictures")
    plain = cahot("detect", recordings, "--out", tmp_path / "plain.csv")
    assert drawn.returncode == plain.returncode == 0, drawn.stderr
    assert sorted(path.name for path in (tmp_path / "pictures").iterdir()) == [f"drive{n}.png" for n in range(6)]
    assert (tmp_path / "drawn.csv").read_bytes() == (tmp_path / "plain.csv").read_bytes()


def test_many_trips_do_not_fit_into_one_picture(cahot: Cahot, recordings: Path, tmp_path: Path) -> None:
    done = cahot("detect", recordings, "--plot", tmp_path / "all.png")
    assert done.returncode == 2
    assert done.stderr.rstrip().endswith(
        "one picture holds one trip, and there are 6 recordings; name a folder, such as --plot all/"
    )
    assert done.stdout == ""
    assert not list(tmp_path.iterdir())


def test_two_trips_in_one_recording_do_not_fit_either(cahot: Cahot, recordings: Path, tmp_path: Path) -> None:
    two = [json.loads((recordings / f"drive{n}.json").read_text()) | {"trip_id": f"trip {n}"} for n in (0, 1)]
    (tmp_path / "two.json").write_text(json.dumps(two))
    done = cahot("detect", tmp_path / "two.json", "--plot", tmp_path / "two.png")
    assert done.returncode == 2, done.stderr
    assert "there are 2 trips in this recording" in done.stderr
    done = cahot("detect", tmp_path / "two.json", "--plot", tmp_path / "both")
    assert done.returncode == 0, done.stderr
    assert sorted(path.name for path in (tmp_path / "both").iterdir()) == ["trip 0.png", "trip 1.png"]


@pytest.mark.parametrize(
    ("target", "told"),
    [
        ("trip.jpg", "unknown ending '.jpg'; choose one of .pdf, .png, .svg"),
        ("no/such/trip.png", "create it first"),
        ("no/such/pictures", "create it first"),
    ],
)
def test_what_cannot_be_written_is_told_before_the_work(
    cahot: Cahot, recordings: Path, tmp_path: Path, target: str, told: str
) -> None:
    done = cahot("detect", recordings / "drive0.json", "--plot", tmp_path / target)
    assert done.returncode == 2
    assert told in done.stderr
    assert len(done.stderr.splitlines()) == 1, done.stderr
    assert done.stdout == ""


def test_a_broken_recording_beside_others_is_told_and_the_others_are_drawn(
    cahot: Cahot, recordings: Path, tmp_path: Path
) -> None:
    (tmp_path / "broken.json").write_text("{")
    done = cahot("detect", tmp_path / "broken.json", recordings / "drive1.json", "--plot", tmp_path / "out")
    assert done.returncode == 1
    assert "broken.json" in done.stderr
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["drive1.png"]


def test_pictures_from_before_are_no_recordings(cahot: Cahot, recordings: Path, tmp_path: Path) -> None:
    (tmp_path / "drive0.json").write_bytes((recordings / "drive0.json").read_bytes())
    for _ in range(2):
        done = cahot("detect", tmp_path, "--plot", tmp_path / "out")
        assert done.returncode == 0, done.stderr
        assert "1 recording" in done.stderr


def test_where_matplotlib_is_missing_one_line_says_what_to_install(cahot: Cahot, recordings: Path, tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text(
        "import importlib.util as u\n"
        "found = u.find_spec\n"
        "u.find_spec = lambda name, package=None: None if name == 'matplotlib' else found(name, package)\n"
    )
    done = cahot("detect", recordings / "drive0.json", "--plot", tmp_path / "a.png", PYTHONPATH=str(tmp_path))
    assert done.returncode == 2
    assert done.stderr == "cahot: drawing needs matplotlib, which is not installed; pip install 'cahot[plots]'\n"


def test_nothing_to_draw_is_told_and_leaves_no_file(tmp_path: Path) -> None:
    with (
        pytest.raises(UnusableInput, match="less than five seconds"),
        drawing(tmp_path / "a.png", [tmp_path / "short.csv"]) as draw,
    ):
        assert draw is not None
    assert not list(tmp_path.iterdir())


def test_every_trip_has_a_file_of_its_own_inside_the_folder() -> None:
    draw = Draw(Path("pictures"))
    names = ["a/b", "a_b", "../../etc/passwd", "..", "x" * 500, "x" * 499 + "y", "monday drive", "ü"]
    files = [draw.folder / draw._name(name) for name in names]
    assert len(set(files)) == len(names)
    assert all(file.parent == draw.folder and len(file.name.encode()) < 255 for file in files)
