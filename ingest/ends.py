"""The server withholds the ends of trips whose phones did not: before anything is found in them, and before they are kept.

By the phone's own rules (`mobile_app.privacy`). Raw chunks live from their acknowledgement to the trip's first processing; then
chunks without the ends take their place, and the raw bytes are deleted. A cut that a chunk declares is believed: what was
withheld is not here to be checked.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from ingest.settings import Settings
from ingest.store import Store, jobs
from ingest.store.jobs import Claim
from ingest.store.schema import Chunk, ChunkGone, DeviceCell, Trip
from ingest.store.trips import CUT_DONE, CUT_WANTED
from mobile_app import wire
from mobile_app.privacy import Cell, Ends, Fix, Span, kept_spans

CHUNK_S = 60.0
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Cut:
    """parts: as `wire.join` gives them, times from started_at, without what is withheld; None where nothing is left."""

    parts: dict[str, Any] | None
    ends: set[Cell]


def withhold_ends(store: Store, settings: Settings, held: Claim) -> bool:
    """Cut the claimed trip where it must be and is not yet; False when nothing of it is left to look at.

    May be cut off anywhere and done again. Raises DamagedObject, ChunkError, LeaseLost.
    """
    assert held.trip_id
    with store.database.read() as session:
        state = session.get_one(Trip, held.trip_id).cut
    if state != CUT_DONE:
        chunks = _chunks(store, held.trip_id)
        if state != CUT_WANTED and not (settings.enforce_cut and must_cut(chunks, settings.ends)):
            return True
        _replace(store, settings.ends, held, chunks)
    with store.database.read() as session:
        kept = session.execute(select(Chunk.number, Chunk.sha256).where(Chunk.trip_id == held.trip_id)).all()
    store.objects.keep_only(held.trip_id, [(number, sha256) for number, sha256 in kept])
    return bool(kept)


def must_cut(chunks: Sequence[wire.Chunk], rules: Ends) -> bool:
    """Whether some chunk does not declare that the ends were withheld, by cells and a margin at least as large."""
    told = [chunk.withheld for chunk in chunks]
    return any(one is None or one.cell_m < rules.cell_m or one.margin_m < rules.margin_m for one in told)


def cut(parts: Mapping[str, Any], rules: Ends, known: Collection[Cell] = ()) -> Cut:
    """The columns of a trip (as `wire.join` gives them) without its ends. known: cells where earlier trips ended."""
    spans, ends = kept_spans(_fixes(parts["location"]), rules, known)
    if not spans:
        return Cut(None, ends)
    first_us = round(spans[0].begin_s * 1e6)
    kept = dict(parts) | {"started_at": (round(parts["started_at"] * 1e6) + first_us) / 1e6}
    for name in ("accelerometer", "gyroscope"):
        if parts[name] is not None:
            t_s, xyz = parts[name]
            seen = _within(t_s, spans)
            kept[name] = _from(t_s[seen], first_us), xyz[seen]
    columns = parts["location"]
    seen = _within(columns["t"], spans)
    kept["location"] = {name: column[seen] for name, column in columns.items()}
    kept["location"]["t"] = _from(kept["location"]["t"], first_us)
    return Cut(kept, ends)


class LeaseLost(Exception):
    """Another worker took the trip over; its cut counts."""


def _replace(store: Store, rules: Ends, held: Claim, chunks: Sequence[wire.Chunk]) -> None:
    """New objects first, then the rows, and only then may the raw objects go: a kill leaves one or the other whole."""
    assert held.trip_id
    with store.database.read() as session:
        device = session.get_one(Trip, held.trip_id).device_id
        known = [Cell(*row) for row in session.execute(_CELLS.where(DeviceCell.device_id == device))]
    made = cut(wire.join(chunks), rules, known)
    new = list(_encoded(held.trip_id, made.parts, rules)) if made.parts else []
    digests = [hashlib.sha256(data).hexdigest() for data in new]
    for number, (data, sha256) in enumerate(zip(new, digests, strict=True)):
        store.objects.put(held.trip_id, number, data, sha256)

    def swapping(session: Session) -> None:
        if not jobs.holds(session, held):
            raise LeaseLost
        trip = session.get_one(Trip, held.trip_id)
        if trip.cut == CUT_DONE:
            return  # the connection was lost after all was done
        trip.cut = CUT_DONE
        _swap_rows(session, trip.id, [(sha256, len(data)) for sha256, data in zip(digests, new, strict=True)])
        for cell in made.ends:
            session.merge(DeviceCell(device_id=device, **cell._asdict()))

    store.database.run(swapping)


_CELLS = select(DeviceCell.size_m, DeviceCell.row, DeviceCell.column)


def _swap_rows(session: Session, trip_id: str, new: Sequence[tuple[str, int]]) -> None:
    """What was sent is remembered by its digest, so that a repeat is known; what is kept has rows of its own."""
    sent = session.execute(select(Chunk.number, Chunk.sha256, Chunk.received_at).where(Chunk.trip_id == trip_id)).all()
    session.execute(insert(ChunkGone), [{"trip_id": trip_id, "number": n, "sha256": sha256} for n, sha256, _ in sent])
    session.execute(delete(Chunk).where(Chunk.trip_id == trip_id))
    if new:
        common = {"trip_id": trip_id, "received_at": max(at for *_, at in sent)}
        rows = [common | {"number": n, "sha256": sha256, "size": size} for n, (sha256, size) in enumerate(new)]
        session.execute(insert(Chunk), rows)


def _chunks(store: Store, trip_id: str) -> list[wire.Chunk]:
    with store.database.read() as session:
        rows = session.execute(select(Chunk.number, Chunk.sha256).where(Chunk.trip_id == trip_id).order_by(Chunk.number)).all()
    return [_decode(store.objects.get(trip_id, number, sha256), trip_id, number) for number, sha256 in rows]


def _decode(data: bytes, trip_id: str, number: int) -> wire.Chunk:
    return wire.decode(data) if data.startswith(wire.MAGIC) else wire.decode_json(data, trip_id, number)


def _fixes(location: Mapping[str, Floats] | None) -> Iterator[Fix]:
    if location is not None:
        columns = (location["t"], location["latitude"], location["longitude"], location["accuracy"])
        yield from map(Fix, *(column.tolist() for column in columns))


def _within(t_s: Floats, spans: Sequence[Span]) -> npt.NDArray[np.bool_]:
    begin_s, end_s = np.array(spans).T
    at = np.searchsorted(begin_s, t_s, side="right") - 1
    return np.asarray((at >= 0) & (t_s <= end_s[at]))


def _from(t_s: Floats, first_us: int) -> Floats:
    return (np.rint(t_s * 1e6) - first_us) / 1e6


def _encoded(trip_id: str, parts: Mapping[str, Any], rules: Ends) -> Iterator[bytes]:
    """Chunks of a minute each, numbered from 0 without a gap."""
    streams = {name: _columns(parts[name]) for name in ("accelerometer", "gyroscope")} | {"location": parts["location"]}
    held = {name: _in_order(columns) for name, columns in streams.items() if columns is not None}
    minutes = sorted({int(m) for columns in held.values() for m in np.unique(columns["t"] // CHUNK_S)})
    started_at_us, told = round(parts["started_at"] * 1e6), wire.Withheld(round(rules.cell_m), round(rules.margin_m))
    for number, minute in enumerate(minutes):
        mine = {name: _slice(columns, minute * CHUNK_S, (minute + 1) * CHUNK_S) for name, columns in held.items()}
        yield wire.encode(trip_id, number, started_at_us, **mine, withheld=told)


def _columns(sensor: tuple[Floats, Floats] | None) -> dict[str, Floats] | None:
    return None if sensor is None else {"t": sensor[0], **dict(zip("xyz", sensor[1].T, strict=True))}


def _in_order(columns: Mapping[str, Floats]) -> dict[str, Floats]:
    _, first = np.unique(np.rint(columns["t"] * 1e6), return_index=True)
    return {name: column[first] for name, column in columns.items()}


def _slice(columns: Mapping[str, Floats], begin_s: float, end_s: float) -> dict[str, list[float]]:
    first, end = np.searchsorted(columns["t"], [begin_s, end_s])
    return {name: column[first:end].tolist() for name, column in columns.items()}
