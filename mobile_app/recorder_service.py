"""Where Android's service begins: the recorder, in a process of its own. Elsewhere, `python -m mobile_app.service`."""

from __future__ import annotations

import runpy
import sys

from as_package import as_package  # type: ignore[import-not-found]  # beside this file, where it is run

if __name__ == "__main__":
    as_package()
    from mobile_app.on_phone import arguments

    sys.argv[1:] = arguments(sys.argv[1:])
    runpy.run_module("mobile_app.service", run_name="__main__", alter_sys=True)
