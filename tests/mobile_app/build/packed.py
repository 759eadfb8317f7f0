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
# What python-for-android's toolchain does between its command line and Gradle, once all recipes are built.
TOOLCHAIN = """
import os, sys
from pythonforandroid import toolchain
dist = sys.argv.pop(1)

def apk(self, args):
    self._fix_args(args)
    os.chdir(dist)
    build = toolchain.load_source("build", os.path.join(dist, "build.py"))
    build.parse_args_and_make_package([*args.unknown_args, "--no-byte-compile-python"])
    self.hook("after_apk_build")
    self.hook("before_apk_assemble")

toolchain.ToolchainCL.apk = apk
toolchain.ToolchainCL()
"""


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
    done = subprocess.run(
        [sys.executable, "-c", TOOLCHAIN, str(dist), *buildozers_command(folder)],
        cwd=folder,
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
    """How buildozer calls python-for-android in a copy of the app's folder alone, after it has gathered what is packed."""
    from buildozer import Buildozer  # type: ignore[import-untyped]
    from buildozer.targets.android import TargetAndroid  # type: ignore[import-untyped]

    called: list[str] = []
    copy = folder / "copied"
    shutil.copytree(APP, copy, ignore=shutil.ignore_patterns("__pycache__", ".buildozer", "bin"))

    class Called(Exception):
        pass

    def note(target: TargetAndroid, command: list[str], env: object = None, **_rest: object) -> None:
        called.extend([*command, *target.extra_p4a_args])
        raise Called

    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(copy)
        patch.setattr(TargetAndroid, "_p4a", note)
        buildozer = Buildozer(SPEC.name, "android")
        buildozer.target.build_mode = "debug"
        buildozer._copy_application_sources()
        Path(buildozer.target.get_dist_dir("cahot")).mkdir(parents=True)
        with pytest.raises(Called):
            buildozer.target.build_package()
    return called


def _lay_out_project(folder: Path, dist: Path) -> None:
    """What python-for-android's toolchain has made by the time it calls build.py, without what it compiles."""
    import pythonforandroid  # type: ignore[import-untyped]

    bootstraps = Path(pythonforandroid.__file__).parent / "bootstraps"
    for part in ("common", "_sdl_common", "sdl2"):
        shutil.copytree(
            bootstraps / part / "build", dist, dirs_exist_ok=True, ignore=shutil.ignore_patterns("jni", "__pycache__")
        )
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


def as_on_a_phone(app: Path, entry: str, home: Path) -> subprocess.CompletedProcess[str]:
    """Runs a file of the unpacked app to its end, see `start_as_on_a_phone`."""
    running = start_as_on_a_phone(app, entry, home)
    said, errors = running.communicate(timeout=60)
    return subprocess.CompletedProcess(running.args, running.returncode, said, errors)


def start_as_on_a_phone(app: Path, entry: str, home: Path) -> subprocess.Popen[str]:
    """Runs a file of the unpacked app as python-for-android's start.c does: that folder is the current one and first on the
    path, there is no argument, the environment tells the private folder; no site-packages, nothing of this repository.
    """
    start = "import os, runpy, sys; os.chdir(sys.argv[1]); sys.path = ['.'] + sys.path; entry = sys.argv[2]; sys.argv = ['']; "
    return subprocess.Popen(
        [sys.executable, "-I", "-S", "-c", start + "runpy.run_path(entry, run_name='__main__')", str(app), entry],
        cwd=home,
        env={"ANDROID_PRIVATE": str(home), "ANDROID_ARGUMENT": str(app), "PATH": os.environ["PATH"]},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
