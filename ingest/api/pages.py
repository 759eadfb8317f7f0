"""The map page's files, at the root, behind every route of the API."""

from __future__ import annotations

import mimetypes
import os
import re
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Receive, Scope, Send

_FOLDER = Path(__file__).parent.parent / "static"


class Pages(StaticFiles):
    """Files with the media types browsers insist on; always asked again by ETag, so an update is seen at once.

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
        response.headers["Cache-Control"] = "no-cache"
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


def _methods_at(paths: dict[str, Any], path: str) -> list[str]:
    """The methods that the API takes at this address; none where it has no such address."""
    for template, methods in paths.items():
        if re.fullmatch(re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(template)), path, re.DOTALL):
            return [method.upper() for method in methods]
    return []
