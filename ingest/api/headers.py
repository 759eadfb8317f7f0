"""Headers on every answer: what a browser may do with the map page, and what may be cached."""

from __future__ import annotations

from urllib.parse import urlsplit

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ingest.settings import Settings


class SecurityHeaders:
    """Adds them to each response that has none of its own."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self._app = app
        self._headers = {
            "Content-Security-Policy": policy(settings),
            "X-Content-Type-Options": "nosniff",
            "Referrer-Policy": "no-referrer",
            "Cross-Origin-Opener-Policy": "same-origin",
            "Permissions-Policy": "geolocation=(self), camera=(), microphone=()",
            "Cache-Control": "no-store",
        }
        if settings.https:
            self._headers["Strict-Transport-Security"] = "max-age=31536000"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def adding(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self._headers.items():
                    headers.setdefault(name, value)
            await send(message)

        await self._app(scope, receive, adding if scope["type"] == "http" else send)


def policy(settings: Settings) -> str:
    """The content security policy: nothing but this server, and the background map's where one is set."""
    beyond = "".join(f" {origin}" for origin in sorted(_origins(settings)))
    return "; ".join(
        (
            "default-src 'none'",
            "script-src 'self'",
            "style-src 'self'",
            f"img-src 'self' data:{beyond}",
            f"connect-src 'self'{beyond}",
            f"font-src 'self'{beyond}",
            "worker-src 'self'",
            "manifest-src 'self'",
            "base-uri 'none'",
            "form-action 'none'",
            "frame-ancestors 'none'",
        )
    )


def _origins(settings: Settings) -> set[str]:
    parts = [urlsplit(url) for url in (settings.style_url, settings.tile_url) if url]
    return {f"{part.scheme}://{part.netloc}" for part in parts if part.scheme in ("http", "https") and part.netloc}
