"""All that is held of this phone's person, here and on the server, in one zip for them to keep.

server/: the server's answer to `GET /v1/devices/me/data`, unpacked: rows.json and the traces as they are stored. phone/: what
this phone keeps: the diary, what waits or was refused, reports with their photos, the squares that are never sent, the choices.
The token is left out: it is of use to a thief only.
"""

from __future__ import annotations

import contextlib
import tempfile
import zipfile
from pathlib import Path
from typing import Any

from mobile_app.connection import Connection, Unreachable
from mobile_app.credentials import UnusableCredentials, load_credentials
from mobile_app.home import Home

ENDINGS = (".json", ".jsonl", ".chunk", ".part", ".open", ".jpg", ".sent", ".refused", ".geojson")


class ServerNotAsked(Exception):
    """The server's part is missing; `str(error)` says why. What is on this phone was written all the same."""


def export_mine(home: Home, into: Path, **options: Any) -> None:
    """Writes the zip, whole or not at all. Raises ServerNotAsked after it was written with this phone's part alone; OSError."""
    temporary = into.with_name(f".{into.name}.tmp")
    missing = ""
    try:
        with zipfile.ZipFile(temporary, "w", zipfile.ZIP_DEFLATED) as archive:
            for path in _files(home):
                with contextlib.suppress(FileNotFoundError):  # sent meanwhile
                    archive.write(path, f"phone/{path.relative_to(home.folder).as_posix()}")
            try:
                _add_servers(archive, home, options)
            except (Unreachable, UnusableCredentials, zipfile.BadZipFile) as error:
                missing = str(error)
        temporary.replace(into)
    finally:
        temporary.unlink(missing_ok=True)
    if missing:
        raise ServerNotAsked(missing)


def _files(home: Home) -> list[Path]:
    kept = [path for path in sorted(home.folder.rglob("*")) if path.is_file() and path.suffix in ENDINGS]
    return [path for path in kept if path != home.credentials and home.deleting not in path.parents]


def _add_servers(archive: zipfile.ZipFile, home: Home, options: dict[str, Any]) -> None:
    credentials = load_credentials(home.credentials)
    connection = Connection(credentials.server_url, credentials.token, **options)
    with tempfile.TemporaryFile(dir=home.folder) as held:
        try:
            answer = connection.ask("GET", "/v1/devices/me/data", into=held)
        finally:
            connection.close()
        if answer.status != 200:
            raise Unreachable(f"{credentials.server_url} did not give it: {answer.words}")
        with zipfile.ZipFile(held) as theirs:
            for name in theirs.namelist():
                with theirs.open(name) as source, archive.open(f"server/{name}", "w") as target:
                    while piece := source.read(1 << 16):
                        target.write(piece)
