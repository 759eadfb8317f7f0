"""/ogc: OGC API - Features, Part 1 (core, GeoJSON, OpenAPI 3.0): what QGIS, GDAL and OWSLib connect to by its address.

The same rows as /v1, by the same rule: nobody but users sees what fewer than k devices passed.
"""

from __future__ import annotations

import math
from typing import Annotated, Any
from urllib.parse import quote, urlencode

from fastapi import APIRouter, Path, Request, Response

from ingest.api import geojson, ogc_query
from ingest.api.access import ACaller, ASettings, AStore, Caller
from ingest.api.answers import problems
from ingest.api.external import address
from ingest.api.ogc_api import DEFINITION, definition
from ingest.api.ogc_layers import LAYERS, Layer, seen_by
from ingest.api.permissions import listed, sees_everything, sign_in
from ingest.api.problems import Problem
from ingest.settings import Settings
from ingest.store.defects import Wanted

router = APIRouter(tags=["OGC API Features"])

JSON = "application/json"
_STANDARD = "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf"
CONFORMS_TO = tuple(f"{_STANDARD}/{part}" for part in ("core", "geojson", "oas30"))
CRS = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"

CollectionId = Annotated[str, Path(max_length=64, description=", ".join(LAYERS))]
FeatureId = Annotated[str, Path(max_length=128)]
_F: dict[str, Any] = {"parameters": [ogc_query.PARAMETERS["f"]]}
_ITEMS: dict[str, Any] = {"parameters": list(ogc_query.PARAMETERS.values())}
_ONE = problems("query.unusable", "not_found", "id.format", "auth.missing", "auth.role", "auth.invalid")


def _answers(media_type: str, *codes: str) -> dict[int | str, dict[str, Any]]:
    ok = {"description": "As the standard says", "content": {media_type: {"schema": {"type": "object"}}}}
    return {200: ok, **problems("query.unusable", "auth.invalid", *codes)}


@router.get("/ogc", response_class=Response, responses=_answers(JSON), openapi_extra=_F, summary="Landing page")
@router.get(
    "/ogc/", response_class=Response, responses=_answers(JSON), openapi_extra=_F, summary="Landing page, for who adds a /"
)
def landing(request: Request, caller: ACaller) -> Response:
    """Where everything else is."""
    ogc_query.only(request.query_params)
    links = [
        _link(request, "", "self", JSON, "this page"),
        _link(request, "/api", "service-desc", DEFINITION, "what may be asked, as OpenAPI 3.0"),
        {"href": f"{address(request)}/docs", "rel": "service-doc", "type": "text/html", "title": "the same to read"},
        _link(request, "/conformance", "conformance", JSON, "conformance classes"),
        _link(request, "/collections", "data", JSON, "collections"),
    ]
    told = {"title": "Cahot", "description": "Road defects in the traces of ordinary drives", "links": links}
    return _told(request, caller, told)


@router.get(
    "/ogc/api", response_class=Response, responses=_answers(DEFINITION), openapi_extra=_F, summary="OpenAPI 3.0 of these calls"
)
def api(request: Request, caller: ACaller) -> Response:
    """With a path for each collection that the caller may see."""
    ogc_query.only(request.query_params)
    told = definition(f"{address(request)}/ogc", seen_by(caller))
    return geojson.answer(request, told, DEFINITION, private=sees_everything(caller))


@router.get(
    "/ogc/conformance", response_class=Response, responses=_answers(JSON), openapi_extra=_F, summary="Conformance classes"
)
def conformance(request: Request, caller: ACaller) -> Response:
    """Which parts of the standard are kept."""
    ogc_query.only(request.query_params)
    return _told(request, caller, {"conformsTo": CONFORMS_TO})


@router.get("/ogc/collections", response_class=Response, responses=_answers(JSON), openapi_extra=_F, summary="Collections")
def collections(request: Request, caller: ACaller, store: AStore, settings: ASettings) -> Response:
    """Those that the caller may see; `jolts` is for analysts."""
    ogc_query.only(request.query_params)
    with store.database.read() as session:
        layers = seen_by(caller).items()
        told = [_collection(request, name, layer, layer.extent(session, _k(layer, caller, settings))) for name, layer in layers]
    links = [_link(request, "/collections", "self", JSON, "this list")]
    return _told(request, caller, {"links": links, "collections": told})


@router.get(
    "/ogc/collections/{collection_id}",
    response_class=Response,
    responses=_answers(JSON, "not_found", "id.format", "auth.missing", "auth.role"),
    openapi_extra=_F,
    summary="One collection",
)
def collection(collection_id: CollectionId, request: Request, caller: ACaller, store: AStore, settings: ASettings) -> Response:
    """What it is, and how far it reaches."""
    layer = _layer(collection_id, caller)
    ogc_query.only(request.query_params)
    with store.database.read() as session:
        edges = layer.extent(session, _k(layer, caller, settings))
    return _told(request, caller, _collection(request, collection_id, layer, edges))


