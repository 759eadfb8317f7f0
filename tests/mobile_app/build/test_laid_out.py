"""The app as a phone unpacks it: another folder's name, byte code without docstrings, nothing else of this repository."""

from __future__ import annotations

import ast
import importlib.util
import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest
from packed import APP, Packed, as_on_a_phone, start_as_on_a_phone

from mobile_app.home import Home
from mobile_app.status import Why, read_status

RECIPES = (
    "kivy",
    "plyer",
    "jnius",
    "jnius_config",
    "pyobjus",
    "android",
    "certifi",
    "numpy",
)  # in `requirements`, or kivy-ios's own
PURE_PYTHON_OF_KIVY = ("docutils", "pygments", "requests", "charset_normalizer", "idna", "urllib3", "filetype", "PIL")  # may try
# Imported late, and only where Kivy, numpy or pyjnius is: all else is imported with the standard library alone.
NEEDS_MORE = (
    "mobile_app.ui",
    "mobile_app.preview",
    "mobile_app.finding",
    "mobile_app.alerts",
    "mobile_app.sensors.android.listeners",
)
SAYS_WHERE = "import sys\nprint(sys.argv[1:], __package__, sorted(p for p in sys.path if p in ('', '.')))\n"
WALK = """
import importlib, json, pkgutil, sys
sys.path.insert(0, sys.argv[1])
from as_package import as_package
as_package()
import mobile_app
imported, missing = [], {}
for module in pkgutil.walk_packages(mobile_app.__path__, "mobile_app.", onerror=lambda name: None):
    if module.name in ("mobile_app.main", "mobile_app.recorder_service") or module.name.endswith(".__main__"):
        continue
    try:
        importlib.import_module(module.name)
        imported.append(module.name)
    except ModuleNotFoundError as error:
        missing[module.name] = error.name
    except Exception as error:  # pyjnius without a JVM raises what it stumbled over
        missing[module.name] = "jnius" if "jnius" in str(error).lower() or "java" in str(error).lower() else repr(error)
print(json.dumps([imported, missing, sorted({name.split(".")[0] for name in sys.modules})]))
"""
ONLY = """
import sys
class Only:
    allowed = set(sys.stdlib_module_names) | set(ALLOWED) | {"mobile_app", "as_package"}
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] not in self.allowed:
            raise ModuleNotFoundError(f"No recipe brings {name!r}", name=name)
sys.meta_path.insert(0, Only())
"""


def test_what_is_packed_is_the_app_and_not_how_it_is_built(packed: Packed):
    names = {str(path.relative_to(packed.app)) for path in packed.app.rglob("*") if path.is_file()}
    assert {"main.pyc", "recorder_service.pyc", "as_package.pyc", "recorder.pyc", "wire/encoder.pyc"} <= names
    assert not [name for name in names if name.startswith(("on_android", "on_ios")) or name.endswith((".java", ".spec", ".py"))]


def test_every_file_that_the_app_reads_is_packed(packed: Packed):
    ours = [
        str(path.relative_to(APP))
        for path in APP.rglob("*")
        if path.is_file()
        and path.suffix not in (".py", ".pyc", ".spec", ".typed")
        and path.relative_to(APP).parts[0] not in ("on_android", "on_ios", ".buildozer", "bin")
    ]
    assert [name for name in ours if not (packed.app / name).exists()] == [], "add their endings to source.include_exts"


def test_every_module_of_the_recorder_is_imported_with_the_standard_library_alone(packed: Packed):
    imported, missing, loaded = _walk([sys.executable, "-I", "-S", "-c", WALK, str(packed.app)], packed.app, {})
    assert {"mobile_app.recorder", "mobile_app.uploader", "mobile_app.permissions", "mobile_app.privacy.ends"} <= set(imported)
    assert [name for name in missing if not name.startswith(NEEDS_MORE)] == []
    assert set(missing.values()) <= set(RECIPES)
    assert not set(RECIPES) & set(loaded)


