"""Confirmed defects reach another installation's Open311 once, whatever is lost or killed; what is closed there comes back."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from os import kill

import city
import httpx
import pytest
import roads
from callers import ServerProcess
from fastapi.testclient import TestClient

from ingest.api.permissions import CREW
from ingest.open311_push import Endpoint, EndpointUnusable, follow, push
from ingest.settings import Settings
from ingest.store import Store, open_store
from ingest.store.schema import Open311Push

V2 = "open311/v2"


@dataclass
class Line:
    """Between the two: passes everything on and counts the posts, each made another text, so that the other cannot know it by
    that. lose: answers to posts that never arrive; kill: who is killed when the other has answered."""

    target: str
    port: int = 0
    posts: int = 0
    lose: int = 0
    kill: int = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/{V2}"


@pytest.fixture(scope="module")
def other(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    """The city's system: a real server of another installation, where d000001 is repaired."""
    data = tmp_path_factory.mktemp("other") / "data"
    store = open_store(Settings(data))
    roads.put_city(store)
    token = city.user(store, "cleo", CREW)
    store.database.close()
    server = ServerProcess(data)
    with server.client() as http:
        assert city.patch(http, token, {"status": "repaired"}, "d000001").status_code == 200
    yield server
    server.stop()


@pytest.fixture
def line(other: ServerProcess) -> Iterator[Line]:
    told = Line(other.address)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            length = int(self.headers.get("content-length", 0))
            data = self.rfile.read(length) if length else None
            if data is not None:
                told.posts += 1
                data += f"+{told.posts}".encode()
            try:
                with urllib.request.urlopen(urllib.request.Request(told.target + self.path[1:], data)) as answer:
                    status, body = answer.status, answer.read()
            except urllib.error.HTTPError as error:
                status, body = error.code, error.read()
            if data is not None and told.kill:
                kill(told.kill, signal.SIGKILL)
            if data is not None and told.lose:
                told.lose -= 1
                self.close_connection = True
                return
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_POST = do_GET

        def log_message(self, *_: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    told.port = server.server_port
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield told
    server.shutdown()
    server.server_close()


@pytest.fixture
def names(http: TestClient, store: Store, request: pytest.FixtureRequest) -> list[str]:
    """Three confirmed defects with names of this test's own, and one confirmed that few passed."""
    own = [f"{abs(hash(request.node.nodeid)) % 10**8}-{n}" for n in range(3)]
    city.put_defects(store, city.some_defects(**dict.fromkeys(own, 5), rare=2, new=5))
    token = city.user(store, "cleo", CREW)
    for name in (*own, "rare"):
        assert city.patch(http, token, {"status": "confirmed"}, name).status_code == 200
    return own


def there(other: ServerProcess, names: list[str]) -> dict[str, str]:
    """Of each defect, its request in the other system; fails where one has two."""
    rows = httpx.get(f"{other.address}{V2}/requests.json", timeout=20).json()
    found = [(name, row["service_request_id"]) for row in rows for name in names if f"[cahot {name}]" in row["description"]]
    assert len(found) == len(dict(found)), "pushed twice"
    return dict(found)


def kept(store: Store) -> dict[str, str | None]:
    with store.database.read() as session:
        return {row.defect_id: row.service_request_id for row in session.query(Open311Push)}


@pytest.mark.both_databases
def test_what_is_confirmed_is_pushed_once(store: Store, line: Line, other: ServerProcess, names: list[str]):
    first = push(store, Endpoint(line.url), 3, time.time())
    assert (first.pushed, first.found) == (3, 0)
    assert there(other, names) == kept(store)
    assert set(kept(store)) == set(names)
    again = push(store, Endpoint(line.url), 3, time.time())
    assert (again.pushed, again.found, line.posts) == (0, 0, 3)


@pytest.mark.both_databases
def test_an_answer_that_is_lost_is_looked_up_and_nothing_is_posted_again(
    store: Store, line: Line, other: ServerProcess, names: list[str]
):
    line.lose = 1
    with pytest.raises(EndpointUnusable, match="nothing is pushed twice"):
        push(store, Endpoint(line.url), 3, time.time())
    assert list(kept(store).values()) == [None]
    done = push(store, Endpoint(line.url), 3, time.time())
    assert (done.pushed, done.found, line.posts) == (2, 1, 3)
    assert there(other, names) == kept(store)


_PUSH = """
import sys, time
from pathlib import Path
from ingest.open311_push import Endpoint, push
from ingest.settings import Settings
from ingest.store import open_store
push(open_store(Settings(Path(sys.argv[1]), sys.argv[2])), Endpoint(sys.argv[3]), 3, time.time())
"""


def test_killed_between_the_post_and_its_row_nothing_is_pushed_twice(
    store: Store, installation: Settings, line: Line, other: ServerProcess, names: list[str]
):
    for _ in range(3):
        process = subprocess.Popen([sys.executable, "-c", _PUSH, str(installation.data), "", line.url])
        line.kill = process.pid
        assert process.wait(60) == -signal.SIGKILL
    line.kill = 0
    done = push(store, Endpoint(line.url), 3, time.time())
    assert (done.pushed, done.found, line.posts) == (0, 1, 3)
    assert there(other, names) == kept(store)


def test_a_post_that_never_arrived_is_made_again(store: Store, line: Line, other: ServerProcess, names: list[str]):
    with store.database.write() as session:
        session.add(Open311Push(endpoint=line.url, defect_id=names[0], asked_at=time.time()))
    done = push(store, Endpoint(line.url), 3, time.time())
    assert (done.pushed, done.found) == (3, 0)
    assert set(there(other, names)) == set(names)


def test_what_is_closed_there_becomes_a_note_once(http: TestClient, store: Store, line: Line, names: list[str]):
    with store.database.write() as session:
        row = {"endpoint": line.url, "defect_id": names[0], "asked_at": time.time()}
        session.add(Open311Push(**row, service_request_id="d-d000001"))  # repaired there
    for expected in (1, 0):
        assert follow(store, Endpoint(line.url), time.time()) == expected
    defect = city.defect(http, city.user(store, "cleo", CREW), names[0])
    assert defect["properties"]["status"] == "confirmed", "what the other says is a word, the passes judge"
    assert [(c["by"], c["note"]) for c in defect["changes"]][1:] == [("open311", "request d-d000001 was closed there: repaired")]


def test_a_kind_without_a_service_there_is_told_and_other_codes_are_used(store: Store, line: Line, names: list[str]):
    done = push(store, Endpoint(line.url, codes={"pothole": "001"}), 3, time.time())
    assert (done.pushed, done.without_service) == (0, 3)
    assert push(store, Endpoint(line.url, codes={"pothole": "joint"}), 3, time.time()).pushed == 3


def test_the_command_pushes_and_explains_an_endpoint_out_of_reach(
    store: Store, installation: Settings, line: Line, names: list[str]
):
    def run(url: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "ingest.commands", "open311", "push", "--endpoint", url]
        return subprocess.run([*command, "--data", str(installation.data)], capture_output=True, text=True, check=False)

    done = run(line.url)
    assert (done.returncode, "3 pushed" in done.stderr + done.stdout) == (0, True), done.stderr
    away = run("http://127.0.0.1:1/v2")
    assert away.returncode == 1
    assert "run the same again later" in away.stderr
    assert run("city.example").returncode == 2
