"""The map page's files, at the root, behind every route of the API."""

from __future__ import annotations

import gzip
import mimetypes
import os
import re
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.responses import FileResponse, Response
from starlette.staticfiles import StaticFiles
from starlette.types import Receive, Scope, Send

_TEXT = {".css", ".html", ".js", ".mjs", ".svg"}
_FOLDER = Path(__file__).parent.parent / "static"


class Pages(StaticFiles):
    """Files with the media types browsers insist on; always asked again by ETag, so an update is seen at once.

    Text is kept in memory as gzip: a page is seventy files, and packing them for each visit takes longer than all else.
    What arrives here no route has taken. Where one takes the address with another method, that is what is wrong.
    """

    def __init__(self, app: FastAPI) -> None:
        super().__init__(directory=_FOLDER, html=True)
        self._api = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if methods := _methods_at(self._api.openapi()["paths"], scope["path"]):
            raise HTTPException(405, headers={"Allow": ", ".join(methods)})
        await super().__call__(scope, receive, send)

    def file_response(
        self, full_path: str | os.PathLike[str], stat_result: os.stat_result, scope: Scope, status_code: int = 200
    ) -> Response:
        response = super().file_response(full_path, stat_result, scope, status_code)
        packed = (
            status_code == 200 and isinstance(response, FileResponse) and _takes_gzip(scope) and Path(full_path).suffix in _TEXT
        )
        if packed and scope["method"] == "GET":
            headers = {name: response.headers[name] for name in ("ETag", "Last-Modified")} | {"Content-Encoding": "gzip"}
            response = Response(_packed(Path(full_path), stat_result.st_mtime_ns), 200, headers, response.media_type)
        response.headers["Cache-Control"] = "no-cache"
        response.headers["Vary"] = "Accept-Encoding"
        return response

    def lookup_path(self, path: str) -> tuple[str, os.stat_result | None]:
        try:
            return super().lookup_path(path)
        except (ValueError, OSError):  # a NUL byte, a name of 300 characters
            raise HTTPException(404) from None


def mount_pages(app: FastAPI) -> None:
    """Serve the map page at `/`."""
    mimetypes.add_type("text/javascript", ".mjs")  # Python 3.11 says application/javascript
    app.mount("/", Pages(app), name="pages")


def _takes_gzip(scope: Scope) -> bool:
    return "gzip" in Headers(scope=scope).get("accept-encoding", "")


@lru_cache(maxsize=256)
def _packed(path: Path, _mtime_ns: int) -> bytes:
    return gzip.compress(path.read_bytes(), mtime=0)


def _methods_at(paths: dict[str, Any], path: str) -> list[str]:
    """The methods that the API takes at this address; none where it has no such address."""
    for template, methods in paths.items():
        if _pattern(template).fullmatch(path):
            return [method.upper() for method in methods]
    return []


@cache
def _pattern(template: str) -> re.Pattern[str]:
    return re.compile(re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(template)), re.DOTALL)
