"""What the processes say: one event a line, as text for people or JSON for machines, on stderr.

Never a token, a body or a place. Nothing here is trusted to be so: tokens are masked and numbers as precise as a position are
rounded in whatever is logged, and what comes from strangers can neither begin a line nor colour a terminal.
"""

from __future__ import annotations

import contextvars
import json
import logging
import re
import sys
import time
import traceback

FORMATS = ("text", "json")

request_id: contextvars.ContextVar[str] = contextvars.ContextVar("request_id", default="")

_TOKEN = re.compile(r"cahot_[A-Za-z0-9_-]{8,}|(?i:bearer)\s+\S+")
_PRECISE = re.compile(r"(\d{1,3}\.\d{2})\d{2,}")  # two decimals of a degree are a kilometre
_UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u200b-\u200f\u202a-\u202e\u2066-\u2069]")
_OWN = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}


def set_up(form: str = "text", level: int = logging.INFO) -> None:
    """Log to stderr in that form, from here on. With text, requests are told only where the server failed."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(Json() if form == "json" else Text())
    logging.basicConfig(level=level, handlers=[handler])
    for chatty in ("alembic", "uvicorn"):
        logging.getLogger(chatty).setLevel(logging.WARNING)
    logging.getLogger("cahot.requests").setLevel(logging.INFO if form == "json" else logging.ERROR)


class Text(logging.Formatter):
    """Time, part, level, message; what belongs to it (a stack) follows on lines that begin with a bar, as no event does."""

    def format(self, record: logging.LogRecord) -> str:
        stamp = time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(record.created))
        of = f" [{asked}]" if (asked := request_id.get()) else ""
        line = f"{stamp} {record.name} {record.levelname}{of} {inert(record.getMessage())}"
        return "\n".join([line, *(f"  | {inert(part)}" for part in _stack(record))])


class Json(logging.Formatter):
    """One object a line: time, level, part, event, the request's id, further fields given as `extra`, stack."""

    def format(self, record: logging.LogRecord) -> str:
        stamp = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created)) + f".{record.msecs:03.0f}Z"
        told: dict[str, object] = {"time": stamp, "level": record.levelname.lower(), "part": record.name}
        told["event"] = inert(record.getMessage())
        if asked := request_id.get():
            told["request"] = asked
        told |= {name: _field(value) for name, value in vars(record).items() if name not in _OWN}
        if stack := _stack(record):
            told["stack"] = [inert(part) for part in stack]
        return json.dumps(told)


def inert(text: str) -> str:
    """The text on one line without control characters, without tokens, without places."""
    masked = _PRECISE.sub(r"\1", _TOKEN.sub("***", text))
    return _UNPRINTABLE.sub(lambda found: ascii(found.group())[1:-1], masked)


def _field(value: object) -> object:
    return value if value is None or isinstance(value, (bool, int, float)) else inert(str(value))


def _stack(record: logging.LogRecord) -> list[str]:
    if not record.exc_info or record.exc_info[0] is None:
        return []
    return "".join(traceback.format_exception(*record.exc_info)).splitlines()
