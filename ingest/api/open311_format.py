"""Answers of Open311 GeoReport v2 as XML and JSON: the same values, mapped as the specification says; errors, too."""

from __future__ import annotations

import json
from collections.abc import Callable, Coroutine, Mapping, Sequence
from typing import Any
from xml.etree import ElementTree as Xml

from fastapi import Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute

from ingest.api.problems import Problem, of_validation

Row = Mapping[str, Any]
TYPES = {"xml": "text/xml; charset=utf-8", "json": "application/json; charset=utf-8"}


def listed(form: str, root: str, each: str, rows: Sequence[Row], status: int = 200) -> Response:
    """A list of rows: in XML `each` in a `root`, in JSON an array."""
    if form == "json":
        return Response(json.dumps(rows), status, media_type=TYPES["json"])
    top = Xml.Element(root)
    for row in rows:
        _fill(Xml.SubElement(top, each), row)
    return _xml(top, status)


def single(form: str, root: str, row: Row) -> Response:
    """One thing that is no list."""
    if form == "json":
        return Response(json.dumps(row), media_type=TYPES["json"])
    top = Xml.Element(root)
    _fill(top, row)
    return _xml(top, 200)


class Open311Route(APIRoute):
    """Answers problems as the specification wants errors, in the format that was asked for. What is 422 elsewhere is 400 here."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()

        async def handling(request: Request) -> Response:
            try:
                return await handle(request)
            except Problem as problem:
                return _errors(request, problem)
            except RequestValidationError as error:
                return _errors(request, of_validation(error))

        return handling


def _errors(request: Request, problem: Problem) -> Response:
    status = 400 if problem.status == 422 else problem.status
    form = "json" if request.url.path.endswith(".json") else "xml"
    answer = listed(form, "errors", "error", [{"code": status, "description": f"{problem.code}: {problem.detail}"}], status)
    answer.headers.update(problem.headers)
    return answer


def _fill(element: Xml.Element, row: Row) -> None:
    for name, value in row.items():
        told = Xml.SubElement(element, name)
        if isinstance(value, bool):
            told.text = str(value).lower()
        elif isinstance(value, list):
            for each in value:  # of `formats`, each is a `format`
                one = Xml.SubElement(told, name.removesuffix("s"))
                if isinstance(each, Mapping):
                    _fill(one, each)
                else:
                    one.text = str(each)
        elif value is not None:
            told.text = str(value)


def _xml(top: Xml.Element, status: int) -> Response:
    return Response(Xml.tostring(top, "utf-8", xml_declaration=True), status, media_type=TYPES["xml"])
