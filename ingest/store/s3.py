"""Chunks in a bucket of any S3-compatible store, under the names they would have in the folder.

Address and credentials come from the standard AWS_* environment variables (AWS_ENDPOINT_URL, AWS_ACCESS_KEY_ID, …), which
the library reads. A PUT that is answered with 200 is taken as durable: S3 promises it, other stores are to.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import re
from collections import deque
from collections.abc import Collection, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from ingest.store.object_store import ObjectsUnusable, StoreAway
from ingest.store.objects import DamagedObject, Piece

if TYPE_CHECKING:
    from obstore.store import ClientConfig, RetryConfig, S3Store

READ_AHEAD = 8  # requests under way at once: an answer takes some ten milliseconds, a minute's chunk is read in two
WRITE_AT_ONCE = 32  # chunks of different phones that wait together

_CLIENT: ClientConfig = {
    "allow_http": True,  # stores inside a city's own network often speak plain HTTP; AWS_ENDPOINT_URL says which
    "connect_timeout": "5s",
    "timeout": "30s",
}
_RETRY: RetryConfig = {"max_retries": 3, "retry_timeout": timedelta(seconds=10)}
_PROBE = "writable"  # written at the start: whoever may only read learns it before a phone does


class S3Objects:
    """Keys `<prefix>/<first two of trip>/<trip>/<number>-<sha256>`; each is written by one PUT, whole or not at all."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._store = _open(url)
        self._reading = ThreadPoolExecutor(READ_AHEAD, "cahot-s3")
        self._writing = ThreadPoolExecutor(WRITE_AT_ONCE, "cahot-s3-put")
        try:
            self._put(_PROBE, b"")
        except StoreAway as error:
            remedy = "check the bucket, AWS_ENDPOINT_URL, AWS_REGION and the credentials in AWS_*"
            raise ObjectsUnusable(url, error.strerror or "no answer", remedy) from error

    def put(self, trip_id: str, number: int, data: bytes, sha256: str) -> None:
        self._put(_key(trip_id, number, sha256), data)

    def put_all(self, pieces: Sequence[Piece]) -> list[OSError | None]:
        return list(self._writing.map(self._tried, pieces))

    def get(self, trip_id: str, number: int, sha256: str) -> bytes:
        data = self._get(_key(trip_id, number, sha256))
        if data is None:
            raise DamagedObject(trip_id, number, sha256, "is missing from the bucket of traces")
        if hashlib.sha256(data).hexdigest() != sha256:
            raise DamagedObject(trip_id, number, sha256, "does not have the checksum it was stored with")
        return data

    def get_all(self, trip_id: str, chunks: Sequence[tuple[int, str]]) -> Iterator[bytes]:
        ahead: deque[Future[bytes]] = deque()
        try:
            for number, sha256 in chunks:
                ahead.append(self._reading.submit(self.get, trip_id, number, sha256))
                if len(ahead) > READ_AHEAD:
                    yield ahead.popleft().result()
            while ahead:
                yield ahead.popleft().result()
        finally:
            for one in ahead:
                one.cancel()

    def erase(self, trip_id: str) -> None:
        import obstore

        with _Telling():
            for prefix in (f"{trip_id[:2]}/{trip_id}", f"quarantine/{trip_id}"):
                for page in obstore.list(self._store, prefix, chunk_size=1000):
                    obstore.delete(self._store, [found["path"] for found in page])

    def keep_only(self, trip_id: str, kept: Collection[tuple[int, str]]) -> int:
        import obstore

        wanted, gone = {_key(trip_id, number, sha256) for number, sha256 in kept}, 0
        with _Telling():
            for prefix in (f"{trip_id[:2]}/{trip_id}", f"quarantine/{trip_id}"):
                for page in obstore.list(self._store, prefix, chunk_size=1000):
                    paths = [found["path"] for found in page if found["path"] not in wanted]
                    if paths:
                        obstore.delete(self._store, paths)
                        gone += len(paths)
        return gone

    def set_aside(self, trip_id: str, number: int, sha256: str, reason: str, now: float) -> None:
        import obstore

        aside = f"quarantine/{trip_id}/{number}-{sha256}"
        told = {"trip_id": trip_id, "chunk": number, "sha256": sha256, "reason": reason, "found_at": now}
        self._put(f"{aside}.json", json.dumps(told).encode())
        with _Telling(), contextlib.suppress(FileNotFoundError):
            obstore.rename(self._store, _key(trip_id, number, sha256), aside)

    def trips(self, changed_since: float = 0.0) -> Iterator[str]:
        last = ""
        for parts, changed_at in self._listed(""):
            if len(parts) == 3 and len(parts[0]) == 2 and parts[1] != last and changed_at >= changed_since:
                last = parts[1]
                yield last

    def chunks(self, trip_id: str) -> dict[tuple[int, str], float]:
        found = {}
        for parts, changed_at in self._listed(f"{trip_id[:2]}/{trip_id}"):
            number, _, sha256 = parts[-1].partition("-")
            found[int(number), sha256] = changed_at
        return found

    def sweep(self) -> int:
        """A PUT leaves nothing half-written."""
        return 0

    def is_writable(self) -> bool:
        """Whether the store answers; that it takes what is sent was tried at the start."""
        try:
            self._get(_PROBE)
        except StoreAway:
            return False
        return True

    def _listed(self, prefix: str) -> Iterator[tuple[list[str], float]]:
        """Parts of each key in order, and when it was written (s since 1970)."""
        import obstore

        with _Telling():
            for page in obstore.list(self._store, prefix, chunk_size=1000):
                yield from ((found["path"].split("/"), found["last_modified"].timestamp()) for found in page)

    def _tried(self, piece: Piece) -> OSError | None:
        try:
            self.put(piece.trip_id, piece.number, piece.data, piece.sha256)
        except StoreAway as error:
            return error
        return None

    def _put(self, key: str, data: bytes) -> None:
        import obstore

        with _Telling():
            obstore.put(self._store, key, data, use_multipart=False)

    def _get(self, key: str) -> bytes | None:
        """None where there is no such object in the bucket."""
        import obstore

        with _Telling():
            try:
                return bytes(obstore.get(self._store, key).bytes())
            except FileNotFoundError as error:
                if "NoSuchBucket" in str(error):
                    raise
                return None


