"""The tables, typed. Times are seconds since 1970-01-01 UTC, positions WGS 84 degrees, unknown is NULL.

Only their shape, a file a subject: they are created by `ingest.migrations`, and a test holds that both agree.
"""

from ingest.store.schema.base import Base
from ingest.store.schema.crews import (
    DefectChange,
    DefectMark,
    DefectPhoto,
    LiveEvent,
    LiveHead,
    MergedDefect,
    PinnedDefect,
    Report,
)
from ingest.store.schema.others import Open311Push, Webhook, WebhookMessage
from ingest.store.schema.people import AuditEntry, AuditHead, EnrolmentCode, User, UserKey
from ingest.store.schema.roads import AssetRow, CommonTrack, Crossing, Defect, DefectDay, DefectFacts, Jolt, RoadsVersion
from ingest.store.schema.traces import (
    TRIP_STATES,
    Chunk,
    ChunkGone,
    Device,
    DeviceCell,
    DeviceFirst,
    Fingerprint,
    FingerprintMark,
    PushMessage,
    PushPart,
    QuarantinedChunk,
    Tombstone,
    Trip,
)
from ingest.store.schema.work import CalibrationRow, Job, StaleTile, SurveyRow, SurveyTile, WorkerRow

__all__ = [
    "TRIP_STATES",
    "AssetRow",
    "AuditEntry",
    "AuditHead",
    "Base",
    "CalibrationRow",
    "Chunk",
    "ChunkGone",
    "CommonTrack",
    "Crossing",
    "Defect",
    "DefectChange",
    "DefectDay",
    "DefectFacts",
    "DefectMark",
    "DefectPhoto",
    "Device",
    "DeviceCell",
    "DeviceFirst",
    "EnrolmentCode",
    "Fingerprint",
    "FingerprintMark",
    "Job",
    "Jolt",
    "LiveEvent",
    "LiveHead",
    "MergedDefect",
    "Open311Push",
    "PinnedDefect",
    "PushMessage",
    "PushPart",
    "QuarantinedChunk",
    "Report",
    "RoadsVersion",
    "StaleTile",
    "SurveyRow",
    "SurveyTile",
    "Tombstone",
    "Trip",
    "User",
    "UserKey",
    "Webhook",
    "WebhookMessage",
    "WorkerRow",
]
