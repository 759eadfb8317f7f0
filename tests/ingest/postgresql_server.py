"""A PostgreSQL server of the tests' own, from Debian's programs: made in a temporary folder, gone with the tests."""

from __future__ import annotations

import itertools
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path

import psycopg
from sqlalchemy import URL

from ingest.store import Database

USER = "cahot"
# quick rather than durable: what is asked of these tests is what the programs do, not what the disk keeps
QUICK = ("fsync=off", "full_page_writes=off", "autovacuum=off")
SETTINGS = ("max_connections=200", "listen_addresses=", "shared_buffers=32MB")


def programs() -> Path | None:
    """Folder of initdb and postgres, the newest that is installed."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parents[1].name))
    return found[-1].parent if found else None


class PostgresqlServer:
    """Reached by a socket in its folder. Its databases are copies of one that is migrated already."""

    def __init__(self, of: Path, *, durable: bool = False) -> None:
        self._of, self._settings = of, SETTINGS if durable else (*SETTINGS, *QUICK)
        self.folder = Path(tempfile.mkdtemp(prefix="cahot-pg-"))  # short: the path of a socket has at most 107 characters
        # PostgreSQL refuses to run as root
        self._as = pwd.getpwnam(_unprivileged()) if os.geteuid() == 0 else None
        if self._as:
            shutil.chown(self.folder, self._as.pw_uid, self._as.pw_gid)
        self._numbers = itertools.count()
        # not the C locale: texts sort here as nobody expects, as they may at an operator's
        made = [
            "--no-sync",
            "--auth=trust",
            "--encoding=UTF8",
            f"--username={USER}",
            "--locale-provider=icu",
            "--icu-locale=en-US",
        ]
        self._run([of / "initdb", "-D", self.folder / "data", *made])
        self.start()
        self._template = self._create("template")
        database = Database(self.url(self._template))
        database.migrate()
        database.close()

    def start(self) -> None:
        told = [part for setting in self._settings for part in ("-c", setting)]
        command = [str(self._of / "postgres"), "-D", str(self.folder / "data"), "-k", str(self.folder), *told]
        log = (self.folder / "log").open("ab")
        # should the tests be killed, it ends as well
        self.process = subprocess.Popen(["setpriv", "--pdeathsig", "QUIT", *command], stdout=log, stderr=log, **self._ids())
        last = time.monotonic() + 60
        while True:
            try:
                psycopg.connect(self._address("postgres")).close()
                return
            except psycopg.OperationalError:
                assert time.monotonic() < last, (self.folder / "log").read_text()[-2000:]
                assert self.process.poll() is None, (self.folder / "log").read_text()[-2000:]
                time.sleep(0.05)

    def stop(self) -> None:
        """As `pg_ctl stop -m fast`: open connections are cut."""
        self.process.send_signal(signal.SIGINT)
        self.process.wait(30)

    def end(self) -> None:
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def new_database(self) -> str:
        """URL of an empty installation's."""
        return self.url(self._create(f"test{next(self._numbers)}", f"TEMPLATE {self._template}"))

    def bare_database(self) -> str:
        """URL of one without tables."""
        return self.url(self._create(f"test{next(self._numbers)}"))

    def drop(self, url: str) -> None:
        self._say(f"DROP DATABASE IF EXISTS {url.rpartition('/')[2].partition('?')[0]} WITH (FORCE)")

    def url(self, name: str) -> str:
        made = URL.create("postgresql+psycopg", USER, database=name, query={"host": str(self.folder)})
        return made.render_as_string(hide_password=False)

    def _create(self, name: str, how: str = "") -> str:
        self._say(f"CREATE DATABASE {name} {how}")
        return name

    def _say(self, statement: str) -> None:
        with psycopg.connect(self._address("postgres"), autocommit=True) as connection:
            connection.execute(statement.encode())

    def _address(self, name: str) -> str:
        return f"host={self.folder} user={USER} dbname={name}"

    def _run(self, command: list[object]) -> None:
        done = subprocess.run([str(part) for part in command], capture_output=True, text=True, cwd="/", **self._ids())
        assert done.returncode == 0, done.stdout + done.stderr

    def _ids(self) -> dict[str, object]:
        return {"user": self._as.pw_uid, "group": self._as.pw_gid, "extra_groups": []} if self._as else {}


def _unprivileged() -> str:
    """Debian's package makes `postgres`; `nobody` is everywhere."""
    names = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in names else "nobody"