class _Telling:
    """Whatever the library raises, as StoreAway with the part of its message that helps: never keys of objects."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        from obstore.exceptions import BaseError

        if isinstance(error, BaseError | OSError):
            raise StoreAway(_in_short(str(error))) from error


def _in_short(message: str) -> str:
    """The store's own code, the status or the last cause of the library's long message."""
    code = re.search(r"<Code>(\w+)</Code>", message)
    status = re.search(r"status code: (\d+ [\w ]+)", message)
    if code or status:
        return "it answered " + " ".join(found[1] for found in (status, code) if found)
    return "it does not answer" if "error sending request" in message else message.splitlines()[0][-120:]


def _open(url: str) -> S3Store:
    try:
        from obstore.exceptions import BaseError
        from obstore.store import S3Store
    except ModuleNotFoundError as error:
        raise ObjectsUnusable(url, "the S3 parts are not installed", "pip install 'cahot[s3]'") from error
    if not re.fullmatch(r"s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](/[\w.-]+)*/?", url):
        raise ObjectsUnusable(url, "not the address of a bucket", "write s3://bucket/prefix, or leave --objects out for a folder")
    config: Any = {"checksum_algorithm": "SHA256"}  # the store compares what arrived with what was sent
    try:
        return S3Store.from_url(url.rstrip("/"), config=config, client_options=_CLIENT, retry_config=_RETRY)
    except (BaseError, ValueError) as error:
        raise ObjectsUnusable(url, _in_short(str(error)), "check the AWS_* environment variables") from error


def _key(trip_id: str, number: int, sha256: str) -> str:
    return f"{trip_id[:2]}/{trip_id}/{number}-{sha256}"