@router.get(
    "/ogc/collections/{collection_id}/items",
    response_class=Response,
    responses=_answers(geojson.MEDIA_TYPE, "not_found", "id.format", "auth.missing", "auth.role"),
    openapi_extra=_ITEMS,
    summary="Features of a collection",
)
def items(collection_id: CollectionId, request: Request, caller: ACaller, store: AStore, settings: ASettings) -> Response:
    """A page of them, with a link to the `next`. /ogc/api says which parameters each collection has; any other is a 400."""
    layer = _layer(collection_id, caller)
    asked = ogc_query.asked(request.query_params, layer, _k(layer, caller, settings))
    with store.database.read() as session:
        matched = layer.count(session, asked.wanted)
        rows = layer.page(session, asked.wanted, asked.limit + 1, asked.after)
    shown, path = rows[: asked.limit], f"/collections/{collection_id}/items"
    query = {**request.query_params}
    links = [
        _link(request, path, "self", geojson.MEDIA_TYPE, "this page", query),
        _link(request, f"/collections/{collection_id}", "collection", JSON, layer.title),
    ]
    if len(rows) > asked.limit:
        query |= {"cursor": layer.key_of(shown[-1])}
        links.append(_link(request, path, "next", geojson.MEDIA_TYPE, "next page", query))
    told: dict[str, Any] = {"type": "FeatureCollection", "features": [layer.feature(row) for row in shown]}
    told |= {"links": links, "numberMatched": matched, "numberReturned": len(shown)}
    return geojson.answer(request, told, private=sees_everything(caller))


@router.get(
    "/ogc/collections/{collection_id}/items/{feature_id}",
    response_class=Response,
    responses=_answers(geojson.MEDIA_TYPE, "not_found", "id.format", "auth.missing", "auth.role"),
    openapi_extra=_F,
    summary="One feature",
)
def item(
    collection_id: CollectionId,
    feature_id: FeatureId,
    request: Request,
    caller: ACaller,
    store: AStore,
    settings: ASettings,
) -> Response:
    """As it stands in the collection."""
    layer = _layer(collection_id, caller)
    ogc_query.only(request.query_params)
    row = None
    try:
        key = layer.key(feature_id)
    except ValueError:
        raise _nothing(feature_id) from None
    with store.database.read() as session:
        row = layer.one(session, Wanted(_k(layer, caller, settings)), key)
    if row is None:
        raise _nothing(feature_id)
    path = f"/collections/{collection_id}"
    links = [
        _link(request, f"{path}/items/{quote(feature_id, safe='')}", "self", geojson.MEDIA_TYPE, "this feature"),
        _link(request, path, "collection", JSON, layer.title),
    ]
    return geojson.answer(request, {**layer.feature(row), "links": links}, private=sees_everything(caller))


def _nothing(feature_id: str) -> Problem:
    return Problem(
        "not_found", "this collection has no such feature, or not for this caller", field="feature_id", value=feature_id
    )


def _layer(collection_id: str, caller: Caller) -> Layer:
    layer = LAYERS.get(collection_id)
    if layer is None:
        raise Problem(
            "not_found", f"the collections are {', '.join(seen_by(caller))}", field="collection_id", value=collection_id
        )
    if caller.role in layer.roles:
        return layer
    if caller == Caller():
        raise Problem("auth.missing", sign_in(layer.roles))
    raise Problem("auth.role", f"this is for {listed(layer.roles)}, and the caller is {listed({caller.role})}", value=caller.role)


def _k(layer: Layer, caller: Caller, settings: Settings) -> int:
    return 1 if layer.own_k and sees_everything(caller) else settings.k


def _told(request: Request, caller: Caller, told: dict[str, Any]) -> Response:
    return geojson.answer(request, told, JSON, private=sees_everything(caller))


def _link(
    request: Request, path: str, rel: str, media_type: str, title: str, query: dict[str, str] | None = None
) -> dict[str, str]:
    href = f"{address(request)}/ogc{path}" + (f"?{urlencode(query)}" if query else "")
    return {"href": href, "rel": rel, "type": media_type, "title": title}


def _collection(request: Request, name: str, layer: Layer, edges: tuple[Any, ...] | None) -> dict[str, Any]:
    told: dict[str, Any] = {
        "id": name,
        "title": layer.title,
        "description": layer.description,
        "itemType": "feature",
        "crs": [CRS],
    }
    if edges and edges[0] is not None:
        told["extent"] = {"spatial": {"bbox": [_outward(edges)], "crs": CRS}}
        if edges[4:]:
            told["extent"]["temporal"] = {"interval": [[geojson.day(edge) for edge in edges[4:]]]}
    path = f"/collections/{name}"
    told["links"] = [
        _link(request, path, "self", JSON, "this collection"),
        _link(request, f"{path}/items", "items", geojson.MEDIA_TYPE, layer.title),
    ]
    return told


def _outward(edges: tuple[Any, ...]) -> list[float]:
    """To six decimals, as features are, with all of them inside."""
    low, high = ([end(edge * 1e6) / 1e6 for edge in corner] for end, corner in ((math.floor, edges[:2]), (math.ceil, edges[2:4])))
    return [*low, *high]
