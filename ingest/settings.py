"""What an operator may set, as one immutable value handed down from the command line.

Nothing is read from the environment or from files here, and nothing at import.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from mobile_app.privacy import Ends

DEFAULT_ENDS = Ends()


@dataclass(frozen=True)
class Limits:
    """How much one request may ask of the server (docs/limits.md has the reasons and what is answered beyond)."""

    body_bytes: int = 8 << 20  # a minute at 1 kHz, six axes, as JSON after gzip is about 4 MB
    expanded_bytes: int = 12 << 20  # the same without gzip is about 10 MB
    expanded_ratio: int = 100  # noise packs 2 to 10 times, a bomb 1000 times; only asked of what is above …
    ratio_free_bytes: int = 1 << 20  # … this, so that a short chunk of one phone at rest is none
    small_body_bytes: int = 64 << 10  # bodies that are not chunks
    photo_bytes: int = 12 << 20  # of a phone with 50 million pixels, as it comes
    photo_pixels: int = 64_000_000  # the same phones; a JPEG is decoded at a half to an eighth of its size …
    photo_whole_pixels: int = 16_000_000  # … PNG, WebP and progressive JPEG as a whole: up to 290 MB, one at a time
    chunks_per_trip: int = 10_000  # a week of minutes
    page: int = 10_000  # features in one answer
    reports_a_day: int = 5000  # of people without a device, all addresses together: a city of a million has 500
    samples_per_trip: int = 20_000_000  # accelerometer and gyroscope, a day at 115 Hz of both: some 3 GB in the worker


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
class Connections:
    """How long and how many connections may be without a whole request. None of it touches requests that come in time."""

    head_s: float = 10.0  # from connecting, or from the first byte of a request, to the end of its head
    body_s: float = 60.0  # from there to the end of the body: 8 MiB at 140 kB/s
    head_bytes: int = 16 << 10  # of request line and headers; browsers send 1 kB, phones 300 bytes
    read_s: float = 30.0  # in which a caller must take …
    read_bytes: int = 16 << 10  # … so much of a long answer
    most: int = 4000  # a waiting one costs 20 kB; beyond, the one that waits longest makes room
    per_address: int = 1000  # a carrier's phones may share one address; beyond, its own longest waiting makes room. 0: no cap
    trusted: tuple[str, ...] = ("127.0.0.1", "::1")  # a proxy on this machine holds everybody's connections: no cap by address


@dataclass(frozen=True)
class Rates:
    """Token buckets: so many a second for ever, `burst` at once after a pause. A bucket is this server process's own.

    `trusted` addresses have none: whoever calls from there is the operator, or a proxy that tells no address.
    """

    device_per_s: float = 50.0  # a phone sends one chunk at a time: 20 ms each on the best of networks
    device_burst: float = 5000.0  # weeks of driving, as fast as it goes
    device_bytes_per_s: float = 4e6  # a minute of driving is 31 kB: over two hours of driving a second
    device_bytes_burst: float = 256e6  # the same weeks
    address_per_s: float = 500.0  # a hundred phones behind one address; a map page is 30 requests
    address_burst: float = 20_000.0
    enrolments_per_s: float = 1 / 60  # a phone enrols once in its life …
    enrolments_burst: float = 30.0  # … a firm's thirty on the same morning behind one address
    reports_per_s: float = 1 / 60  # of people without a device: one a minute from one address …
    reports_burst: float = 20.0  # … after a walk down a bad street
    remembered: int = 50_000  # buckets of each sort, 200 bytes each; beyond, the one unused longest is forgotten, as if full
    trusted: tuple[str, ...] = ("127.0.0.1", "::1")


@dataclass(frozen=True)
class Reserve:
    """When the server takes no more, so that what it took can be worked on."""

    free_bytes: int = 512 << 20  # for the worker, the database's log and backups …
    free_share: float = 0.05  # … but never more than this of a small disk
    backlog: int = 100_000  # trips waiting: hours of work for one core; more would only make everyone wait longer
    waiting: int = 1024  # chunks waiting for the disk: under two seconds at 600 a second
    reading_bytes: int = 64 << 20  # of all bodies that came and are not stored yet: 2000 of a phone's; large ones two at once
    look_s: float = 1.0  # between two looks at disk and backlog
    retry_after_s: int = 5  # asked of a phone that came in a rush; it adds a random time of its own
    retry_after_full_s: int = 300  # asked of a phone when the disk or the backlog is full: that passes in minutes, not seconds


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

    objects: where the traces lie, "" = a folder inside `data`, or s3://bucket/prefix.
    enrol_with_codes: devices need a code of `cahot codes add`. https: browsers reach it over TLS, here or at a proxy before it.
    public_url: where others reach it, for the links in its answers; "" = where the request was sent to.

    k: nothing public shows a place that fewer devices passed. style_url: a MapLibre style for the map's background and
    tile_url a raster tile template; both None = streets drawn from the passes themselves. attribution: text for that background.
    metrics_token: who sends it may read /metrics from elsewhere, "" = nobody. log_format: text or json, for the worker too.
    ends: how the server withholds the ends of trips that come in without it. enforce_cut: of all such trips, not only of those
    whose app cannot do it. keep_traces_s: traces older than this are deleted; what was found in them stays. None: kept.
    """

    data: Path
    database: str = ""
    objects: str = ""
    k: int = 3
    style_url: str | None = None
    tile_url: str | None = None
    attribution: str = ""
    metrics_token: str = ""
    log_format: str = "text"
    enrol_with_codes: bool = False
    https: bool = False
    public_url: str = ""
    doors: Doors = Doors()
    limits: Limits = Limits()
    connections: Connections = Connections()
    rates: Rates = Rates()
    reserve: Reserve = Reserve()
    work: Work = Work()
    push: Push = Push()
    ends: Ends = DEFAULT_ENDS
    enforce_cut: bool = False
    keep_traces_s: float | None = None

    @property
    def database_url(self) -> str:
        return self.database or f"sqlite:///{self.data / 'cahot.sqlite'}"

    @property
    def traces(self) -> Path:
        return self.data / "traces"


def default_data() -> Path:
    """Where an installation lives when nobody says otherwise."""
    return Path.home() / ".local" / "share" / "cahot"
