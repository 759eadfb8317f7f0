"""Makes the folder it lies in the package `mobile_app`, under whatever name and wherever that folder lies.

python-for-android and kivy-ios unpack the content of the app's folder at a root of their own and run a file there, with that
root first on the path: without this, `import mobile_app` finds nothing, and `import status` finds what nobody meant.
"""

from __future__ import annotations

import sys
from importlib.machinery import PathFinder
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

NAME = "mobile_app"


def as_package() -> None:
    """To be called once, before anything of the app is imported. Leaves alone a package of that name that is imported."""
    here = Path(__file__).resolve().parent
    sys.path[:] = [entry for entry in sys.path if Path(entry).resolve() != here]
    if NAME in sys.modules:
        return
    beginning = PathFinder.find_spec("__init__", [str(here)])  # .py, or .pyc where only that was packed
    assert beginning is not None
    spec = spec_from_file_location(NAME, beginning.origin, submodule_search_locations=[str(here)])
    assert spec is not None
    assert spec.loader is not None
    sys.modules[NAME] = package = module_from_spec(spec)
    spec.loader.exec_module(package)
