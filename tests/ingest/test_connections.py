"""Connections that do not become requests: they end in time, and keep nobody out."""

from __future__ import annotations

import contextlib
import json
import selectors
import shutil
import socket
import statistics
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
from callers import Phone, ServerProcess, make_chunk

from ingest.settings import Connections

HEAD_S, BODY_S = 1.0, 2.0
SLACK_S = 6.0  # two cores are shared with other tests; without the limits nothing would ever be closed
NOISY = "127.0.0.9"  # an address of this machine that the server does not trust as its own


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    """A server of little patience; the address 127.0.0.1 is trusted, all others of this machine are strangers."""
    chosen = {
        "connections": {"head_s": HEAD_S, "body_s": BODY_S, "per_address": 60, "most": 500},
        "rates": {"enrolments_burst": 2},
    }
    shared = ServerProcess(tmp_path_factory.mktemp("patient") / "data", settings=chosen)
    yield shared
    assert shared.stop() == 0
    assert "Traceback" not in Path(shared.log.name).read_text()


def connect(server: ServerProcess, source: str = "127.0.0.1") -> socket.socket:
    port = int(server.address.rstrip("/").rpartition(":")[2])
    return socket.create_connection(("127.0.0.1", port), timeout=10, source_address=(source, 0))


def answer_of(wire: socket.socket) -> bytes:
    """All until the server closes; a reset is a close too."""
    parts = []
    with contextlib.suppress(ConnectionError):
        while part := wire.recv(65_536):
            parts.append(part)
    return b"".join(parts)


def drip(wire: socket.socket, begin: bytes, each: bytes, pause_s: float = 0.05) -> tuple[float, bytes]:
    """Send so until the server closes: how long that took, and what it said."""
    said, begun = b"", time.monotonic()
    wire.sendall(begin)
    wire.settimeout(pause_s)
    while time.monotonic() - begun < 20:
        with contextlib.suppress(TimeoutError):
            try:
                part = wire.recv(65_536)
            except ConnectionError:
                break
            said += part
            if not part:
                break
        with contextlib.suppress(OSError):
            wire.sendall(each)
    return time.monotonic() - begun, said


def code_of(answer: bytes) -> tuple[int, str]:
    head, _, body = answer.partition(b"\r\n\r\n")
    assert b"application/problem+json" in head, answer
    return int(head.split(b" ", 2)[1]), json.loads(body)["code"]


ENROL = b"POST /v1/devices HTTP/1.1\r\nHost: x\r\n"


def test_a_connection_that_says_nothing_is_closed_without_a_word(server: ServerProcess):
    with connect(server) as wire:
        begun = time.monotonic()
        assert answer_of(wire) == b""
        assert HEAD_S - 0.1 < time.monotonic() - begun < HEAD_S + SLACK_S


