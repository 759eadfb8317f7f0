"""The tables, typed. Times are seconds since 1970-01-01 UTC, positions WGS 84 degrees, unknown is NULL.

Only their shape: they are created by `ingest.migrations`, and a test holds that both agree.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Double, ForeignKey, Index, LargeBinary, String, Text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

TRIP_STATES = ("receiving", "queued", "processed", "rejected")


class Base(DeclarativeBase):
    type_annotation_map = {float: Double, bytes: LargeBinary}  # noqa: RUF012  (SQLAlchemy reads it so)


class Device(Base):
    """One phone. Its token is kept as a hash only; the one before it stays good until `previous_until`.

    last_used: the beginning of the day (UTC); revoked_at: since then no token of it opens anything.
    """

    __tablename__ = "devices"
    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    token_sha256: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[float]
    previous_sha256: Mapped[str | None] = mapped_column(String(64), index=True)
    previous_until: Mapped[float | None]
    last_used: Mapped[float | None]
    revoked_at: Mapped[float | None]


class Trip(Base):
    """One drive of one device; `chunks` is the number it was finished with.

    cut: `wanted` where the server must withhold its ends before anything is kept, `done` once it has, NULL otherwise.
    traces_deleted_at: when its chunks were deleted for their age.
    """

    __tablename__ = "trips"
    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    device_id: Mapped[str] = mapped_column(ForeignKey("devices.id", ondelete="CASCADE"), index=True)
    state: Mapped[str] = mapped_column(String(16))
    created_at: Mapped[float]
    finished_at: Mapped[float | None]
    chunks: Mapped[int | None]
    reason: Mapped[str | None] = mapped_column(Text)
    cut: Mapped[str | None] = mapped_column(String(16))
    traces_deleted_at: Mapped[float | None]


class Chunk(Base):
    """One acknowledged chunk; its bytes lie in the object folder under a name that follows from this row."""

    __tablename__ = "chunks"
    trip_id: Mapped[str] = mapped_column(ForeignKey("trips.id", ondelete="CASCADE"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    sha256: Mapped[str] = mapped_column(String(64))
    size: Mapped[int]
    received_at: Mapped[float]


class QuarantinedChunk(Base):
    """One acknowledged chunk whose bytes were found damaged or missing; what is left of them lies in the folder's quarantine."""

    __tablename__ = "quarantined_chunks"
    trip_id: Mapped[str] = mapped_column(ForeignKey("trips.id", ondelete="CASCADE"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    reason: Mapped[str] = mapped_column(Text)
    found_at: Mapped[float]


class ChunkGone(Base):
    """A chunk that was acknowledged and whose bytes are kept no longer: what it was known by, so that a repeat is known."""

    __tablename__ = "chunks_gone"
    trip_id: Mapped[str] = mapped_column(ForeignKey("trips.id", ondelete="CASCADE"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    sha256: Mapped[str] = mapped_column(String(64))


class Tombstone(Base):
    """Something erased must not come back: hash = HMAC-SHA256 of what it was, by the key of that name; made_on: the day."""

    __tablename__ = "tombstones"
    hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    key_name: Mapped[str] = mapped_column(String(16))
    made_on: Mapped[float]


class DeviceCell(Base):
    """A cell in which the server withheld an end of a device's trip: ends beside it are taken for the same."""

    __tablename__ = "device_cells"
    device_id: Mapped[str] = mapped_column(ForeignKey("devices.id", ondelete="CASCADE"), primary_key=True)
    size_m: Mapped[float] = mapped_column(primary_key=True)
    row: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    column: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)


class Job(Base):
    """Work waiting or under way: `survey:<trip id>`, or the one `estimate`.

    revision counts the requests for it; lease is the random name of the worker's claim, good until lease_until;
    rank 0 is done before rank 1, however old that is.
    """

    __tablename__ = "jobs"
    name: Mapped[str] = mapped_column(String(64), primary_key=True)
    trip_id: Mapped[str | None] = mapped_column(ForeignKey("trips.id", ondelete="CASCADE"), index=True)
    due_at: Mapped[float] = mapped_column(index=True)
    revision: Mapped[int]
    attempts: Mapped[int]
    lease: Mapped[str | None] = mapped_column(String(32))
    lease_until: Mapped[float | None]
    error: Mapped[str | None] = mapped_column(Text)
    rank: Mapped[int] = mapped_column(server_default="0")
    __table_args__ = (Index("ix_jobs_order", "rank", "due_at", "name"),)


class SurveyRow(Base):
    """What one trip tells about the road; `arrays` is the packed `detection.Survey`, `shape` names its columns."""

    __tablename__ = "surveys"
    trip_id: Mapped[str] = mapped_column(ForeignKey("trips.id", ondelete="CASCADE"), primary_key=True)
    shape: Mapped[str] = mapped_column(String(64))
    jolts: Mapped[int]
    driven_m: Mapped[float]
    driven_s: Mapped[float]
    surveyed_at: Mapped[float]
    arrays: Mapped[bytes]


class SurveyTile(Base):
    """A tile whose defects, histories or assets a trip can matter to (`detection.tiles`)."""

    __tablename__ = "survey_tiles"
    trip_id: Mapped[str] = mapped_column(ForeignKey("trips.id", ondelete="CASCADE"), primary_key=True)
    tile: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    __table_args__ = (Index("ix_survey_tiles_tile", "tile"),)


class StaleTile(Base):
    """A tile to be estimated again, a row for each reason: rows are only added and deleted, so that no two writers meet."""

    __tablename__ = "stale_tiles"
    id: Mapped[int] = mapped_column(primary_key=True)
    tile: Mapped[int] = mapped_column(BigInteger)


class CalibrationRow(Base):
    """The one row of the calibration that all defects are told by. arrays: packed, NULL where there is none that counts.

    surveys: how many it was made from, since: surveys stored after that; expiries: how often it was declared void.
    """

    __tablename__ = "calibrations"
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    shape: Mapped[str] = mapped_column(String(64))
    arrays: Mapped[bytes | None]
    surveys: Mapped[int]
    since: Mapped[int]
    made_at: Mapped[float]
    expiries: Mapped[int]


class AssetRow(Base):
    """Columns of `detection.assets.Assets`, in the order of the city's file."""

    __tablename__ = "assets"
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    id: Mapped[str] = mapped_column(String(64))
    latitude: Mapped[float]
    longitude: Mapped[float]
    sort: Mapped[str] = mapped_column(String(16))
    heading: Mapped[float | None]
    radius: Mapped[float]
    __table_args__ = (Index("ix_assets_latitude", "latitude"),)


class Jolt(Base):
    """The jolts of the surveys as rows, for queries and exports; the survey's arrays are what counts."""

    __tablename__ = "jolts"
    trip_id: Mapped[str] = mapped_column(ForeignKey("trips.id", ondelete="CASCADE"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    t_s: Mapped[float]
    latitude: Mapped[float | None]
    longitude: Mapped[float | None]
    heading: Mapped[float | None]
    speed: Mapped[float | None]
    severity: Mapped[float]
    peak: Mapped[float]
    kind: Mapped[str] = mapped_column(String(16))
    confidence: Mapped[float]
    __table_args__ = (Index("ix_jolts_place", "latitude", "longitude"),)


class Defect(Base):
    """Columns of `detection.Defects`; replaced tile by tile, `tile` being the one whose estimate it is of.

    equity: the other ranking (`detection.priority`). feature: its GeoJSON up to the status, as the API tells it; NULL of an
    older Cahot, until the next estimate.
    """

    __tablename__ = "defects"
    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    latitude: Mapped[float]
    longitude: Mapped[float]
    kind: Mapped[str] = mapped_column(String(16))
    severity: Mapped[float]
    confidence: Mapped[float]
    hits: Mapped[int]
    passes: Mapped[int]
    devices: Mapped[int]
    hit_rate: Mapped[float]
    heading: Mapped[float | None]
    radius: Mapped[float]
    first_seen: Mapped[float | None]
    last_seen: Mapped[float | None]
    status: Mapped[str] = mapped_column(String(16))
    priority: Mapped[float]
    tile: Mapped[int | None] = mapped_column(BigInteger)
    equity: Mapped[float | None]
    feature: Mapped[str | None] = mapped_column(Text)
    __table_args__ = (
        Index("ix_defects_place", "latitude", "longitude"),
        Index("ix_defects_tile", "tile"),
        Index("ix_defects_priority", "priority", "id"),
        Index("ix_defects_equity", "equity", "id"),
    )


class DefectFacts(Base):
    """What else an estimate says of a defect: `told` is JSON, the terms of its priority and the probability of each kind."""

    __tablename__ = "defect_facts"
    defect_id: Mapped[str] = mapped_column(ForeignKey("defects.id", ondelete="CASCADE"), primary_key=True)
    told: Mapped[str] = mapped_column(Text)


class DefectDay(Base):
    """The history of a defect: who passed and who hit it, up to and including the day that begins at `day`."""

    __tablename__ = "defect_days"
    defect_id: Mapped[str] = mapped_column(ForeignKey("defects.id", ondelete="CASCADE"), primary_key=True)
    day: Mapped[float] = mapped_column(primary_key=True)
    passes: Mapped[int]
    hits: Mapped[int]
    devices: Mapped[int]


class RoadsVersion(Base):
    """The one row that says how often defects, what was said of them, or streets have changed."""

    __tablename__ = "roads_version"
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    number: Mapped[int] = mapped_column(BigInteger)


class CommonTrack(Base):
    """A piece of street that at least k devices drove; `line` is a JSON list of [longitude, latitude]."""

    __tablename__ = "common_tracks"
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    south: Mapped[float]
    north: Mapped[float]
    west: Mapped[float]
    east: Mapped[float]
    passes: Mapped[int]
    devices: Mapped[int]
    roughness: Mapped[float]
    line: Mapped[str] = mapped_column(Text)
    __table_args__ = (Index("ix_common_tracks_place", "south", "west"),)


class PushPart(Base):
    """A session of a pushing app, or what came of it after a silence: a trip to be, under its id.

    session: UUID made from the device and the app's name of the session. closing_at: no message is added from then on;
    closed_at: its trip is stored and its messages are erased. lease as of a job; reason: why nothing was made of it.
    """

    __tablename__ = "push_parts"
    trip_id: Mapped[str] = mapped_column(String(36), primary_key=True)
    device_id: Mapped[str] = mapped_column(ForeignKey("devices.id", ondelete="CASCADE"), index=True)
    session: Mapped[str] = mapped_column(String(36))
    number: Mapped[int]
    last_at: Mapped[float]
    messages: Mapped[int]
    bytes_held: Mapped[int]
    closing_at: Mapped[float | None]
    closed_at: Mapped[float | None]
    attempts: Mapped[int]
    lease: Mapped[str | None] = mapped_column(String(32))
    lease_until: Mapped[float | None]
    reason: Mapped[str | None] = mapped_column(Text)
    __table_args__ = (
        Index("ix_push_parts_session", "session", "number", unique=True),
        Index("ix_push_parts_closed", "closed_at", "last_at"),
    )


class PushMessage(Base):
    """One acknowledged message; `body` holds its readings until their trip is made, the rest stays as a receipt."""

    __tablename__ = "push_messages"
    session: Mapped[str] = mapped_column(String(36), primary_key=True)
    message_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    trip_id: Mapped[str] = mapped_column(ForeignKey("push_parts.trip_id", ondelete="CASCADE"), index=True)
    received_at: Mapped[float]
    body: Mapped[bytes | None]


class Fingerprint(Base):
    """When and where a processed trip was seen first and last (NULL unknown), and the times of its strongest shocks, packed."""

    __tablename__ = "fingerprints"
    trip_id: Mapped[str] = mapped_column(ForeignKey("trips.id", ondelete="CASCADE"), primary_key=True)
    begin_s: Mapped[float | None]
    end_s: Mapped[float | None]
    begin_latitude: Mapped[float | None]
    begin_longitude: Mapped[float | None]
    end_latitude: Mapped[float | None]
    end_longitude: Mapped[float | None]
    peaks: Mapped[bytes]


class FingerprintMark(Base):
    """What a copy of a trip would be looked up by (`detection.fingerprint`)."""

    __tablename__ = "fingerprint_marks"
    trip_id: Mapped[str] = mapped_column(ForeignKey("fingerprints.trip_id", ondelete="CASCADE"), primary_key=True)
    mark: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    __table_args__ = (Index("ix_fingerprint_marks_mark", "mark"),)


class WorkerRow(Base):
    """What a worker did since it started: all counters only grow. `id` is random, of one process."""

    __tablename__ = "workers"
    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    started_at: Mapped[float]
    seen_at: Mapped[float]
    trips: Mapped[int]
    rejected: Mapped[int]
    driven_s: Mapped[float]
    survey_cpu_s: Mapped[float]
    estimates: Mapped[int]
    estimate_s: Mapped[float]


class Crossing(Base):
    """Columns of `detection.crossings.Crossings`, in order from south to north; `told` is a JSON list, an object each arm that is
    driven towards it, by the names of `detection.crossings.Approaches`."""

    __tablename__ = "crossings"
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    latitude: Mapped[float]
    longitude: Mapped[float]
    arms: Mapped[int]
    devices: Mapped[int]
    approaches: Mapped[int]
    braking: Mapped[float]
    low: Mapped[float]
    high: Mapped[float]
    told: Mapped[str] = mapped_column(Text)
    __table_args__ = (Index("ix_crossings_place", "latitude", "longitude"),)


class EnrolmentCode(Base):
    """Lets so many devices enrol; kept as a hash, and not remembered with the devices: it may have been handed to a person."""

    __tablename__ = "enrolment_codes"
    sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    created_at: Mapped[float]
    expires_at: Mapped[float]
    uses_left: Mapped[int]


class User(Base):
    """A person of the city, or a script: role is one of crew, analyst, admin."""

    __tablename__ = "users"
    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    name: Mapped[str] = mapped_column(String(64), unique=True)
    role: Mapped[str] = mapped_column(String(16))
    email: Mapped[str | None] = mapped_column(String(254))
    created_at: Mapped[float]
    signed_in_at: Mapped[float | None]


class UserKey(Base):
    """What opens a user's door, as a hash: sort is `link` (once), `session` (a cookie) or `token` (of a script)."""

    __tablename__ = "user_keys"
    sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    user_id: Mapped[str] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    sort: Mapped[str] = mapped_column(String(8))
    created_at: Mapped[float]
    expires_at: Mapped[float]


class DefectMark(Base):
    """What was last said about a defect, by its id: no estimate touches it, so none can lose it. Outweighs `Defect.status`.

    version counts the changes. repaired_at: when it was last marked so, NULL where it is not. The rest is what the passes
    since the repair say (`detection.life`): verdict, the counts behind it, and when they were counted. assignee: whose work it
    is, a name of somebody or of a crew.
    """

    __tablename__ = "defect_marks"
    defect_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    status: Mapped[str] = mapped_column(String(16))
    version: Mapped[int]
    repaired_at: Mapped[float | None]
    verdict: Mapped[str | None] = mapped_column(String(16))
    silent_passes: Mapped[int | None]
    silent_devices: Mapped[int | None]
    hits: Mapped[int | None]
    judged_at: Mapped[float | None]
    assignee: Mapped[str | None] = mapped_column(String(64))


class DefectChange(Base):
    """One change of a mark: who said what, when. `by` is a user's name or `system`.

    what: status (also a mere note), assign, merge, split or undo. told: JSON, what an undo needs to know and people may read.
    """

    __tablename__ = "defect_changes"
    defect_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[float]
    by: Mapped[str] = mapped_column(String(64))
    before: Mapped[str] = mapped_column(String(16))
    status: Mapped[str] = mapped_column(String(16))
    note: Mapped[str] = mapped_column(Text)
    what: Mapped[str] = mapped_column(String(16), server_default="status")
    told: Mapped[str | None] = mapped_column(Text)


class MergedDefect(Base):
    """Two that are one: `id` is shown no more and leads to `into`, which counts the passes of both.

    It is estimated as before, so that it keeps its id at its place, and so that parting them again loses nothing.
    devices: how many had passed it, for who may know that it was there.
    """

    __tablename__ = "merged_defects"
    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    into: Mapped[str] = mapped_column(String(64), index=True)
    at: Mapped[float]
    by: Mapped[str] = mapped_column(String(64))
    latitude: Mapped[float]
    longitude: Mapped[float]
    heading: Mapped[float | None]
    devices: Mapped[int]


class PinnedDefect(Base):
    """A defect whose place a crew knows better than the estimate, which keeps its id there, come what may.

    other: of a split one, the id of its other half. sort: of a known thing (`detection.assets.SORTS`), which is no work.
    """

    __tablename__ = "pinned_defects"
    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    latitude: Mapped[float]
    longitude: Mapped[float]
    heading: Mapped[float | None]
    other: Mapped[str | None] = mapped_column(String(64))
    sort: Mapped[str | None] = mapped_column(String(16))
    at: Mapped[float]
    by: Mapped[str] = mapped_column(String(64))


class LiveHead(Base):
    """The one row that says how many live events there were: writers take turns at it, so numbers come to light in order."""

    __tablename__ = "live_head"
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    number: Mapped[int]


class LiveEvent(Base):
    """What anyone may see changed; boxes: JSON, a list of [west, south, east, north]. Old ones are deleted."""

    __tablename__ = "live_events"
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[float]
    boxes: Mapped[str] = mapped_column(Text)


class Report(Base):
    """What somebody told by hand: a driver's device, or anyone (device_id NULL).

    receipt_sha256: of the secret by which its writer asks what became of it. status, answer: what a crew says of it, where no
    defect says it; changed_at: when.
    """

    __tablename__ = "reports"
    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    device_id: Mapped[str | None] = mapped_column(ForeignKey("devices.id", ondelete="CASCADE"), index=True)
    created_at: Mapped[float] = mapped_column(index=True)
    kind: Mapped[str] = mapped_column(String(16))
    latitude: Mapped[float]
    longitude: Mapped[float]
    note: Mapped[str] = mapped_column(Text)
    receipt_sha256: Mapped[str | None] = mapped_column(String(64))
    status: Mapped[str] = mapped_column(String(16), server_default="new")
    answer: Mapped[str] = mapped_column(Text, server_default="")
    changed_at: Mapped[float | None]
    __table_args__ = (Index("ix_reports_place", "latitude", "longitude"),)


class Webhook(Base):
    """Where an operator wants to be told; secret signs what is sent. events: names by blanks, "" for all."""

    __tablename__ = "webhooks"
    id: Mapped[str] = mapped_column(String(16), primary_key=True)
    url: Mapped[str] = mapped_column(Text)
    secret: Mapped[str] = mapped_column(String(64))
    events: Mapped[str] = mapped_column(Text)
    created_at: Mapped[float]


class WebhookMessage(Base):
    """Something to be told to one webhook, written with what it tells of, deleted once it has arrived.

    due_at: when it is tried next, NULL once it has failed too often. error: why it did not arrive the last time.
    """

    __tablename__ = "webhook_messages"
    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    webhook_id: Mapped[str] = mapped_column(ForeignKey("webhooks.id", ondelete="CASCADE"), index=True)
    body: Mapped[str] = mapped_column(Text)
    created_at: Mapped[float]
    due_at: Mapped[float | None] = mapped_column(index=True)
    attempts: Mapped[int]
    error: Mapped[str | None] = mapped_column(Text)


class Open311Push(Base):
    """A defect that was pushed to another system's Open311 endpoint, or is about to be.

    service_request_id: what the endpoint calls it, NULL while no answer has been kept. closed_at: when it was seen closed there.
    """

    __tablename__ = "open311_pushes"
    endpoint: Mapped[str] = mapped_column(String(200), primary_key=True)
    defect_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    asked_at: Mapped[float]
    service_request_id: Mapped[str | None] = mapped_column(String(200))
    closed_at: Mapped[float | None]


class AuditEntry(Base):
    """One line of the audit log, chained to the one before by its hash; the database refuses to change or delete it."""

    __tablename__ = "audit_log"
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[float]
    who: Mapped[str] = mapped_column(String(80))
    what: Mapped[str] = mapped_column(String(40))
    subject: Mapped[str] = mapped_column(String(80))
    before: Mapped[str | None] = mapped_column(Text)
    after: Mapped[str | None] = mapped_column(Text)
    request_id: Mapped[str | None] = mapped_column(String(36))
    previous: Mapped[str] = mapped_column(String(64))
    sha256: Mapped[str] = mapped_column(String(64))


class AuditHead(Base):
    """The one row that says how long the audit log is and with what hash it ends."""

    __tablename__ = "audit_head"
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    number: Mapped[int]
    sha256: Mapped[str] = mapped_column(String(64))
