"""The wire format of a chunk: the one definition that phones, the server and the readers share.

`encode` needs the standard library alone and runs on a phone; `decode`, `decode_json` and `join` import numpy when
called. docs/wire-format.md describes every byte for other languages; docs/decisions/0001-wire-format.md says why it is
so. Not responsible for sending or keeping chunks (`outbox`, `uploader`), nor for judging whether what the samples say
is plausible (`detection.clean`).
"""

from mobile_app.wire.chunk import Chunk, ChunkError, Series, Withheld
from mobile_app.wire.columns import chunk_to_json, join
from mobile_app.wire.decoder import decode, inflated_bytes
from mobile_app.wire.encoder import encode
from mobile_app.wire.json_form import decode_json
from mobile_app.wire.layout import LIMIT, MAGIC, MAX_BODY_BYTES, MAX_NUMBER, MAX_SAMPLES, MEDIA_TYPE, SUPPORTED_VERSIONS, VERSION

__all__ = [
    "LIMIT",
    "MAGIC",
    "MAX_BODY_BYTES",
    "MAX_NUMBER",
    "MAX_SAMPLES",
    "MEDIA_TYPE",
    "SUPPORTED_VERSIONS",
    "VERSION",
    "Chunk",
    "ChunkError",
    "Series",
    "Withheld",
    "chunk_to_json",
    "decode",
    "decode_json",
    "encode",
    "inflated_bytes",
    "join",
]
