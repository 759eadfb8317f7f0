"""The app as buildozer and python-for-android pack it, by their own code, up to where the Android SDK would be needed."""

from __future__ import annotations

import importlib.util
import json
import os
import shutil
import subprocess
import sys
import tarfile
from dataclasses import dataclass
from pathlib import Path

import pytest

from mobile_app import wire

APP = Path(wire.__file__).parents[1]
SPEC = APP / "buildozer.spec"
# What the toolchain takes for itself before it hands the rest to its build.py, and whether a value follows.
TOOLCHAINS = {"--bootstrap": True, "--dist_name": True, "--arch": True, "--copy-libs": False}


@dataclass(frozen=True)
class Packed:
    """dist: the Gradle project. app: what a phone unpacks, byte-compiled, sources removed."""

    dist: Path
    app: Path

    @property
    def manifest(self) -> Path:
        return self.dist / "src" / "main" / "AndroidManifest.xml"


def pack(folder: Path) -> Packed:
    """Skips where buildozer, python-for-android or parts of them are not installed."""
    for needed in ("buildozer", "pythonforandroid", "jinja2"):
        if importlib.util.find_spec(needed) is None:
            pytest.skip(f"{needed} is not installed: pip install -c constraints.txt -e '.[dev]'")
    app, dist = folder / "app", folder / "dist"
    _lay_out_project(folder, dist)
    arguments = _without_toolchains(buildozers_command(folder))
    done = subprocess.run(
        [sys.executable, "build.py", *arguments, "--build-mode", "debug", "--no-byte-compile-python"],
        cwd=dist,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    with tarfile.open(dist / "src" / "main" / "assets" / "private.tar") as tar:
        tar.extractall(app, filter="data")
    _byte_compile(app)
    return Packed(dist, app)


def buildozers_command(folder: Path) -> list[str]:
    """What buildozer copies into folder/buildozer, and how it calls python-for-android then."""
    from buildozer import Buildozer  # type: ignore[import-untyped]
    from buildozer.targets.android import TargetAndroid  # type: ignore[import-untyped]

    called: list[str] = []

    class Called(Exception):
        pass

    def note(_target: object, command: list[str], env: object = None, **_rest: object) -> None:
        called.extend(command)
        raise Called

    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(APP)
        patch.setenv("BUILDOZER_BUILD_DIR", str(folder / "buildozer"))
        patch.setattr(TargetAndroid, "_p4a", note)
        buildozer = Buildozer(str(SPEC), "android")
        buildozer.target.build_mode = "debug"
        buildozer._copy_application_sources()
        Path(buildozer.target.get_dist_dir("cahot")).mkdir(parents=True)
        with pytest.raises(Called):
            buildozer.target.build_package()
    return called


def _without_toolchains(command: list[str]) -> list[str]:
    assert command[0] == "apk"
    kept, rest = [], iter(command[1:])
    for word in rest:
        if word in TOOLCHAINS:
            if TOOLCHAINS[word]:
                next(rest)
        else:
            kept.append(word)
    return kept


def _lay_out_project(folder: Path, dist: Path) -> None:
    """What python-for-android's toolchain has made by the time it calls build.py, without what it compiles."""
    import pythonforandroid  # type: ignore[import-untyped]

    bootstraps = Path(pythonforandroid.__file__).parent / "bootstraps"
    for part in ("common", "_sdl_common", "sdl2"):
        shutil.copytree(bootstraps / part / "build", dist, dirs_exist_ok=True, ignore=shutil.ignore_patterns("jni", "__pycache__"))
    archs = ["arm64-v8a", "armeabi-v7a"]
    told = {"bootstrap": "sdl2", "hostpython": sys.executable, "archs": archs, "ndk_api": 24, "use_setup_py": False}
    (dist / "dist_info.json").write_text(json.dumps(told))
    (dist / "project.properties").write_text("target=android-35\n")
    (dist / "local.properties").write_text(f"sdk.dir={folder / 'sdk'}\n")
    (folder / "sdk" / "build-tools" / "35.0.0").mkdir(parents=True)
    for arch in archs:
        (dist / f"_python_bundle__{arch}").mkdir()
        (dist / "libs" / arch).mkdir(parents=True)


def _byte_compile(app: Path) -> None:
    """As python-for-android does: beside the sources, without docstrings and assertions; then the sources go."""
    subprocess.run([sys.executable, "-OO", "-m", "compileall", "-q", "-b", "-f", str(app)], check=True, timeout=120)
    for path in app.rglob("*.py"):
        path.unlink()


def as_on_a_phone(app: Path, entry: str, home: Path, *, seconds: float = 60.0) -> subprocess.CompletedProcess[str]:
    """Runs a file of the unpacked app as python-for-android's start.c does: that folder is the current one and first on the
    path, there is no argument, the environment tells the private folder; no site-packages, nothing of this repository.
    """
    start = "import os, runpy, sys; os.chdir(sys.argv[1]); sys.path = ['.'] + sys.path; entry = sys.argv[2]; sys.argv = ['']; "
    environment = {"ANDROID_PRIVATE": str(home), "ANDROID_ARGUMENT": str(app), "PATH": os.environ["PATH"]}
    return subprocess.run(
        [sys.executable, "-I", "-S", "-c", start + "runpy.run_path(entry, run_name='__main__')", str(app), entry],
        cwd=home,
        env=environment,
        capture_output=True,
        text=True,
        timeout=seconds,
        check=False,
    )
