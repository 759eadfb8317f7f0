"""Jolts and defects as files: CSV, GeoJSON, GeoParquet, GeoPackage, FlatGeobuf, GPX.

Responsible for the columns, names and units of INTERFACE (the same in every format) and for files that are
whole or absent. Not for choosing what to write, and not for the HTTP answers, which build on `defect_table`.
"""

from __future__ import annotations

import json
import os
import struct
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from detection.columns import KINDS, STATUSES
from detection.defects import Defects
from detection.errors import CahotError
from detection.gpx import gpx
from detection.jolts import Survey

ENDINGS = (".csv", ".fgb", ".geojson", ".gpkg", ".gpx", ".parquet")
_POSITION = ("longitude", "latitude")  # in GeoJSON's order
LINE = "line"  # a column of lists of (longitude, latitude): of a table that has it, what is a line and no point
_CRS = "EPSG:4326"


class UnwritableOutput(CahotError):
    """The output cannot be written: unknown ending, no such folder, no permission, no space."""

    def __init__(self, path: object, why: str, remedy: str) -> None:
        self.path, self.why, self.remedy = str(path), why, remedy
        super().__init__(f"{path}: {why}; {remedy}")


def write_jolts(surveys: Sequence[Survey], path: Path) -> None:
    """Writes the jolts of all trips to `path`, in the format its ending names. Raises UnwritableOutput."""
    check_output(path, ENDINGS)
    write_table(jolt_table(surveys), path, "jolts")


def write_defects(defects: Defects, path: Path) -> None:
    """Writes the defects to `path`, in the format its ending names. Raises UnwritableOutput."""
    check_output(path, ENDINGS)
    write_table(defect_table(defects), path, "defects")


def check_output(path: Path, endings: Sequence[str]) -> None:
    """Raises UnwritableOutput unless `path` could be written; to be asked before an hour of work, not after it."""
    if path.suffix.lower() not in endings:
        raise UnwritableOutput(path, f"unknown ending {path.suffix!r}", f"choose one of {', '.join(endings)}")
    folder = path.parent
    if not folder.is_dir():
        raise UnwritableOutput(path, f"there is no folder {folder}", "create it first")
    if path.is_dir():
        raise UnwritableOutput(path, "is a folder", "name a file in it")
    if not os.access(folder, os.W_OK):
        raise UnwritableOutput(path, f"no permission to write in {folder}", "choose another folder")


def jolt_table(surveys: Sequence[Survey]) -> pd.DataFrame:
    """The jolts of all trips with INTERFACE's columns, a row each; NaN where there was no position."""
    parts = [_jolts_of(survey) for survey in surveys]
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=list(_JOLT_DTYPES)).astype(_JOLT_DTYPES)


def defect_table(defects: Defects) -> pd.DataFrame:
    """The defects with INTERFACE's properties, and latitude and longitude, as columns; None where unknown."""
    columns: dict[str, Any] = dict(defects.columns())
    columns["id"] = [str(value) for value in defects.id]
    columns["kind"] = [KINDS[code] for code in defects.kind]
    columns["status"] = [STATUSES[code] for code in defects.status]
    for name in ("first_seen", "last_seen"):
        columns[name] = _instants(columns[name])
    for name, places in _DEFECT_PLACES.items():
        columns[name] = np.round(columns[name], places)
    return pd.DataFrame(columns).astype(dict.fromkeys(("id", "kind", "status", "first_seen", "last_seen"), "object"))


_DEFECT_PLACES = {  # decimals that are still information
    "latitude": 7,  # 1 cm
    "longitude": 7,
    "severity": 3,
    "confidence": 4,
    "hit_rate": 4,
    "heading": 1,
    "radius": 2,
    "priority": 4,
}

_JOLT_DTYPES = {
    "trip_id": "object",
    "time": "object",
    "t": "float64",
    "latitude": "float64",
    "longitude": "float64",
    "heading": "float64",
    "speed": "float64",
    "severity": "float64",
    "peak": "float64",
    "kind": "object",
    "confidence": "float64",
}


