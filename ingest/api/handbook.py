"""GET /docs: /openapi.json as a page to read, without scripts and without anything from elsewhere."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from ingest.api.permissions import for_whom

router = APIRouter(include_in_schema=False)


@router.get("/docs")
async def handbook(request: Request) -> HTMLResponse:
    told = request.app.openapi()
    body = "\n".join(_page(told))
    head = '<head><meta charset="utf-8"><title>Cahot API</title></head>'
    return HTMLResponse(f'<!doctype html><html lang="en">{head}<body>{body}</body></html>')


def _page(told: dict[str, Any]) -> Iterator[str]:
    yield f"<h1>{escape(told['info']['title'])} API</h1><p>{escape(told['info']['description'])}</p>"
    yield "<p>Devices and scripts send their token as <code>Authorization: Bearer</code>; browsers of users have a session.</p>"
    yield '<p>The same for programs: <a href="openapi.json">openapi.json</a>.</p>'
    for path, methods in told["paths"].items():
        for method, call in methods.items():
            yield f"<h2><code>{method.upper()} {escape(path)}</code> {escape(call.get('summary', ''))}</h2>"
            yield f"<p>For {escape(for_whom(method.upper(), path))}.</p>"
            yield from _call(call)


def _call(call: dict[str, Any]) -> Iterator[str]:
    yield f"<p>{escape(call.get('description', ''))}</p>"
    if "requestBody" in call:
        yield f"<p>Body: {', '.join(f'<code>{escape(kind)}</code>' for kind in call['requestBody']['content'])}</p>"
    if parameters := call.get("parameters"):
        rows = (f"<tr><td><code>{p['name']}</code><td>{p['in']}<td>{escape(p.get('description', ''))}" for p in parameters)
        yield f"<table><caption>Parameters</caption>{''.join(rows)}</table>"
    rows = (f"<tr><td>{status}<td>{_told(answer['description'])}" for status, answer in call["responses"].items())
    yield f"<table><caption>Answers</caption>{''.join(rows)}</table>"


def _told(description: str) -> str:
    """`code` in backquotes as code."""
    parts = escape(description).split("`")
    return "".join(f"<code>{part}</code>" if at % 2 else part for at, part in enumerate(parts))
