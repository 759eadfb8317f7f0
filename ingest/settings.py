"""What an operator may set, as one immutable value handed down from the command line.

Nothing is read from the environment or from files here, and nothing at import.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Limits:
    """How much one request may ask of the server."""

    body_bytes: int = 8 << 20  # a minute at 1 kHz, six axes, as JSON after gzip is about 4 MB
    expanded_bytes: int = 32 << 20  # the same without gzip is about 10 MB
    small_body_bytes: int = 64 << 10  # bodies that are not chunks
    chunks_per_trip: int = 10_000  # a week of minutes
    page: int = 10_000  # features in one answer


@dataclass(frozen=True)
class Push:
    """How pushed messages of other apps are taken and made into trips."""

    body_bytes: int = 4 << 20  # a minute of a phone at 100 Hz, four sensors, is about 3 MB
    objects: int = 100_000  # JSON objects and lists in one message: a reading is two; bounds memory before parsing
    silence_s: float = 600.0  # a session without a message for so long is over: trains of thought at a ferry last less
    part_bytes: int = 64 << 20  # or when it holds this much: half a day at 100 Hz; bounds the memory of the worker
    device_bytes: int = 256 << 20  # of one device waiting to be made into trips
    lease_s: float = 120.0  # making a trip of a part takes seconds
    tries: int = 3  # a part that fails this often is set aside with its reason
    receipts_s: float = 7 * 86_400.0  # a message that comes again within this is known


@dataclass(frozen=True)
class Work:
    """How the worker shares its time."""

    lease_s: float = 60.0  # a day of driving takes seconds; after this another worker may take the trip over
    lease_s_per_survey: float = 0.2  # … or the estimate, this much later: ten times what an estimate of everything takes
    tries: int = 3  # a trip that fails this often is parked
    retry_s: float = 5.0  # before the same trip is tried again; the n-th time n times as long
    idle_s: float = 0.5  # between looks at an empty backlog
    settle_s: float = 2.0  # defects are estimated at most this often, once for a burst of trips;
    settle_s_per_survey: float = 0.005  # … or this often: in a small town a trip touches tiles that most surveys touch
    # a new calibration has everything estimated again: 12 ms a survey, so 60 ms for each trip that comes …
    renew_share: float = 0.2  # … if it is made when so many more surveys came than it was made from
    renew_s: float = 3600.0  # and at the latest so long after surveys came that it does not know …
    renew_s_per_survey: float = 1.0  # … or this long, for large fleets: a hundredth of the worker's time


@dataclass(frozen=True)
class Doors:
    """How long what opens a door does so, in seconds."""

    admin_link_s: float = 15 * 60.0  # printed to a console where its reader sits
    link_s: float = 7 * 86_400.0  # of crews and analysts: sent to somebody who may be on leave
    admin_session_s: float = 12 * 3600.0  # a working day
    session_s: float = 14 * 86_400.0  # of crews and analysts: a crew's phone is not signed in anew every morning
    token_overlap_s: float = 86_400.0  # a replaced token of a device: its phone may have missed the answer


@dataclass(frozen=True)
class Settings:
    """One installation. data: folder of everything kept; database: SQLAlchemy URL, "" = SQLite inside `data`.

    enrol_with_codes: devices need a code of `cahot codes add`. https: browsers reach it over TLS, here or at a proxy before it.

    k: nothing public shows a place that fewer devices passed. style_url: a MapLibre style for the map's background and
    tile_url a raster tile template; both None = streets drawn from the passes themselves. attribution: text for that background.
    metrics_token: who sends it may read /metrics from elsewhere, "" = nobody. log_format: text or json, for the worker too.
    """

    data: Path
    database: str = ""
    k: int = 3
    style_url: str | None = None
    tile_url: str | None = None
    attribution: str = ""
    metrics_token: str = ""
    log_format: str = "text"
    enrol_with_codes: bool = False
    https: bool = False
    doors: Doors = Doors()
    limits: Limits = Limits()
    work: Work = Work()
    push: Push = Push()

    @property
    def database_url(self) -> str:
        return self.database or f"sqlite:///{self.data / 'cahot.sqlite'}"

    @property
    def traces(self) -> Path:
        return self.data / "traces"


def default_data() -> Path:
    """Where an installation lives when nobody says otherwise."""
    return Path.home() / ".local" / "share" / "cahot"
