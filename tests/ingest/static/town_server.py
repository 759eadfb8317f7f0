"""The page's files and a town's answers over real HTTP, so that states can be shown which a healthy server never has."""

from __future__ import annotations

import base64
import hashlib
import json
import threading
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

STATIC = Path(__file__).parents[3] / "ingest" / "static"
CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "worker-src 'self'; base-uri 'none'; frame-ancestors 'none'; form-action 'none'"
)

TILE = base64.b64decode(  # one grey pixel
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNoAAAAggCBd81ytgAAAABJRU5ErkJggg=="
)


class TownServer:
    """Serves on a free port of 127.0.0.1 until closed. What it answers with may be changed at any time."""

    def __init__(self, tracks: dict[str, Any], defects: dict[str, Any], details: dict[str, dict[str, Any]]) -> None:
        self.tracks, self.defects, self.details = tracks, defects, details
        self.config: dict[str, Any] = {"style": None, "tiles": None, "attribution": None, "bounds": None}
        self.description: dict[str, Any] = {"openapi": "3.1.0", "paths": {}}  # a server that offers the map alone
        self.page_size = 1000
        self.failing = False
        self.asked: list[str] = []
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.url = f"http://127.0.0.1:{self._http.server_port}/"
        threading.Thread(target=self._http.serve_forever, daemon=True).start()

    def close(self) -> None:
        self._http.shutdown()
        self._http.server_close()

    def answer(self, path: str, query: dict[str, list[str]]) -> tuple[int, dict[str, Any]]:
        """(status, body) of one API request."""
        if self.failing:
            return 503, {"title": "Busy", "status": 503, "detail": "The database is busy; try again in 5 s.", "code": "busy"}
        if path == "/v1/map-config":
            return 200, self.config
        if path == "/openapi.json":
            return 200, self.description
        if path == "/v1/session":
            return 200, {"name": None, "role": "anyone", "until": None}
        if path == "/v1/tracks":
            return 200, self.tracks
        if path == "/v1/defects":
            return 200, self._page(int(query.get("cursor", ["0"])[0]))
        found = self.details.get(path.removeprefix("/v1/defects/"))
        return (
            (200, found)
            if found
            else (404, {"title": "Not found", "status": 404, "detail": "No such defect.", "code": "not_found"})
        )

    def _page(self, start: int) -> dict[str, Any]:
        features = self.defects["features"]
        stop = start + self.page_size
        return {**self.defects, "features": features[start:stop], "next": str(stop) if stop < len(features) else None}

    def _handler(self) -> type[SimpleHTTPRequestHandler]:
        town = self

        class Handler(SimpleHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def __init__(self, *args: Any) -> None:
                super().__init__(*args, directory=str(STATIC))

            def do_GET(self) -> None:
                url = urlsplit(self.path)
                if url.path.startswith("/tile/"):
                    town.asked.append(self.path)
                    self._send(200, TILE, "image/png")
                    return
                if not url.path.startswith("/v1/") and url.path != "/openapi.json":
                    super().do_GET()
                    return
                town.asked.append(self.path)
                status, body = town.answer(url.path, parse_qs(url.query))
                self._send(status, json.dumps(body).encode(), "application/json")

            def _send(self, status: int, body: bytes, media_type: str) -> None:
                tag = f'"{hashlib.sha256(body).hexdigest()[:16]}"'
                if self.headers.get("If-None-Match") == tag:
                    status, body = 304, b""
                self.send_response(status)
                self.send_header("Content-Type", media_type)
                self.send_header("ETag", tag)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def end_headers(self) -> None:
                self.send_header("Content-Security-Policy", CSP)
                self.send_header("X-Content-Type-Options", "nosniff")
                self.send_header("Access-Control-Allow-Origin", "*")  # as public tile servers do
                super().end_headers()

            def log_message(self, *_: Any) -> None:
                """Quiet: the tests look at what was asked."""

        return Handler
