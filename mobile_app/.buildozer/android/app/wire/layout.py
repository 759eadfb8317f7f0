"""The numbers both ends must agree on: layout of version 1, units, ranges. All integers are little-endian."""

from __future__ import annotations

import struct
import uuid

from mobile_app.wire.chunk import ChunkError

MAGIC = b"CAHT"
VERSION = 1
SUPPORTED_VERSIONS = (1,)
MEDIA_TYPE = "application/vnd.cahot.chunk"

HEADER = struct.Struct("<4sBB16sIqI")  # magic, version, flags, trip, number, started_at µs, body length inflated
CHECKSUM = struct.Struct("<I")  # CRC-32 (zlib's) of everything before it
STREAM = struct.Struct("<BII")  # stream id, count of samples, byte length of what follows
SENSOR = struct.Struct("<dq")  # scale (unit of the sensor per step), t of the first sample in µs
LOCATION = struct.Struct("<q")  # t of the first fix in µs
WITHHELD = struct.Struct("<HH")  # size of the cells, margin around them, in whole metres

STREAM_IDS = {"accelerometer": 1, "gyroscope": 2, "location": 3}
WITHHELD_ID = 4  # not samples: that the ends of the trip were withheld before it was sent, and how
STREAM_NAMES = {code: name for name, code in STREAM_IDS.items()}
AXES = ("x", "y", "z")
PLACE = ("latitude", "longitude")
MOTION = ("speed", "bearing", "accuracy")
COLUMNS = {"accelerometer": AXES, "gyroscope": AXES, "location": PLACE + MOTION}

SENSOR_SAMPLE_BYTES = 4 + 3 * 2  # time step, three axes
LOCATION_SAMPLE_BYTES = 4 + 2 * 4 + 3 * 2  # time step, place, motion

# The finest step that is stored. Phones' 16-bit sensors at ±4 g and ±1000 °/s step by 0.0012 m/s² and 0.0005 rad/s; their
# noise over 50 Hz is about ten times that. Powers of two, so that decoding and encoding again changes nothing.
FINEST_SCALE = {"accelerometer": 2.0**-10, "gyroscope": 2.0**-11}
LIMIT = {"accelerometer": 400.0, "gyroscope": 100.0}  # m/s², rad/s: twice what any phone's sensor spans (±16 g, ±4000 °/s)
UNIT = {"accelerometer": "m/s²", "gyroscope": "rad/s"}
STEPS = 32_767  # largest stored magnitude of an axis

PLACE_STEP_DEG = 1e-7  # 1.1 cm of latitude
PLACE_LIMIT_DEG = {"latitude": 90.0, "longitude": 180.0}
MOTION_STEP = {"speed": 0.01, "bearing": 0.01, "accuracy": 0.1}  # m/s, deg, m
MOTION_LIMIT = {"speed": 655.34, "bearing": 360.0, "accuracy": 1e7}
UNKNOWN = 65_535
LARGEST = 65_534  # speed and accuracy saturate here: 655.34 m/s, 6553.4 m

MAX_SAMPLES = 1 << 18  # per stream: 43 min at 100 Hz, 4 min at 1 kHz; a chunk is about one minute
MAX_BODY_BYTES = 8 << 20  # inflated; two full sensor streams and an hour of fixes
MAX_NUMBER = 999_999
MIN_T_US, MAX_T_US = -3_600_000_000, 7 * 86_400_000_000  # fixes from shortly before the start; a week's drive
MAX_STARTED_AT_US = 4_102_444_800_000_000  # 2100-01-01; whether a date is plausible is for who knows today's to judge


def check_trip_id(text: object, field: str = "trip_id") -> str:
    """The canonical lower-case text of a UUID. Raises ChunkError."""
    try:
        canonical = str(uuid.UUID(text)) if isinstance(text, str) else None
    except ValueError:
        canonical = None
    if canonical is None or canonical != str(text).lower():
        raise ChunkError(field, text, "is not a UUID", "write it as 8-4-4-4-12 hexadecimal digits")
    return canonical


def check_number(number: object) -> int:
    if type(number) is not int or not 0 <= number <= MAX_NUMBER:
        raise ChunkError("number", number, f"is not a whole number from 0 to {MAX_NUMBER}", "number the chunks of a trip from 0")
    return number


def check_started_at(started_at_us: object) -> int:
    if type(started_at_us) is not int or not 0 <= started_at_us < MAX_STARTED_AT_US:
        why = "is not a whole number of microseconds from 1970 to 2100"
        raise ChunkError("started_at", started_at_us, why, "give UTC microseconds since 1970-01-01")
    return started_at_us


def check_count(stream: str, count: int, most: int = MAX_SAMPLES) -> None:
    if count > most:
        raise ChunkError(f"{stream}.count", count, f"a chunk holds at most {most} samples a stream", "cut a chunk each minute")


def check_not_empty(counts: list[int]) -> None:
    if not any(counts):
        raise ChunkError("chunk", "no samples", "has neither samples nor fixes", "leave empty chunks out")
