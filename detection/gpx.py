"""Tables as GPX 1.1, for navigation devices: points as waypoints, lines as tracks; each property as a line of the description.

What has no place is left out: GPX knows no point without one. Files whole or absent are `detection.export`'s.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from html import escape
from typing import Any

_HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n<gpx version="1.1" creator="Cahot" xmlns="http://www.topografix.com/GPX/1/1">\n'
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def gpx(features: Iterable[Mapping[str, Any]], sort: str) -> Iterator[str]:
    """The file in pieces, of GeoJSON features that are points or lines. sort: what they are, such as defects."""
    yield _HEAD
    for number, feature in enumerate(features):
        geometry, properties = feature["geometry"], feature["properties"]
        if geometry is None:
            continue
        name = f"{properties.get('kind', sort)} {properties.get('id', number)}"
        told = "\n".join(f"{key}: {value}" for key, value in properties.items() if value is not None)
        about = f"<name>{_text(name)}</name><desc>{_text(told)}</desc>"
        if geometry["type"] == "Point":
            yield f"{_place('wpt', geometry['coordinates'])}{_time(properties)}{about}<type>{_text(sort)}</type></wpt>\n"
        else:
            points = "".join(f"{_place('trkpt', place)}</trkpt>" for place in geometry["coordinates"])
            yield f"<trk>{about}<type>{_text(sort)}</type><trkseg>{points}</trkseg></trk>\n"
    yield "</gpx>\n"


def _place(tag: str, place: tuple[float, float]) -> str:
    longitude, latitude = round(place[0], 7), round(place[1], 7)
    return f'<{tag} lat="{latitude:.7f}" lon="{-180.0 if longitude == 180.0 else longitude:.7f}">'  # GPX ends before 180


def _time(properties: Mapping[str, Any]) -> str:
    seen = properties.get("last_seen") or properties.get("time")
    return f"<time>{_text(seen)}</time>" if isinstance(seen, str) else ""


def _text(text: str) -> str:
    return escape(_NOT_XML.sub("", text), quote=False)
