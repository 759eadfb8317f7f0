"""Chunks to what others take: the JSON form of one, and the columns of a whole trip."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from mobile_app.wire import layout
from mobile_app.wire.chunk import Chunk, ChunkError, Series


def chunk_to_json(chunk: Chunk) -> dict[str, Any]:
    """The chunk as the JSON form's object; `json.dumps` of it is what `decode_json` reads. Unknown becomes None."""
    fields: dict[str, Any] = {"started_at": _rfc3339(chunk.started_at_us)}
    if chunk.trip_id:
        fields["trip_id"] = chunk.trip_id
    if chunk.device is not None:
        fields["device"] = chunk.device
    if chunk.withheld is not None:
        fields["withheld"] = chunk.withheld._asdict()
    for name in layout.STREAM_IDS:
        series = getattr(chunk, name)
        if series is not None:
            columns = {"t": series.t_s, **series.columns}
            fields[name] = {column: [None if v != v else v for v in values.tolist()] for column, values in columns.items()}
    return fields


def join(chunks: Iterable[Chunk]) -> dict[str, Any]:
    """All chunks of one trip as the keyword arguments of `detection.Trace.build`; missing numbers leave gaps.

    Returns trip_id, started_at (s since 1970), accelerometer (t (n,), xyz (n, 3)), gyroscope likewise or None, location
    {t, latitude, ...} or None. Chunks are taken in order of their numbers. Should their started_at differ, times are
    moved to count from that of the first. Samples that came late stand where they were stored: Trace.build sorts.
    Raises ChunkError where there is no chunk or they are of several trips.
    """
    held = sorted(chunks, key=lambda chunk: (chunk.number, chunk.started_at_us))
    trips = sorted({chunk.trip_id for chunk in held})
    if len(trips) != 1:
        raise ChunkError("trip_id", ", ".join(trips), f"{len(trips)} trips instead of one", "join the chunks of one trip")
    start_us = held[0].started_at_us
    joined = {name: _joined(held, name, start_us) for name in layout.STREAM_IDS}
    location = joined["location"]
    return {
        "trip_id": trips[0],
        "started_at": start_us / 1e6,
        "device": next((chunk.device for chunk in held if chunk.device), None),
        "accelerometer": _t_xyz(joined["accelerometer"]),
        "gyroscope": _t_xyz(joined["gyroscope"]),
        "location": None if location is None else {"t": location.t_s, **location.columns},
    }


def _joined(chunks: list[Chunk], name: str, start_us: int) -> Series | None:
    import numpy as np

    parts = [(getattr(chunk, name), (chunk.started_at_us - start_us) / 1e6) for chunk in chunks]
    present = [(series, shift_s) for series, shift_s in parts if series is not None]
    if not present:
        return None
    t_s = np.concatenate([series.t_s + shift_s if shift_s else series.t_s for series, shift_s in present])
    columns = {column: np.concatenate([series.columns[column] for series, _ in present]) for column in layout.COLUMNS[name]}
    return Series(t_s, columns)


def _t_xyz(series: Series | None) -> tuple[Any, Any] | None:
    return None if series is None else (series.t_s, series.xyz)


def _rfc3339(started_at_us: int) -> str:
    instant = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=started_at_us)
    return instant.isoformat().replace("+00:00", "Z")
