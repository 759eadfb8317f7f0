"""What OGC 17-069r4 asks of each answer, as JSON schemas; stricter where this server promises more (ids, links of items)."""

from __future__ import annotations

from typing import Any

_LINK = {
    "type": "object",
    "required": ["href", "rel", "type"],
    "properties": {
        "href": {"type": "string", "pattern": "^https?://"},
        **{name: {"type": "string"} for name in ("rel", "type", "hreflang", "title")},
        "length": {"type": "integer"},
    },
}
_LINKS = {"type": "array", "minItems": 1, "items": _LINK}
_POSITION = {
    "type": "array",
    "minItems": 2,
    "maxItems": 3,
    "prefixItems": [{"type": "number", "minimum": -180, "maximum": 180}, {"type": "number", "minimum": -90, "maximum": 90}],
    "items": {"type": "number"},
}
_GEOMETRY = {
    "oneOf": [
        {
            "type": "object",
            "required": ["type", "coordinates"],
            "properties": {"type": {"const": "Point"}, "coordinates": _POSITION},
        },
        {
            "type": "object",
            "required": ["type", "coordinates"],
            "properties": {"type": {"const": "LineString"}, "coordinates": {"type": "array", "minItems": 2, "items": _POSITION}},
        },
    ]
}
_EXTENT = {
    "type": "object",
    "properties": {
        "spatial": {
            "type": "object",
            "properties": {
                "bbox": {
                    "type": "array",
                    "minItems": 1,
                    "items": {"type": "array", "minItems": 4, "maxItems": 4, "items": {"type": "number"}},
                },
                "crs": {"enum": ["http://www.opengis.net/def/crs/OGC/1.3/CRS84"]},
            },
        },
        "temporal": {
            "type": "object",
            "properties": {
                "interval": {
                    "type": "array",
                    "minItems": 1,
                    "items": {
                        "type": "array",
                        "minItems": 2,
                        "maxItems": 2,
                        "items": {"type": ["string", "null"], "format": "date-time"},
                    },
                },
            },
        },
    },
}

LANDING: dict[str, Any] = {
    "type": "object",
    "required": ["links"],
    "properties": {"title": {"type": "string"}, "description": {"type": "string"}, "links": _LINKS},
}
CONFORMANCE: dict[str, Any] = {
    "type": "object",
    "required": ["conformsTo"],
    "properties": {"conformsTo": {"type": "array", "items": {"type": "string", "pattern": "^http://www.opengis.net/spec/"}}},
}
COLLECTION: dict[str, Any] = {
    "type": "object",
    "required": ["id", "links"],
    "properties": {
        **{name: {"type": "string"} for name in ("id", "title", "description")},
        "itemType": {"const": "feature"},
        "crs": {"type": "array", "items": {"type": "string"}, "minItems": 1},
        "links": _LINKS,
        "extent": _EXTENT,
    },
}
COLLECTIONS: dict[str, Any] = {
    "type": "object",
    "required": ["links", "collections"],
    "properties": {"links": _LINKS, "collections": {"type": "array", "items": COLLECTION}},
}
FEATURE: dict[str, Any] = {
    "type": "object",
    "required": ["type", "id", "geometry", "properties"],
    "properties": {
        "type": {"const": "Feature"},
        "id": {"type": "string", "minLength": 1},
        "geometry": _GEOMETRY,
        "properties": {"type": ["object", "null"]},
        "links": _LINKS,
    },
}
FEATURES: dict[str, Any] = {
    "type": "object",
    "required": ["type", "features", "links", "numberMatched", "numberReturned"],
    "properties": {
        "type": {"const": "FeatureCollection"},
        "features": {"type": "array", "items": FEATURE},
        "links": _LINKS,
        "numberMatched": {"type": "integer", "minimum": 0},
        "numberReturned": {"type": "integer", "minimum": 0},
    },
}
