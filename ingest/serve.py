"""The process tree of `cahot serve`: the HTTP server here, one worker as a child that lives and dies with it.

`work` runs a further worker in the foreground, on this machine or another.
"""

from __future__ import annotations

import asyncio
import errno
import json
import logging
import os
import resource
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, replace
from functools import partial
from pathlib import Path
from types import FrameType

import uvicorn

from detection.assets import Assets
from detection.errors import CahotError
from ingest import logs
from ingest.api import create_app
from ingest.api.connections import protocol
from ingest.checking import after_start
from ingest.listening import Listening
from ingest.memory import return_large_pieces
from ingest.running import Start, checked, running
from ingest.settings import Settings, default_data
from ingest.store import Store, audit, open_store, users
from ingest.store import assets as known_assets
from mobile_app.privacy import Ends

log = logging.getLogger("cahot.serve")

OTHER_FILES = 250  # open at once besides connections: 50 of the database with its logs, 40 threads, libraries
GRACE_S = 10  # requests under way are finished within this, a worker ends its trip or is killed
LONGEST_PAUSE_S = 60.0  # between two attempts to start a worker that keeps dying


class AddressTaken(CahotError):
    """The server cannot listen where it was told to."""

    def __init__(self, host: str, port: int, why: str) -> None:
        self.host, self.port, self.why = host, port, why
        super().__init__(f"http://{host}:{port}: cannot listen there ({why}); choose another --port or --host")


def serve(
    host: str = "127.0.0.1",
    port: int = 8600,
    data: Path | None = None,
    database: str = "",
    *,
    settings: Settings | None = None,
    assets: Assets | None = None,
    where: Listening | None = None,
    on_ready: Callable[[str], None] = print,
    on_first_admin: Callable[[str], None] | None = None,
) -> None:
    """Serve until Ctrl-C or SIGTERM. port 0 takes any free one; `on_ready` is told the address once requests are answered.

    settings: everything else an operator may set; `data` and `database` override its own. assets: in the place of those
    stored; None leaves them. where: with TLS or a proxy, in the place of host and port.
    on_first_admin: told a sign-in link after the address, while no administrator has ever signed in; None makes none.
    Raises Exposed, HalfACertificate, AddressTaken, DatabaseUnusable.
    """
    os.umask(0o077)  # what is written here is for this user alone
    return_large_pieces()
    where = where or Listening(host, port)
    where.check()
    host, port = where.host, where.port
    chosen = replace(_settings(settings, data, database), https=where.https)
    listening = _listen(host, port)
    store = open_store(chosen)
    if assets is not None:
        _store_assets(store, assets)
    # behind a proxy all connections are its own; it counts those of its callers
    per_address = 0 if where.behind_proxy else chosen.connections.per_address
    connections = replace(chosen.connections, most=_allow_files(chosen.connections.most), per_address=per_address)
    server = uvicorn.Server(_uvicorn(create_app(chosen, store), where, protocol(connections)))
    scheme = "https" if where.certificate else "http"
    address = f"{scheme}://{f'[{host}]' if ':' in host else host}:{listening.getsockname()[1]}/"

    def ready() -> None:
        on_ready(address)
        if on_first_admin and (secret := _admin_link(store, chosen)):
            on_first_admin(f"{address}sign-in.html#{secret}")

    with running(chosen.data, time.time()) as start:
        _check(chosen, store, start)
        with _stopping_quietly(), _supervised(chosen):
            _run(server, listening, ready)
    store.database.close()


def work(data: Path | None = None, database: str = "", objects: str = "", *, settings: Settings | None = None) -> None:
    """Work on the backlog until Ctrl-C or SIGTERM. Raises DatabaseUnusable."""
    os.umask(0o077)
    chosen = _settings(settings, data, database, objects)
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    _work(chosen, stop)


def set_up_logging(form: str = "text") -> None:
    """Events on stderr as `ingest.logs` writes them; form: text or json."""
    logs.set_up(form)


def child() -> None:
    """The worker below `serve`: settings come as one line on stdin, and its end means that the server is gone."""
    os.umask(0o077)
    told = json.loads(sys.stdin.readline())
    set_up_logging(told["log_format"])
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    threading.Thread(target=_stop_at_end_of_input, args=(stop,), daemon=True).start()
    chosen = Settings(
        Path(told["data"]),
        told["database"],
        objects=told["objects"],
        k=told["k"],
        ends=Ends(**told["ends"]),
        enforce_cut=told["enforce_cut"],
        keep_traces_s=told["keep_traces_s"],
    )
    _work(chosen, stop)


def _stop_at_end_of_input(stop: threading.Event) -> None:
    sys.stdin.read()
    stop.set()


def _work(settings: Settings, stop: threading.Event) -> None:
    from ingest import worker  # scipy and hdbscan: nothing the server itself needs

    store = open_store(settings)
    worker.run(store, settings, stop.wait)
    store.database.close()


def _settings(settings: Settings | None, data: Path | None, database: str, objects: str = "") -> Settings:
    chosen = settings or Settings(data or default_data())
    return replace(
        chosen,
        data=(data or chosen.data).absolute(),
        database=database or chosen.database,
        objects=objects or chosen.objects,
    )


