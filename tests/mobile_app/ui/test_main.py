"""`python -m mobile_app`, as a process."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from mobile_app.choices import Choices, load_choices, save_choices
from mobile_app.home import Home
from mobile_app.status import read_status

ROOT = Path(__file__).resolve().parents[3]
WITHOUT_KIVY = (
    "import sys\n"
    "sys.modules['kivy'] = None\n"  # as where it is not installed
    "from mobile_app.__main__ import main\n"
    "sys.exit(main(sys.argv[1:]))\n"
)


def test_without_kivy_it_says_how_to_get_it(tmp_path) -> None:
    command = [sys.executable, "-c", WITHOUT_KIVY, "--home", str(tmp_path), "--server", "https://roads.example"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "The screens need Kivy: pip install 'cahot[app]'\n"
    assert load_choices(Home(tmp_path).choices).server_url == "https://roads.example"


def test_the_screens_start_the_recorder_and_take_it_with_them_when_they_end(tmp_path, stage) -> None:
    stage.__exit__(None, None, None)  # only its look at whether there is a window is wanted
    home = Home(tmp_path / "phone")
    save_choices(home.choices, Choices().agree(time.time()))
    environment = os.environ | {"SDL_VIDEODRIVER": "offscreen", "SDL_AUDIODRIVER": "dummy", "KIVY_HOME": str(tmp_path / "kivy")}
    command = [sys.executable, "-m", "mobile_app", "--home", str(home.folder), "--", "--source", "sensor-logger:0"]
    with subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as screens:
        try:
            _until(lambda: read_status(home.status).at_s > 0)
            assert screens.poll() is None
        finally:
            screens.send_signal(signal.SIGINT)
            assert screens.wait(30) is not None
    last_s = read_status(home.status).at_s
    time.sleep(2.5)
    assert read_status(home.status).at_s == last_s


def _until(done, longest_s: float = 40.0) -> None:
    end_s = time.monotonic() + longest_s
    while not done():
        assert time.monotonic() < end_s, "it did not happen in time"
        time.sleep(0.05)
