"""buildozer.spec by buildozer's own code, and its requirements by python-for-android's own graph."""

from __future__ import annotations

import importlib.util
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
from packed import APP, SPEC

from mobile_app import on_phone

ROOT = APP.parent


@pytest.fixture(scope="module")
def spec() -> Any:
    if importlib.util.find_spec("buildozer") is None:
        pytest.skip("buildozer is not installed: pip install -c constraints.txt -e '.[dev]'")
    from buildozer import Buildozer

    buildozer = Buildozer(str(SPEC))
    buildozer.check_configuration_tokens()  # exits where it finds an error
    return buildozer.config


def test_the_spec_says_the_version_of_pyproject(spec):
    assert spec.get("app", "version") == tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]


def test_every_file_that_the_spec_names_is_there(spec):
    named = [value for name, value in spec.items("app") if name.endswith("filename") or name == "p4a.hook"]
    named += spec.getlist("app", "android.add_src") + spec.getlist("app", "android.add_resources")
    named += [service.split(":")[1] for service in spec.getlist("app", "services")]
    assert len(named) >= 8
    assert [name for name in named if not (APP / name).exists()] == []


def test_every_folder_of_java_is_compiled_into_the_app(spec):
    folders = {str(path.relative_to(APP)) for path in APP.rglob("java") if path.is_dir()}
    assert folders == set(spec.getlist("app", "android.add_src"))


def test_the_service_is_started_under_the_name_that_the_spec_gives_it(spec):
    package = f"{spec.get('app', 'package.domain')}.{spec.get('app', 'package.name')}"
    name, *how = spec.getlist("app", "services")[0].split(":")
    assert f"{package}.Service{name.capitalize()}" == on_phone.SERVICE
    assert how == ["recorder_service.py", "foreground", "sticky", "foregroundServiceType=location"]
    again = (APP / "on_android" / "java" / "org" / "cahot" / "StartAgain.java").read_text()
    assert f"import {on_phone.SERVICE};" in again


def test_levels_and_backup_are_as_the_page_says(spec):
    told = {name: spec.get("app", f"android.{name}") for name in ("api", "minapi", "ndk_api", "allow_backup")}
    assert told == {"api": "35", "minapi": "24", "ndk_api": "24", "allow_backup": "False"}
    assert spec.getlist("app", "android.archs") == ["arm64-v8a", "armeabi-v7a"]


def test_every_permission_has_its_line_on_the_page(spec):
    page = (ROOT / "docs" / "phone.md").read_text()
    told = set(
        re.findall(r"`([A-Z_]{6,})`", page.partition("Permissions, and when they are asked:")[2].partition("Not asked for")[0])
    )
    assert told == set(spec.getlist("app", "android.permissions"))


def test_python_for_android_finds_a_recipe_or_pure_python_for_every_requirement(spec, tmp_path):
    if importlib.util.find_spec("pythonforandroid") is None:
        pytest.skip("python-for-android is not installed: pip install -c constraints.txt -e '.[dev]'")
    from pythonforandroid.build import Context  # type: ignore[import-untyped]
    from pythonforandroid.graph import get_recipe_order_and_bootstrap  # type: ignore[import-untyped]

    context = Context()
    context.setup_dirs(str(tmp_path))
    wanted = spec.getlist("app", "requirements")
    recipes, modules, bootstrap = get_recipe_order_and_bootstrap(context, wanted)
    assert bootstrap.name == spec.get("app", "p4a.bootstrap")
    assert {"python3", "kivy", "pyjnius", "android", "sqlite3", "numpy", "sdl2"} <= set(recipes)
    assert set(wanted) - set(recipes) == {"plyer", "certifi"}
    assert {"plyer", "certifi"} <= set(modules)


def test_the_pinned_release_of_python_for_android_is_the_one_that_the_tests_read():
    comment = re.search(r"# The release (\d{4})\.0?(\d+)\.0?(\d+)", SPEC.read_text())
    assert comment is not None
    pin = f"python-for-android=={'.'.join(comment.groups())}"
    assert pin in (ROOT / "constraints.txt").read_text().splitlines()


def test_the_pictures_are_small():
    pictures = [*Path(APP / "on_android").rglob("*.png")]
    assert len(pictures) == 5
    assert all(path.stat().st_size < 20_000 for path in pictures)
