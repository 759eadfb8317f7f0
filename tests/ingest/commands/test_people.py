"""`cahot users`, `codes`, `devices`, `audit` as an operator meets them, and how `cahot serve` lets the first administrator in."""

from __future__ import annotations

import os
import re
import shutil
import signal
import sqlite3
import ssl
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from ingest.commands import main
from ingest.commands.installation import opened
from ingest.listening import Listening, is_loopback
from ingest.store import users
from tests.ingest.commands.conftest import CAHOT

Run = Callable[..., subprocess.CompletedProcess[str]]

PATIENCE_S = 60  # on a busy machine
LINK = re.compile(r"(http\S+/)sign-in\.html#(cahotlink_\S{43})\n")


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


@contextmanager
def serving(folder: Path, *options: str) -> Iterator[subprocess.Popen[str]]:
    """`cahot serve` on a free port; its log is beside the data folder."""
    command = [*CAHOT, "serve", "--data", str(folder / "data"), "--port", "0", *options]
    with (folder / "log").open("w") as log:
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, text=True, env=os.environ | {"HOME": str(folder)})
    try:
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=PATIENCE_S)


def line(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline()


def test_the_first_start_prints_a_link_that_lets_an_administrator_in_once(cahot: Run, tmp_path: Path) -> None:
    with serving(tmp_path) as process:
        address, unused = line(process).strip(), LINK.fullmatch(line(process))
        assert unused is not None
        assert unused[1] == address
    with serving(tmp_path) as process:  # nobody came in yet: another link, in the place of the first
        address, link = line(process).strip(), LINK.fullmatch(line(process))
        assert link is not None
        with httpx.Client(base_url=address) as http:
            assert http.post("/v1/session", json={"link": unused[2]}).status_code == 401
            answer = http.post("/v1/session", json={"link": link[2]})
            assert (answer.status_code, answer.json()["role"]) == (201, "admin")
    kept = b"".join(path.read_bytes() for path in (tmp_path / "data").rglob("*") if path.is_file())
    assert link[2].encode() not in kept
    assert "cahotlink_" not in (tmp_path / "log").read_text()
    assert cahot("users", "list", "--data", tmp_path / "data").stdout.count("admin") == 2  # name and role of one user
    with opened(tmp_path / "data", "") as store, store.database.write() as session:
        assert users.first_admin(session, time.time()) is None  # the next start prints none


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "city.example"])
def test_plain_http_beyond_this_machine_is_refused_with_a_way_out(cahot: Run, tmp_path: Path, host: str) -> None:
    done = cahot("serve", "--host", host, "--data", tmp_path / "data")
    assert done.returncode == 2
    (told,) = done.stderr.splitlines()
    for word in (host, "--behind-proxy", "--certificate", "127.0.0.1"):
        assert word in told
    assert not (tmp_path / "data").exists()


def test_half_a_certificate_is_refused(cahot: Run, tmp_path: Path) -> None:
    done = cahot("serve", "--certificate", tmp_path / "x.pem", "--data", tmp_path / "data")
    assert (done.returncode, len(done.stderr.splitlines())) == (2, 1)
    assert "--key" in done.stderr


@pytest.mark.parametrize(
    ("host", "own"),
    [
        ("127.0.0.1", True),
        ("127.1.2.3", True),
        ("::1", True),
        ("localhost", True),
        ("0.0.0.0", False),
        ("::", False),
        ("", False),
    ],
)
def test_only_this_machine_is_this_machine(host: str, own: bool) -> None:
    assert is_loopback(host) is own


def test_forwarding_headers_count_from_named_addresses_only() -> None:
    assert Listening().trusted is None
    assert Listening(forwarded_allow_ips="10.0.0.1").trusted is None  # without a proxy nobody may say for whom they ask
    assert Listening(behind_proxy=True).trusted == "127.0.0.1,::1"
    assert Listening(behind_proxy=True, forwarded_allow_ips="10.0.0.1").trusted == "10.0.0.1"


def test_behind_a_proxy_it_listens_anywhere_and_cookies_are_for_tls(tmp_path: Path) -> None:
    with serving(tmp_path, "--host", "0.0.0.0", "--behind-proxy") as process:
        port = line(process).strip().rstrip("/").rpartition(":")[2]
        link = LINK.fullmatch(line(process))
        assert link is not None
        answer = httpx.post(f"http://127.0.0.1:{port}/v1/session", json={"link": link[2]})
    assert answer.headers["set-cookie"].startswith("__Host-cahot=")
    assert "strict-transport-security" in answer.headers


def test_it_speaks_tls_itself(tmp_path: Path) -> None:
    if not shutil.which("openssl"):
        pytest.skip("openssl is not installed: no certificate to serve with")
    names = ["-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1"]
    made = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2", *names]
    subprocess.run([*made, "-keyout", tmp_path / "key.pem", "-out", tmp_path / "cert.pem"], check=True, capture_output=True)
    with serving(tmp_path, "--certificate", str(tmp_path / "cert.pem"), "--key", str(tmp_path / "key.pem")) as process:
        address = line(process).strip()
        assert address.startswith("https://")
        trusting = ssl.create_default_context(cafile=str(tmp_path / "cert.pem"))
        answer = httpx.get(f"{address}v1/session", verify=trusting)
        assert answer.json()["role"] == "anyone"
        assert "strict-transport-security" in answer.headers


