"""Where on the phone what is kept: one folder, shared by the process that records and the one that shows."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Home:
    """The app's folder. The recorder's process writes what it finds out, the screens' process what its person decides."""

    folder: Path

    @property
    def outbox(self) -> Path:
        """Chunks until they are sent (`outbox`)."""
        return self.folder / "outbox"

    @property
    def diary(self) -> Path:
        """What is told of each trip (`diary`)."""
        return self.folder / "diary"

    @property
    def reports(self) -> Path:
        """Reports made by hand until they are sent (`reports`)."""
        return self.folder / "reports"

    @property
    def deleting(self) -> Path:
        """What its person wants deleted, until it is (`deleting`)."""
        return self.folder / "deleting"

    @property
    def choices(self) -> Path:
        """What its person decided (`choices`)."""
        return self.folder / "choices.json"

    @property
    def credentials(self) -> Path:
        return self.folder / "credentials.json"

    @property
    def status(self) -> Path:
        """What is going on now (`status`)."""
        return self.folder / "status.json"

    @property
    def ring(self) -> Path:
        """The last minute of vertical acceleration (`ring`)."""
        return self.folder / "live.ring"

    @property
    def today(self) -> Path:
        """How far today (`today`)."""
        return self.folder / "today.json"

    @property
    def lock(self) -> Path:
        """Held by the recorder that runs (`locking`)."""
        return self.folder / "recorder.lock"

    @property
    def defects(self) -> Path:
        """The server's defects as they were last fetched, GeoJSON."""
        return self.folder / "defects.geojson"

    @property
    def contribution(self) -> Path:
        """The server's answer to `GET /v1/me` as it was last fetched."""
        return self.folder / "contribution.json"
