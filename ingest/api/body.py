"""Request bodies, read with a count: never more in memory than the limits allow. Unpacking is `ingest.api.expanding`."""

from __future__ import annotations

import json
import math
import unicodedata
from collections.abc import Awaitable, Callable
from io import BytesIO
from typing import Any, NoReturn

from starlette.requests import ClientDisconnect, Request

from ingest.api.expanding import CODINGS, Coding
from ingest.api.pressure import reading_of
from ingest.api.problems import Problem

_NO_TEXT = ("Cc", "Cs", "Cn", "Co")  # controls, half surrogates, what is no character or nobody else's
_TURNING = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"


async def read_body(request: Request, most: int, count: Callable[[int], Awaitable[None]]) -> bytes:
    """The bytes as they came over the wire; `count` is told the size of each part, and may refuse or delay it.

    Problem body.too_large, from Content-Length or while they come; body.cut_off.
    """
    too_large = Problem("body.too_large", f"the body is above {most} bytes; send it in smaller pieces")
    length = request.headers.get("content-length", "")
    if length.isdecimal() and int(length[:20]) > most:
        raise too_large
    whole, size = BytesIO(), 0
    try:
        async for part in request.stream():
            size += len(part)
            if size > most:
                raise too_large
            await count(len(part))
            whole.write(part)
    except ClientDisconnect:
        raise Problem("body.cut_off", "the body ended early; send it again") from None
    return whole.getvalue()


async def read_small(request: Request, most: int) -> bytes:
    """The same for a body that is done with once it is read."""
    async with reading_of(request).body() as count:
        return await read_body(request, most, count)


def coding(request: Request) -> Coding:
    """How the body is compressed. Problem body.unsupported for anything unknown."""
    named = request.headers.get("content-encoding", "identity").strip().lower()
    if named not in CODINGS:
        detail = "Content-Encoding must be gzip, zstd or left out"
        raise Problem("body.unsupported", detail, field="Content-Encoding", value=named)
    return named  # type: ignore[return-value]  # just checked


def media_type(request: Request) -> str:
    """The media type without its parameters, lower case; "" when none is given."""
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


async def read_object(request: Request, most: int, *, empty: bool = False) -> dict[str, Any]:
    """A small JSON object, strictly: application/json, no doubled keys, no NaN, no depth. empty: no body at all is one, too."""
    data = await read_small(request, most) if empty else None
    if data == b"":
        return {}
    if media_type(request) != "application/json" or coding(request) != "identity":
        detail = "send Content-Type: application/json without Content-Encoding"
        raise Problem("body.unsupported", detail, field="Content-Type", value=media_type(request))
    return object_of(await read_small(request, most) if data is None else data)


def object_of(data: bytes) -> dict[str, Any]:
    """The JSON object that the bytes are, as strictly."""
    try:
        value = json.loads(data.decode("utf-8"), object_pairs_hook=_once, parse_constant=_not_finite, parse_float=_finite)
    except (ValueError, RecursionError):  # not UTF-8, not JSON, 5000 digits; a hundred thousand brackets
        raise Problem("body.malformed", "the body is not JSON in UTF-8; write one RFC 8259 object") from None
    if not isinstance(value, dict):
        raise Problem("body.malformed", "the body is not a JSON object; write one object")
    return value


def whole_number(fields: dict[str, Any], name: str, least: int, most: int) -> int:
    """The one field of an object, an integer within bounds; `true` and 2.0 are none."""
    only(fields, name)
    if name not in fields:
        raise Problem("field.missing", f"give {name}, a whole number from {least} to {most}", field=name)
    value = fields[name]
    if type(value) is not int or not least <= value <= most:
        raise Problem("field.range", f"{name} must be a whole number from {least} to {most}", field=name, value=value)
    return value


def only(fields: dict[str, Any], *names: str) -> None:
    """No other fields than these. Problem field.unknown."""
    for other in fields:
        if other not in names:
            raise Problem("field.unknown", f"the fields are {', '.join(names)}", field=ascii(other[:60]))


def text(fields: dict[str, Any], name: str, most: int) -> str | None:
    """A text to be shown to people, None where there is none. Problem field.text.

    Line breaks are \\n. Refused: half a surrogate pair, controls, and what turns the direction of all that follows.
    """
    value = fields.get(name)
    if value is None:
        return None
    if not isinstance(value, str):
        raise Problem("field.text", f"{name} must be a text", field=name, value=value)
    plain = value.replace("\r\n", "\n")
    if len(plain) > most:
        raise Problem("field.text", f"{name} has {len(plain)} characters; write at most {most}", field=name)
    if any((unicodedata.category(c) in _NO_TEXT and c not in "\n\t") or c in _TURNING for c in plain):
        raise Problem("field.text", f"{name} holds a character that cannot be shown; write plain text", field=name, value=plain)
    return plain


def word(fields: dict[str, Any], name: str, known: tuple[str, ...]) -> str | None:
    """One of some words, None where there is none. Problem field.range."""
    value = fields.get(name)
    if value is not None and value not in known:
        raise Problem("field.range", f"{name} is one of {', '.join(known)}", field=name, value=value)
    return value


def number(fields: dict[str, Any], name: str, most: float) -> float:
    """A finite number within ± most. Problems field.missing, fix.range."""
    if name not in fields:
        raise Problem("field.missing", f"give {name}, a number within ±{most:g}", field=name)
    value = fields[name]
    if type(value) not in (int, float) or not -most <= value <= most:
        raise Problem("fix.range", f"{name} must be a number within ±{most:g}", field=name, value=value)
    return float(value)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    fields = dict(pairs)
    if len(fields) != len(pairs):
        raise Problem("body.duplicate_key", "a field stands in the object twice; write each once")
    return fields


def _not_finite(literal: str) -> NoReturn:
    raise Problem("sample.not_finite", "JSON knows no such number; leave it out", value=literal)


def _finite(text: str) -> float:
    number = float(text)
    if math.isinf(number):
        raise Problem("sample.not_finite", "the number is too large; give SI units", value=text)
    return number
