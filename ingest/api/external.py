"""The server's address as others know it, for the links in its answers."""

from __future__ import annotations

from fastapi import Request

from ingest.api.access import settings_of


def address(request: Request) -> str:
    """Without a slash at its end: what the operator named, else where this request was sent to, as a trusted proxy tells it."""
    settings = settings_of(request)
    if settings.public_url:
        return settings.public_url.rstrip("/")
    scheme = "https" if settings.https else request.url.scheme
    return f"{scheme}://{request.headers.get('host', 'localhost')}{request.scope.get('root_path', '').rstrip('/')}"