def codes_and_devices(cahot: Run, address: str, folder: Path) -> None:
    """A code enrols, and a revoked device is out, while the server runs."""
    data = ("--data", folder)
    code = cahot("codes", "add", "--uses", "1", "--days", "1", *data).stdout.strip()
    assert re.fullmatch("[0-9A-Z]{4}(-[0-9A-Z]{4}){3}", code)
    with httpx.Client(base_url=address) as http:
        assert http.post("/v1/devices").status_code == 403
        device = http.post("/v1/devices", json={"code": code}).json()
        me = {"Authorization": f"Bearer {device['token']}"}
        assert http.get("/v1/me", headers=me).status_code == 200
        assert device["device_id"] in cahot("devices", "list", *data).stdout
        assert cahot("devices", "revoke", device["device_id"], *data).returncode == 0
        assert http.get("/v1/me", headers=me).status_code == 401
    assert device["device_id"] not in cahot("audit", "list", *data).stdout


def test_devices_and_crews_are_let_in_and_shut_out_while_the_server_runs(cahot: Run, tmp_path: Path) -> None:
    data = ("--data", tmp_path / "data")
    with serving(tmp_path, "--enrol-with-codes") as process:
        address = line(process).strip()
        codes_and_devices(cahot, address, tmp_path / "data")
        added = cahot("users", "add", "anna", "--role", "crew", "--email", "anna@city.example", "--server", address, *data)
        link = LINK.fullmatch(added.stdout)
        assert link is not None
        assert link[1] == address
        assert "7 days" in added.stderr
        token = cahot("users", "token", "anna", *data).stdout.strip()
        with httpx.Client(base_url=address) as http:
            assert http.post("/v1/session", json={"link": link[2]}).json()["name"] == "anna"
            me = {"Authorization": f"Bearer {token}"}
            assert http.get("/v1/reports", headers=me).status_code == 200
            assert http.get("/v1/reports").status_code == 200  # by the cookie
            assert cahot("users", "sign-out", "anna", *data).returncode == 0
            assert http.get("/v1/reports", headers=me).status_code == 401
            assert http.get("/v1/reports").status_code == 401
        assert cahot("users", "role", "anna", "--role", "analyst", *data).returncode == 0
        assert cahot("users", "remove", "anna", *data).returncode == 0
    told = cahot("audit", "list", *data).stdout
    order = [
        "user.add user:anna",
        "user.token",
        "user.sign-in",
        "user.sign-out",
        "user.role user:anna crew → analyst",
        "user.remove",
    ]
    places = [told.index(deed) for deed in order]
    assert places == sorted(places)
    assert token not in told


def test_mistakes_are_told_in_one_line(cahot: Run, tmp_path: Path) -> None:
    data = ("--data", tmp_path / "data")
    cahot("users", "add", "anna", "--role", "crew", *data)
    for arguments, code, word in (
        (("users", "add", "anna", "--role", "crew"), 1, "users link anna"),
        (("users", "add", "ben", "--role", "boss"), 2, "analyst"),
        (("users", "add", "a\nb", "--role", "crew"), 2, "letters"),
        (("users", "add", "ben", "--role", "crew", "--email", "nowhere"), 2, "address"),
        (("users", "link", "ben"), 1, "users list"),
        (("devices", "revoke", "x"), 1, "devices list"),
    ):
        done = cahot(*arguments, *data)
        assert done.returncode == code, arguments
        assert len(done.stderr.splitlines()) == 1, done.stderr
        assert word in done.stderr
    missing = cahot("devices", "list", "--data", tmp_path / "mistyped")
    assert missing.returncode == 1
    assert not (tmp_path / "mistyped").exists()


def test_the_log_is_verified_and_a_cut_one_is_told(cahot: Run, tmp_path: Path) -> None:
    data = ("--data", tmp_path / "data")
    cahot("users", "add", "anna", "--role", "crew", *data)
    done = cahot("audit", "verify", *data)
    assert done.returncode == 0
    head = re.fullmatch(r"2 entries, head ([0-9a-f]{64})\n", done.stdout)
    assert head is not None
    cahot("export", "defects", *data)
    assert cahot("audit", "verify", "--head", head[1], *data).stdout.startswith("3 entries")
    assert "export defects" in cahot("audit", "list", *data).stdout
    with sqlite3.connect(tmp_path / "data" / "cahot.sqlite") as behind:
        behind.execute("DROP TRIGGER audit_log_no_DELETE")
        behind.execute("DELETE FROM audit_log WHERE number = 3")
    done = cahot("audit", "verify", *data)
    assert (done.returncode, len(done.stderr.splitlines())) == (1, 1)
    assert "ends at entry 2" in done.stderr
