"""The OpenAPI 3.0 document of /ogc: clients of the standard read there which collection has which parameters.

/openapi.json describes the same calls in OpenAPI 3.1, which these clients do not know.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ingest.api.geojson import MEDIA_TYPE as GEOJSON
from ingest.api.ogc_layers import Layer
from ingest.api.ogc_query import OF_ITEMS, PARAMETERS
from ingest.api.problems import MEDIA_TYPE as PROBLEM

DEFINITION = "application/vnd.oai.openapi+json;version=3.0"
_ID = {"name": "featureId", "in": "path", "required": True, "schema": {"type": "string"}}


def definition(server: str, layers: Mapping[str, Layer]) -> dict[str, Any]:
    """For the server at this address, with these collections."""
    paths = {
        "/": _get("getLandingPage", "landing page"),
        "/api": _get("getApi", "this document", DEFINITION),
        "/conformance": _get("getConformance", "conformance classes"),
        "/collections": _get("getCollections", "collections"),
    }
    for name, layer in layers.items():
        of_items = (*OF_ITEMS, *(one for one in layer.filters if one not in OF_ITEMS))
        path = f"/collections/{name}"
        paths |= {
            path: _get(f"{name}.getCollection", layer.title),
            f"{path}/items": _get(f"{name}.getFeatures", layer.description, GEOJSON, *(PARAMETERS[one] for one in of_items)),
            f"{path}/items/{{featureId}}": _get(f"{name}.getFeature", "one feature", GEOJSON, PARAMETERS["f"], _ID),
        }
    info = {"title": "Cahot", "version": "1", "description": "Road defects in the traces of ordinary drives."}
    return {"openapi": "3.0.3", "info": info, "servers": [{"url": server}], "paths": paths}


def _get(name: str, told: str, media_type: str = "application/json", *parameters: dict[str, Any]) -> dict[str, Any]:
    answers = {"200": {"description": told, "content": {media_type: {"schema": {"type": "object"}}}}}
    answers |= {"default": {"description": "a problem", "content": {PROBLEM: {"schema": {"type": "object"}}}}}
    return {
        "get": {"operationId": name, "summary": told, "parameters": list(parameters or [PARAMETERS["f"]]), "responses": answers}
    }
