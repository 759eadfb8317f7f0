"""The map page's files, at the root, behind every route of the API."""

from __future__ import annotations

import mimetypes
import os
from pathlib import Path

from fastapi import FastAPI
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

_FOLDER = Path(__file__).parent.parent / "static"


class Pages(StaticFiles):
    """Files with the media types browsers insist on; always asked again by ETag, so an update is seen at once."""

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
    app.mount("/", Pages(directory=_FOLDER, html=True), name="pages")
