"""What is told of each trip on this phone: how far, which jolts, what left the phone and what stayed.

One JSON file a trip, beside the outbox and outliving it: the outbox forgets a trip once the server has it. It holds no place
that was withheld, only the squares it lay in.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

from mobile_app import durable
from mobile_app.wire.layout import check_trip_id

Place = tuple[float, float]  # latitude, longitude; degrees, WGS 84


@dataclass(frozen=True)
class Jolt:
    """One jolt as the phone's preview saw it. t_s: from the start of what was sent. severity: as the server's, roughly."""

    t_s: float
    latitude: float
    longitude: float
    severity: float


@dataclass(frozen=True)
class Entry:
    """One trip. Times are s since 1970, UTC. path: what may leave the phone, in pieces between what is withheld."""

    trip_id: str
    began_s: float
    ended_s: float
    km: float  # driven, withheld ends too
    sent_km: float
    path: tuple[tuple[Place, ...], ...] = ()
    withheld: tuple[tuple[float, int, int], ...] = ()  # cells (`privacy.Cell`): nothing in them or near them is sent
    jolts: tuple[Jolt, ...] = ()
    chunks: int = 0  # that it was cut into; 0: all of it was withheld
    samples: int = 0  # of the accelerometer, that may be sent
    dropped: dict[str, int] | None = None  # samples left out, by reason


class Diary:
    """The entries in a folder, made if missing."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        durable.make_folder(folder)

    def write(self, entry: Entry) -> None:
        """On the disk on return; a trip written again replaces what was told of it."""
        durable.write_json(self._path(entry.trip_id), asdict(entry))

    def entries(self) -> list[Entry]:
        """All of them, newest first. A damaged file is left out."""
        found = [entry for path in self.folder.glob("*.json") if (entry := _read(path)) is not None]
        return sorted(found, key=lambda entry: (-entry.began_s, entry.trip_id))

    def entry(self, trip_id: str) -> Entry | None:
        return _read(self._path(trip_id))

    def forget(self, trip_id: str) -> None:
        self._path(trip_id).unlink(missing_ok=True)
        durable.sync_folder(self.folder)

    def _path(self, trip_id: str) -> Path:
        return self.folder / f"{check_trip_id(trip_id)}.json"


def _read(path: Path) -> Entry | None:
    told = durable.read_json(path)
    if told is None:
        return None
    try:
        known: dict[str, Any] = {field.name: told[field.name] for field in fields(Entry) if field.name in told}
        known["path"] = tuple(tuple((float(a), float(b)) for a, b in piece) for piece in known.get("path", ()))
        known["withheld"] = tuple((float(size), int(row), int(column)) for size, row, column in known.get("withheld", ()))
        known["jolts"] = tuple(Jolt(**jolt) for jolt in known.get("jolts", ()))
        return Entry(**known)
    except (TypeError, ValueError):
        return None