@pytest.mark.parametrize(
    ("begin", "each", "within_s"),
    [
        (b"GET /healthz HT", b"", HEAD_S),
        (b"GET /healthz HTTP/1.1\r\nHost: x\r\n", b"A: b\r\n", HEAD_S),
        (b"GET /healthz HTTP/1.1\r\nHost: x\r\nA: ", b"b", HEAD_S),
        (ENROL + b"Content-Length: 1000\r\n\r\n", b"", BODY_S),
        (ENROL + b"Content-Length: 1000\r\n\r\n", b"x", BODY_S),
        (ENROL + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\nx\r\n", BODY_S),
        (ENROL + b"Transfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n", b"A: b\r\n", BODY_S),
    ],
    ids=["half a line", "headers", "one header", "no body", "body", "chunks", "trailers"],
)
def test_a_request_that_drips_is_told_so_and_closed(server: ServerProcess, begin: bytes, each: bytes, within_s: float):
    with connect(server) as wire:
        took_s, said = drip(wire, begin, each)
    assert within_s - 0.1 < took_s < within_s + SLACK_S
    assert code_of(said) == (408, "body.slow")


def test_a_second_request_on_a_kept_connection_has_its_own_time(server: ServerProcess):
    with connect(server) as wire:
        for _ in range(3):
            wire.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
            said = b""
            while not said.endswith(b"}"):
                said += wire.recv(65_536)
            assert said.startswith(b"HTTP/1.1 200")
            time.sleep(0.7 * HEAD_S)
        took_s, said = drip(wire, b"GET /healthz HTTP/1.1\r\n", b"")
    assert took_s < HEAD_S + SLACK_S
    assert code_of(said) == (408, "body.slow")


def test_a_refused_request_whose_body_drips_on_is_closed_without_a_second_answer(server: ServerProcess):
    head = f"PUT /v1/trips/{uuid.uuid4()}/chunks/0 HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n"
    with connect(server) as wire:
        took_s, said = drip(wire, head.encode(), b"x")
    assert took_s < BODY_S + SLACK_S
    assert said.count(b"HTTP/1.1 ") == 1
    assert said.startswith(b"HTTP/1.1 401")


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        (b"GET / HTTP/1.1\r\nHost: x\r\nA: " + b"x" * Connections.head_bytes + b"\r\n\r\n", (431, "head.too_large")),
        (b"GET / HTTP/1.1\r\nHost: x\r\n" + b"A: b\r\n" * 4000 + b"\r\n", (431, "head.too_large")),
        (b"GET /" + b"x" * 200_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n", (431, "head.too_large")),
        (b"GET / HTTP/1.1\r\nHost: x\r\nA: " + b"x" * 1_000_000, (431, "head.too_large")),
        (ENROL + b"Transfer-Encoding: chunked\r\n\r\n0\r\nA: " + b"x" * 1_000_000, (431, "head.too_large")),
        (ENROL + b"Transfer-Encoding: chunked\r\n\r\n1;e=" + b"x" * 1_000_000, (431, "head.too_large")),
        (b"GET /healthz HTTP/1.1\r\n\r\n", (400, "head.malformed")),
        (b"GET /healthz HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n", (400, "head.malformed")),
        (ENROL + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", (400, "head.malformed")),
        (ENROL + b"Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello", (400, "head.malformed")),
        (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", (400, "head.malformed")),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", (400, "head.malformed")),
    ],
)
def test_heads_that_are_too_large_or_no_heads(server: ServerProcess, sent: bytes, expected: tuple[int, str]):
    with connect(server) as wire:
        with contextlib.suppress(ConnectionError):
            wire.sendall(sent)
        said = answer_of(wire)
    assert said == b"" or code_of(said) == expected  # what is still being sent when it is refused may be reset
    assert said or len(sent) > 100_000


def test_a_head_just_below_the_limit_passes(server: ServerProcess):
    with connect(server) as wire:
        wire.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\nA: " + b"x" * (Connections.head_bytes - 100) + b"\r\n\r\n")
        assert wire.recv(65_536).startswith(b"HTTP/1.1 200")


def test_one_address_has_its_share_of_connections_and_the_longest_waiting_makes_room(server: ServerProcess):
    with contextlib.ExitStack() as open_ones:
        wires = [open_ones.enter_context(connect(server, NOISY)) for _ in range(100)]
        for wire in wires:
            with contextlib.suppress(ConnectionError):
                wire.sendall(b"GET / HTTP/1.1\r\n")
        time.sleep(0.3)
        closed = [is_closed(wire) for wire in wires]
    assert closed == [True] * 40 + [False] * 60


def test_how_often_one_may_enrol_goes_by_the_address_of_the_socket(server: ServerProcess):
    with httpx.Client(base_url=server.address, transport=httpx.HTTPTransport(local_address=NOISY), timeout=20) as stranger:
        told = {"X-Forwarded-For": "198.51.100.1"}
        assert [stranger.post("/v1/devices", headers=told).status_code for _ in range(3)] == [201, 201, 429]
    with server.client() as operator:
        assert [operator.post("/v1/devices").status_code for _ in range(3)] == [201] * 3


def is_closed(wire: socket.socket) -> bool:
    wire.setblocking(False)
    try:
        return wire.recv(1) == b""
    except BlockingIOError:
        return False
    except ConnectionError:
        return True


@contextlib.contextmanager
def drippers(server: ServerProcess, count: int, sources: Callable[[int], str]) -> Iterator[None]:
    """So many connections that send a byte of a head now and then; each is made anew as soon as it is closed."""
    stop = threading.Event()

    def run() -> None:
        waiting = selectors.DefaultSelector()
        try:
            for number in range(count):
                begin(number)(waiting)
            while not stop.wait(0.1):
                for key, _ in waiting.select(0):
                    if is_closed(key.fileobj):  # type: ignore[arg-type]
                        waiting.unregister(key.fileobj)
                        key.fileobj.close()  # type: ignore[union-attr]
                        begin(key.data)(waiting)
                for key in list(waiting.get_map().values()):
                    with contextlib.suppress(OSError):
                        key.fileobj.send(b"x")  # type: ignore[union-attr]
        finally:
            for key in list(waiting.get_map().values()):
                key.fileobj.close()  # type: ignore[union-attr]

    def begin(number: int) -> Callable[[selectors.BaseSelector], None]:
        def register(waiting: selectors.BaseSelector) -> None:
            wire = connect(server, sources(number))
            with contextlib.suppress(OSError):
                wire.sendall(b"GET / HTTP/1.1\r\nHost: x\r\nA: ")
            waiting.register(wire, selectors.EVENT_READ, number)

        return register

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def honest_times(server: ServerProcess, count: int) -> list[float]:
    """Seconds that a phone's uploads take, each on a new connection."""
    with server.client() as http:
        phone, trip = Phone.enrol(http), str(uuid.uuid4())
    times = []
    for number in range(count):
        begun = time.monotonic()
        with server.client() as http:
            assert Phone(http, phone.token).put(trip, number, make_chunk(trip, number)).status_code == 201
        times.append(time.monotonic() - begun)
    return times


@pytest.mark.parametrize(
    "sources",
    [lambda number: NOISY, lambda number: f"127.0.1.{number % 250 + 1}", lambda number: "127.0.0.1"],
    ids=["one address", "many addresses", "the trusted address"],
)
def test_five_hundred_dripping_connections_do_not_keep_out_an_honest_phone(server: ServerProcess, sources: Callable[[int], str]):
    quiet = honest_times(server, 20)
    with drippers(server, 520, sources):
        time.sleep(1.0)
        noisy = honest_times(server, 20)
    print(f"median upload {1e3 * statistics.median(quiet):.0f} ms alone, {1e3 * statistics.median(noisy):.0f} ms beside drippers")
    assert max(noisy) < 15.0  # all were answered; how much slower is printed, as two cores are shared with the drippers


def test_a_server_that_may_open_few_files_keeps_some_for_its_work(tmp_path: Path):
    if not shutil.which("prlimit"):
        pytest.skip("prlimit is not installed: open files cannot be limited")
    server = ServerProcess(tmp_path / "data", before=("prlimit", "--nofile=120:120"))
    try:
        with drippers(server, 150, lambda number: "127.0.0.1"):
            time.sleep(0.5)
            assert max(honest_times(server, 5)) < 15.0
    finally:
        server.stop()
    assert "Traceback" not in Path(server.log.name).read_text()


def test_whoever_does_not_read_a_long_answer_is_closed(tmp_path: Path):
    path = "vendor/maplibre-gl-6.17.0/maplibre-gl.mjs"
    asked = 20  # more than the buffers of both ends take
    server = ServerProcess(tmp_path / "data", settings={"connections": {"read_s": 0.5}})
    try:
        with server.client() as http:
            size = len(http.get(f"/{path}", headers={"Accept-Encoding": "identity"}).content)
        with connect(server) as wire:
            wire.sendall(f"GET /{path} HTTP/1.1\r\nHost: x\r\n\r\n".encode() * asked)
            time.sleep(2.0)
            assert 0 < len(answer_of(wire)) < 0.9 * asked * size
        with server.client() as http:
            assert http.get("/healthz").status_code == 200
    finally:
        server.stop()
    assert "Traceback" not in Path(server.log.name).read_text()
