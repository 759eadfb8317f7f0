"""`cahot webhooks` as an operator meets it: the secret is shown once, and what is wrong is told."""

from __future__ import annotations

import base64
import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from ingest.commands import main
from ingest.settings import Settings
from ingest.store import audit, open_store, webhooks

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def cahot(capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs `cahot` in this process: starting one takes seconds."""

    def run(*arguments: object) -> subprocess.CompletedProcess[str]:
        mask = os.umask(0o077)
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main([str(argument) for argument in arguments])
        os.umask(mask)
        told = capsys.readouterr()
        return subprocess.CompletedProcess(list(map(str, arguments)), int(ended.value.code or 0), told.out, told.err)

    return run


@pytest.fixture
def data(tmp_path: Path) -> Path:
    folder = tmp_path / "data"
    open_store(Settings(folder)).database.close()
    return folder


def test_a_webhook_is_added_listed_and_removed(cahot: Run, data: Path):
    url = "https://city.example/hooks"
    added = cahot("webhooks", "add", url, "--events", "defect.created, defect.repaired", "--data", data)
    assert added.returncode == 0, added.stderr
    secret = added.stdout.strip()
    assert len(base64.b64decode(secret.removeprefix("whsec_"))) == 32
    store = open_store(Settings(data))
    with store.database.read() as session:
        (held,) = [standing.webhook for standing in webhooks.standings(session)]
        assert [entry.what for entry in audit.entries(session)] == ["webhook.add"]
    assert (held.url, held.secret, held.events) == (url, secret, "defect.created defect.repaired")
    listed = cahot("webhooks", "list", "--data", data)
    assert held.id in listed.stdout
    assert secret not in listed.stdout + listed.stderr
    assert cahot("webhooks", "remove", held.id, "--data", data).returncode == 0
    assert cahot("webhooks", "remove", held.id, "--data", data).returncode == 1
    store.database.close()


def test_what_cannot_be_told_is_refused_with_what_can(cahot: Run, data: Path):
    for arguments, told in (
        (["ftp://city.example/x"], "give an address such as https://"),
        (["https://me:secret@city.example/x"], "give an address such as https://"),
        (["https://city.example/x", "--events", "defect.seen"], "choose of defect.created"),
    ):
        done = cahot("webhooks", "add", *arguments, "--data", data)
        assert (done.returncode, len(done.stderr.splitlines())) == (2, 1)
        assert told in done.stderr


def test_a_public_address_must_be_one(cahot: Run, tmp_path: Path):
    done = cahot("serve", "--public-url", "roads.example.org", "--data", tmp_path)
    assert done.returncode == 2
    assert "is not like https://" in done.stderr