def _check(settings: Settings, store: Store, start: Start) -> None:
    now = time.time()
    _, whole = after_start(store, start)
    if whole and start.alone:
        checked(settings.data, now)


def _store_assets(store: Store, assets: Assets) -> None:
    changed = store.database.run(partial(known_assets.replace, assets=assets, now=time.time()))
    log.info("%d known assets%s", len(set(assets.id)), "; all defects are estimated anew" if changed else ", as before")


def _admin_link(store: Store, settings: Settings) -> str | None:
    """The secret part of a link for the first administrator; None once one has signed in."""
    now = time.time()
    with store.database.write() as session:
        if (admin := users.first_admin(session, now)) is None:
            return None
        audit.append(session, now, audit.Deed(audit.SYSTEM), "user.link", f"user:{admin.name}")
        return users.give(session, admin.id, users.LINK, now, settings.doors.admin_link_s)


def _listen(host: str, port: int) -> socket.socket:
    try:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        return socket.create_server((host, port), family=family, backlog=2048)
    except (OSError, OverflowError) as error:
        taken = getattr(error, "errno", None) == errno.EADDRINUSE
        raise AddressTaken(host, port, "another program does" if taken else str(error)) from error


def _allow_files(connections: int) -> int:
    """Raise the soft limit of open files, usually 1024, as far as needed and allowed; returns how many connections fit."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    hard = connections + OTHER_FILES if hard == resource.RLIM_INFINITY else hard
    allowed = max(soft, min(connections + OTHER_FILES, hard))
    if soft not in (allowed, resource.RLIM_INFINITY):
        resource.setrlimit(resource.RLIMIT_NOFILE, (allowed, resource.getrlimit(resource.RLIMIT_NOFILE)[1]))
    return min(connections, max(allowed - OTHER_FILES, allowed // 2))


def _uvicorn(app: object, where: Listening, http: type[asyncio.Protocol]) -> uvicorn.Config:
    return uvicorn.Config(
        app,  # type: ignore[arg-type]
        http=http,  # built on httptools: h11 takes a body with both a length and chunks
        ws="none",
        lifespan="off",
        server_header=False,
        proxy_headers=where.trusted is not None,
        forwarded_allow_ips=where.trusted or "",
        ssl_certfile=where.certificate,
        ssl_keyfile=where.key,
        access_log=False,
        log_config=None,
        timeout_keep_alive=30,
        timeout_graceful_shutdown=GRACE_S,
        backlog=2048,
    )


def _run(server: uvicorn.Server, listening: socket.socket, ready: Callable[[], None]) -> None:
    """Run it, and say so once it answers."""
    started = threading.Thread(target=_when_started, args=(server, ready), daemon=True)
    started.start()
    server.run(sockets=[listening])


def _when_started(server: uvicorn.Server, ready: Callable[[], None]) -> None:
    pause = threading.Event()
    while not server.started and not server.should_exit:
        pause.wait(0.02)
    if server.started:
        ready()


@contextmanager
def _stopping_quietly() -> Iterator[None]:
    """uvicorn raises the signal that stopped it once more when it is done: by then everything is stopped already."""

    def done(_number: int, _frame: FrameType | None) -> None:
        return

    before = {number: signal.signal(number, done) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def _supervised(settings: Settings) -> Iterator[None]:
    """A worker beside the server: started anew when it dies, ever more slowly; stopped at the end."""
    stop = threading.Event()
    watch = threading.Thread(target=_watch, args=(settings, stop))
    watch.start()
    try:
        yield
    finally:
        stop.set()
        watch.join()


def _watch(settings: Settings, stop: threading.Event) -> None:
    pause_s = 0.5
    while not stop.is_set():
        process = _start_worker(settings)
        lived = 0
        while process.poll() is None and not stop.wait(0.2):
            lived += 1
        if stop.is_set():
            _stop_worker(process)
            return
        pause_s = 0.5 if lived > 300 else min(pause_s * 2, LONGEST_PAUSE_S)
        log.error("the worker died (%s); starting another in %.1f s", process.returncode, pause_s)
        stop.wait(pause_s)


def _start_worker(settings: Settings) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "ingest.worker_process"]
    # a group of its own: Ctrl-C in a terminal is for the server alone, which then stops the worker
    process = subprocess.Popen(command, stdin=subprocess.PIPE, text=True, process_group=0)
    assert process.stdin is not None
    told = {name: getattr(settings, name) for name in ("database", "objects", "k", "enforce_cut", "keep_traces_s", "log_format")}
    told |= {"data": str(settings.data), "ends": asdict(settings.ends)}
    process.stdin.write(json.dumps(told) + "\n")  # not as an argument: the URL may hold a password
    process.stdin.flush()
    return process


def _stop_worker(process: subprocess.Popen[str]) -> None:
    process.terminate()
    try:
        process.wait(GRACE_S)
    except subprocess.TimeoutExpired:
        process.kill()  # its trip's lease runs out, and another worker does it
        process.wait()