def test_every_module_is_imported_with_what_the_recipes_provide(packed: Packed, tmp_path: Path):
    if importlib.util.find_spec("kivy") is None:
        pytest.skip("kivy is not installed: pip install -c constraints.txt -e '.[app]'")
    hook = ONLY.replace("ALLOWED", repr(RECIPES + PURE_PYTHON_OF_KIVY))
    quiet = {"KIVY_NO_ARGS": "1", "KIVY_NO_CONSOLELOG": "1", "SDL_VIDEODRIVER": "offscreen", "SDL_AUDIODRIVER": "dummy"}
    environment = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "KIVY_HOME": str(tmp_path), **quiet}
    _, missing, _ = _walk([sys.executable, "-c", hook + WALK, str(packed.app)], packed.app, environment)
    assert {name: what for name, what in missing.items() if what not in ("jnius", "jnius_config", "pyobjus", "android")} == {}


def _walk(command: list[str], folder: Path, environment: dict[str, str]) -> tuple[list[str], dict[str, str], list[str]]:
    """Modules imported, those that were not by what they miss, and the names of all packages that this loaded."""
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    imported, missing, loaded = json.loads(done.stdout.splitlines()[-1])
    return imported, missing, loaded


def test_the_hook_of_the_test_above_refuses_what_no_recipe_brings():
    code = ONLY.replace("ALLOWED", repr(RECIPES)) + "import pandas"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False)
    assert "No recipe brings 'pandas'" in done.stderr


@pytest.mark.parametrize(("entry", "module"), [("main.py", "__main__.py"), ("recorder_service.py", "service.py")])
def test_both_entries_start_their_part_with_the_folder_of_the_phone(tmp_path: Path, entry: str, module: str):
    app = tmp_path / "files" / "app"
    app.mkdir(parents=True)
    for name in ("__init__.py", "as_package.py", "on_phone.py", entry):
        shutil.copy(APP / name, app / name)
    (app / module).write_text(SAYS_WHERE)
    done = as_on_a_phone(app, entry, tmp_path / "files")
    assert done.returncode == 0, done.stderr
    assert done.stdout.split("] ", 1)[0] == f"['--home', '{tmp_path / 'files' / 'cahot'}'"
    assert done.stdout.rstrip().endswith("mobile_app []")  # nothing of the app goes by two names


def test_the_service_of_the_unpacked_app_runs_and_says_how_it_stands(packed: Packed, tmp_path: Path):
    running = start_as_on_a_phone(packed.app, "recorder_service.pyc", tmp_path)
    status = Home(tmp_path / "cahot").status
    try:
        until = time.monotonic() + 20
        while not status.exists() and running.poll() is None and time.monotonic() < until:
            time.sleep(0.1)
    finally:
        running.terminate()
        _, errors = running.communicate(timeout=20)
    assert read_status(status).why is Why.NO_CONSENT, errors


def test_an_entry_run_on_a_desktop_takes_the_folder_that_is_given(tmp_path: Path):
    app = tmp_path / "copied"
    app.mkdir()
    for name in ("__init__.py", "as_package.py", "on_phone.py", "main.py"):
        shutil.copy(APP / name, app / name)
    (app / "__main__.py").write_text(SAYS_WHERE)
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", f"import sys; sys.argv = ['x', '--home', 'here']; sys.path.insert(0, {str(app)!r})\n"
         f"import runpy; runpy.run_path({str(app / 'main.py')!r}, run_name='__main__')"],
        cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.stdout.startswith("['--home', 'here'] mobile_app"), done.stderr


def test_no_assertion_does_what_is_needed_since_phones_run_without_them():
    """-OO drops assertions: one that calls something which acts would be missed there only."""
    acting = [
        f"{path.relative_to(APP)}:{node.lineno}"
        for path in APP.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Assert)
        and any(isinstance(part, ast.NamedExpr | ast.Await | ast.Yield) for part in ast.walk(node.test))
    ]
    assert acting == []
