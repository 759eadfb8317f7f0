"""`python -m mobile_app`: the screens, and on a desktop the recorder as their child."""

from __future__ import annotations

import argparse
import os
import signal
import sys
from dataclasses import replace
from pathlib import Path

from mobile_app.choices import load_choices, save_choices
from mobile_app.home import Home


def main(arguments: list[str] | None = None) -> int:
    """0 when the window was closed, 1 where Kivy is missing."""
    parser = argparse.ArgumentParser(prog="python -m mobile_app", description=__doc__)
    parser.add_argument("--home", type=Path, help="folder of all that the app keeps; .cahot-phone in your own")
    parser.add_argument("--server", help="address of the city's server, as if it had been entered in the settings")
    parser.add_argument("recorder", nargs="*", help="after --: arguments of `python -m mobile_app.service`, as --replay FILE")
    chosen = parser.parse_args(arguments)
    home = Home(chosen.home or Path.home() / ".cahot-phone")
    if chosen.server:
        save_choices(home.choices, replace(load_choices(home.choices), server_url=chosen.server))
    os.environ.setdefault("KIVY_NO_ARGS", "1")  # else Kivy reads our arguments as its own
    try:
        from kivy.config import Config
    except ImportError:
        print("The screens need Kivy: pip install 'cahot[app]'", file=sys.stderr)
        return 1
    Config.set("graphics", "multisamples", "0")  # all that is drawn has soft edges already; half the pixels to fill
    Config.set("kivy", "exit_on_escape", "0")  # the way back, see `ui.app`
    from mobile_app.ui.app import CahotApp
    from mobile_app.ui.phone import this_phone

    phone = this_phone(home.folder, tuple(chosen.recorder))
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell that starts us in the background has it ignored
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    try:
        CahotApp(home, phone).run()
    except KeyboardInterrupt:
        return 0
    finally:
        phone.leave()  # a recorder that is our child ends with us, however we end
    return 0


if __name__ == "__main__":
    sys.exit(main())
