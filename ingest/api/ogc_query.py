"""The parameters of OGC API Features: described once, for readers and for OpenAPI, and read strictly.

The standard wants 400 both for a value that cannot be used and for a parameter that is not described (17-069r4, 7.4.10).
"""

from __future__ import annotations

import math
import re
from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import Any

from starlette.datastructures import QueryParams

from detection import KINDS, STATUSES
from ingest.api import geojson
from ingest.api.ogc_layers import Layer
from ingest.api.problems import Problem
from ingest.settings import Limits
from ingest.store.defects import Wanted

USUAL, DAY_S = 100, 86_400
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")


def _described(name: str, description: str, **schema: Any) -> dict[str, Any]:
    return {"name": name, "in": "query", "required": False, "description": description, "schema": schema} | (
        {"style": "form", "explode": False} if schema["type"] == "array" else {}
    )


_BBOX: dict[str, Any] = {"items": {"type": "number"}, "minItems": 4, "maxItems": 6}
PARAMETERS = {
    told["name"]: told
    for told in (
        _described("f", "json is the only one", type="string", enum=["json"]),
        _described("bbox", "west,south,east,north in degrees, WGS 84", type="array", **_BBOX),
        _described("limit", "features in one answer", type="integer", minimum=1, maximum=Limits.page, default=USUAL),
        _described("datetime", "an instant or an interval of RFC 3339, open ends as ..; compared by days", type="string"),
        _described("cursor", "of a `next` link: where the page begins", type="string"),
        _described("kind", "one or several", type="array", items={"type": "string", "enum": list(KINDS)}),
        _described("status", "one or several", type="array", items={"type": "string", "enum": list(STATUSES)}),
        _described("min_confidence", "at least so probably there", type="number", minimum=0, maximum=1),
    )
}
OF_ITEMS = ("f", "bbox", "limit", "datetime", "cursor")  # of every collection


@dataclass(frozen=True)
class Asked:
    """Which features, how many at once, and after which key."""

    wanted: Wanted
    limit: int
    after: Any


def only(query: QueryParams, known: Collection[str] = ("f",)) -> None:
    """Nothing is asked that is not described, and no other format than JSON. Problem query.unusable."""
    for name in query:
        if name not in known:
            raise unusable(name, query[name], f"the parameters here are {', '.join(known)}")
    if len(query.multi_items()) != len(query):
        raise unusable("query", None, "give each parameter once, several values of it separated by commas")
    if query.get("f", "json") != "json":
        raise unusable("f", query["f"], "f is json or left out")


def asked(query: QueryParams, layer: Layer, k: int) -> Asked:
    """What a page of a collection is to hold. Problem query.unusable."""
    only(query, (*OF_ITEMS, *(name for name in layer.filters if name not in OF_ITEMS)))
    wanted = Wanted(k, kinds=_words(query, "kind", KINDS), statuses=_words(query, "status", STATUSES))
    wanted = replace(wanted, box=_box(query.get("bbox")), min_confidence=_share(query.get("min_confidence")))
    since, before = interval(query["datetime"]) if "datetime" in query else (None, None)
    if "datetime" in layer.filters:  # what has no time fits any
        wanted = replace(wanted, since=since, before=before)
    return Asked(wanted, _limit(query.get("limit")), _after(query.get("cursor"), layer))


def unusable(name: str, value: object, remedy: str) -> Problem:
    return Problem("query.unusable", remedy, field=name, value=value)


def interval(text: str) -> tuple[float | None, float | None]:
    """The first day that fits, and the one after the last, s since 1970, None where open; as days are what is shown.

    Of a feature that is shown as seen from one day to another (its midnights), these decide whether it meets the interval.
    """
    begin, _, end = text.partition("/") if "/" in text else (text, "", text)
    since, until = _end(begin, text), _end(end, text)
    if (since is None and until is None) or (since is not None and until is not None and since > until):
        raise unusable("datetime", text, "datetime is an instant, or from/to in this order, one of them may be ..")
    since = None if since is None else math.ceil(since / DAY_S) * float(DAY_S)
    return since, None if until is None else (until // DAY_S + 1) * DAY_S


def _end(text: str, whole: str) -> float | None:
    if text in ("", ".."):
        return None
    try:
        return geojson.instant(f"{text}T00:00:00Z" if _DATE.fullmatch(text) else text, "datetime")
    except Problem as problem:
        raise unusable("datetime", whole, problem.detail) from None


def _box(text: str | None) -> Any:
    parts = (text or "").split(",")
    try:
        return geojson.box(",".join(parts[:2] + parts[3:5]) if len(parts) == 6 else text)
    except Problem as problem:
        raise unusable("bbox", text, problem.detail) from None


def _limit(text: str | None) -> int:
    if text is None:
        return USUAL
    if not (text.isascii() and text.isdecimal() and int(text[:9]) > 0):
        raise unusable("limit", text, f"limit is a whole number from 1 to {Limits.page}; more are given on the next page")
    return min(int(text[:9]), Limits.page)


def _share(text: str | None) -> float:
    try:
        share = float(text or 0)
    except ValueError:
        share = math.nan
    if not 0 <= share <= 1:
        raise unusable("min_confidence", text, "min_confidence is a number from 0 to 1")
    return share


def _words(query: QueryParams, name: str, known: tuple[str, ...]) -> tuple[str, ...]:
    words = tuple(word for word in query.get(name, "").split(",") if word)
    for word in words:
        if word not in known:
            raise unusable(name, word, f"{name} is one of {', '.join(known)}")
    return words


def _after(text: str | None, layer: Layer) -> Any:
    try:
        return layer.start if text is None else layer.key(text)
    except ValueError:
        raise unusable("cursor", text, "follow the `next` link of the page before") from None