def _jolts_of(survey: Survey) -> pd.DataFrame:
    jolts, t_s = survey.jolts, np.round(survey.jolts.t_s, 3)
    clock = not np.isnan(survey.started_at_s)
    columns = {
        "trip_id": [survey.trip_id] * len(jolts),
        "time": _instants(survey.started_at_s + t_s) if clock else t_s.astype(object),
        "t": t_s,
        "latitude": np.round(jolts.latitude_deg, 7),
        "longitude": np.round(jolts.longitude_deg, 7),
        "heading": np.round(jolts.heading_deg, 1),
        "speed": np.round(jolts.speed_mps, 2),
        "severity": np.round(jolts.severity, 3),
        "peak": np.round(jolts.peak_mps2, 3),
        "kind": [KINDS[code] for code in jolts.kind],
        "confidence": np.round(jolts.confidence, 4),
    }
    return pd.DataFrame(columns).astype(_JOLT_DTYPES)


def _instants(seconds: npt.NDArray[np.float64]) -> pd.Series[Any]:
    """RFC 3339 texts in UTC to the millisecond, None where NaN."""
    texts = [None if np.isnan(s) else _rfc3339(float(s)) for s in seconds]
    return pd.Series(texts, dtype="object")


def _rfc3339(seconds: float) -> str:
    return datetime.fromtimestamp(round(seconds, 3), UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def write_table(table: pd.DataFrame, path: Path, layer: str) -> None:
    """Writes a table that has latitude and longitude, or `LINE`, through a file beside `path` and a rename: no reader meets half
    a file.

    layer: its name inside a GeoPackage. Raises UnwritableOutput.
    """
    write = _WRITERS[path.suffix.lower()]
    try:
        with tempfile.TemporaryDirectory(prefix=".cahot-", dir=path.parent) as folder:
            whole = Path(folder) / f"{layer}{path.suffix.lower()}"
            write(table, whole, layer)
            os.replace(whole, path)
    except OSError as error:
        raise UnwritableOutput(path, error.strerror or str(error), "free some space or choose another folder") from error


def _write_csv(table: pd.DataFrame, path: Path, layer: str) -> None:
    """Lines as well-known text, in the column `wkt`."""
    if LINE in table:
        texts = ["LINESTRING (" + ", ".join(f"{x} {y}" for x, y in line) + ")" for line in table[LINE]]
        table = table.drop(columns=LINE).assign(wkt=pd.Series(texts, index=table.index, dtype="object"))
    safe = table.assign(**{name: table[name].map(_harmless) for name in _texts_of(table)})
    safe.to_csv(path, index=False, lineterminator="\n")


def _texts_of(table: pd.DataFrame) -> list[str]:
    return [name for name in table.columns if not pd.api.types.is_numeric_dtype(table[name])]


def _harmless(cell: object) -> object:
    """Texts that a spreadsheet would run as a formula get an apostrophe in front (OWASP, CSV injection)."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(("=", "+", "-", "@", "\t", "\r")) else cell


def _write_geojson(table: pd.DataFrame, path: Path, layer: str) -> None:
    with path.open("w", encoding="utf-8") as file:
        file.write('{"type": "FeatureCollection", "features": [')
        for number, feature in enumerate(features(table)):
            file.write(",\n" if number else "\n")
            json.dump(feature, file, allow_nan=False, ensure_ascii=False)
        file.write("\n]}\n")


def features(table: pd.DataFrame) -> Iterator[dict[str, Any]]:
    """GeoJSON features of a table: its place as geometry (null where there is none), the rest as properties."""
    names = [name for name in table.columns if name not in (*_POSITION, LINE)]
    columns = [table[name].tolist() for name in names]
    for geometry, *values in zip(_geometries(table), *columns, strict=True):
        properties = {name: _plain(value) for name, value in zip(names, values, strict=True)}
        yield {"type": "Feature", "geometry": geometry, "properties": properties}


def _geometries(table: pd.DataFrame) -> Iterator[dict[str, Any] | None]:
    if LINE in table:
        yield from ({"type": "LineString", "coordinates": line} for line in table[LINE])
        return
    for position in zip(*(table[name].tolist() for name in _POSITION), strict=True):
        yield None if any(np.isnan(position)) else {"type": "Point", "coordinates": list(position)}


def _plain(value: object) -> object:
    return None if isinstance(value, float) and np.isnan(value) else value


def _write_parquet(table: pd.DataFrame, path: Path, layer: str) -> None:
    """GeoParquet 1.1: the columns, and their place (of points once more) as WKB for GIS software."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    plain = table.drop(columns=LINE, errors="ignore")
    texts = {name: plain[name].map(_text) for name in _texts_of(plain)}
    arrow = pa.Table.from_pandas(plain.assign(**texts), preserve_index=False)
    for name in texts:  # a table without rows has no types of its own
        at = arrow.schema.get_field_index(name)
        arrow = arrow.set_column(at, name, arrow.column(name).cast(pa.string()))
    arrow = arrow.append_column("geometry", pa.array(_wkb(table), pa.binary()))
    geo = {
        "version": "1.1.0",
        "primary_column": "geometry",
        "columns": {"geometry": {"encoding": "WKB", "geometry_types": [_shape(table)]}},  # no crs = OGC:CRS84
    }
    pq.write_table(arrow.replace_schema_metadata({b"geo": json.dumps(geo).encode()}), path)


def _text(cell: object) -> str | None:
    return None if cell is None else str(cell)


def _write_gpkg(table: pd.DataFrame, path: Path, layer: str) -> None:
    _write_by_gdal(table, path, layer, "GPKG")


def _write_fgb(table: pd.DataFrame, path: Path, layer: str) -> None:
    """With an index of places, in whose order the rows then are; not where there is none, or a row without a place."""
    placed = len(table) > 0 and None not in _wkb(table)
    _write_by_gdal(table, path, layer, "FlatGeobuf", SPATIAL_INDEX="YES" if placed else "NO")


def _write_by_gdal(table: pd.DataFrame, path: Path, layer: str, driver: str, **how: str) -> None:
    from pyogrio.raw import write

    names = [name for name in table.columns if name not in (*_POSITION, LINE)]
    texts = _texts_of(table)
    fields = [
        np.array([_text(cell) for cell in table[name]], object) if name in texts else np.asarray(table[name]) for name in names
    ]
    places = np.array(_wkb(table), object)
    write(str(path), places, fields, names, layer=layer, driver=driver, geometry_type=_shape(table), crs=_CRS, **how)


def _write_gpx(table: pd.DataFrame, path: Path, layer: str) -> None:
    with path.open("w", encoding="utf-8") as file:
        file.writelines(gpx(features(table), layer))


def _shape(table: pd.DataFrame) -> str:
    return "LineString" if LINE in table else "Point"


def _wkb(table: pd.DataFrame) -> list[bytes | None]:
    return _wkb_lines(table[LINE]) if LINE in table else _wkb_points(table)


def _wkb_lines(lines: Iterable[Sequence[Sequence[float]]]) -> list[bytes | None]:
    """Well-known binary, little endian: byte order 1, type 2 (line), count, x, y of each (OGC 06-103r4, 8.2)."""
    arrays = [np.asarray(line, "<f8") for line in lines]
    return [b"\x01\x02\x00\x00\x00" + struct.pack("<I", len(line)) + line.tobytes() for line in arrays]


def _wkb_points(table: pd.DataFrame) -> list[bytes | None]:
    """Well-known binary, little endian: byte order 1, type 1 (point), x, y (OGC 06-103r4, 8.2)."""
    xy = np.column_stack([table[name].to_numpy(np.float64) for name in _POSITION]).astype("<f8")
    head = b"\x01\x01\x00\x00\x00"
    return [None if np.isnan(point).any() else head + point.tobytes() for point in xy]


_WRITERS: dict[str, Callable[[pd.DataFrame, Path, str], None]] = {
    ".csv": _write_csv,
    ".geojson": _write_geojson,
    ".parquet": _write_parquet,
    ".gpkg": _write_gpkg,
    ".fgb": _write_fgb,
    ".gpx": _write_gpx,
}
