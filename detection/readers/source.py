"""Where the bytes of a recording come from: a file, a member of a zip, either of them gzipped.

Nothing is ever extracted to disk, nothing is read beyond a cap, and whatever is wrong with a container becomes
an UnreadableRecording that names it. What the bytes mean is the readers' business.
"""

from __future__ import annotations

import io
import json
import lzma
import os
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path, PurePosixPath
from typing import IO, Any

from detection.errors import UnreadableRecording
from detection.readers import json_text

MAX_BYTES = 512 * 2**20  # of one file once unpacked: a day at 100 Hz as CSV is about 400 MB
MAX_MEMBERS = 10_000  # of one zip: an export has about 20, a crowd's archive some thousands
HEAD_BYTES = 64 * 2**10  # enough to see a header and a few hundred rows

ZIP_MAGIC, GZIP_MAGIC = b"PK\x03\x04", b"\x1f\x8b"
_CONTAINER_ERRORS = (  # everything zipfile, gzip and zlib raise on damaged input
    zipfile.BadZipFile, zlib.error, lzma.LZMAError, struct.error, EOFError, RuntimeError, ValueError, OSError,
)  # fmt: skip


@dataclass(frozen=True)
class Member:
    """One file of a recording, on disk or inside a zip; gunzipped where it was gzipped.

    path: the file on disk, for messages. name: its name inside the recording, as posix path. opened: gives a fresh stream.
    within: its name inside the zip, None for a file on disk.
    """

    path: Path
    name: str
    opened: Callable[[], IO[bytes]]
    within: str | None = None

    @cached_property
    def data(self) -> bytes:
        """All bytes; raises UnreadableRecording beyond MAX_BYTES or where the container is damaged."""
        data = self._bytes(MAX_BYTES)
        if len(data) > MAX_BYTES:
            raise self.error(f"unpacks to more than {MAX_BYTES // 2**20} MiB", "split the recording into shorter ones")
        return data

    @cached_property
    def head(self) -> bytes:
        """The first HEAD_BYTES (or all, if shorter): enough to recognise the format."""
        return self._bytes(HEAD_BYTES)[:HEAD_BYTES]

    @cached_property
    def json(self) -> Any:
        """The JSON value in it, None where it is none; raises UnreadableRecording where it is broken JSON."""
        if not json_text.may_be_json(self.head):
            return None
        try:
            return json_text.parsed(self.data)
        except json.JSONDecodeError as error:
            raise self.error(f"is broken JSON ({error.msg})", "export or copy it again", error.lineno) from error
        except (ValueError, RecursionError) as error:
            raise self.error(f"is broken JSON ({_first_line(error)})", "export or copy it again") from error

    def error(self, why: str, remedy: str, line: int | None = None) -> UnreadableRecording:
        """The error for this member, naming file, member and line."""
        return UnreadableRecording(self.path, why, remedy, member=self.within, line=line)

    def _bytes(self, limit: int) -> bytes:
        try:
            with self.opened() as raw:
                start = raw.read(limit + 1)
                if not start.startswith(GZIP_MAGIC):
                    return start
                return _gunzipped(start, raw, limit)
        except RuntimeError as error:  # zipfile's word for an encrypted member
            raise self.error(str(error).split("'")[0].strip() or "cannot be opened", "unpack it first") from error
        except PermissionError as error:
            raise self.error("may not be read", "give yourself permission to read it") from error
        except _CONTAINER_ERRORS as error:
            raise self.error(f"is damaged or cut off ({_first_line(error)})", "export or copy it again") from error


def _gunzipped(start: bytes, raw: IO[bytes], limit: int) -> bytes:
    """At most limit + 1 bytes of the gzip stream that begins with `start`; several gzip members follow one another."""
    out = bytearray()
    packed = start
    while packed:
        unzip = zlib.decompressobj(wbits=31)
        while not unzip.eof:
            out += unzip.decompress(packed, limit + 1 - len(out))
            if len(out) > limit:
                return bytes(out)
            packed = unzip.unconsumed_tail or raw.read(2**20)
            if not packed and not unzip.eof:
                raise EOFError("the gzip stream ends early")
        packed = unzip.unused_data or raw.read(2**20)
        packed = packed.lstrip(b"\0") if packed[:1] == b"\0" else packed  # gzip allows padding with NUL
    return bytes(out)


@dataclass(frozen=True)
class Recording:
    """The members that make one recording, by name (posix path inside it), and what to call it.

    name: the trip_id for a trip that recorded none. path: as the user would name it, also inside a zip.
    """

    path: Path
    name: str
    members: dict[str, Member] = field(repr=False)

    @property
    def only(self) -> Member:
        """The member of a one-file recording."""
        return next(iter(self.members.values()))

    def error(self, why: str, remedy: str) -> UnreadableRecording:
        return self.only.error(why, remedy) if len(self.members) == 1 else UnreadableRecording(self.path, why, remedy)

    def top(self) -> list[Member]:
        """The members that lie in no folder inside the recording."""
        return [member for name, member in self.members.items() if "/" not in name]

    @property
    def has_folders(self) -> bool:
        return any("/" in name for name in self.members)

    def find(self, stem: str) -> Member | None:
        """The member in no folder whose name without endings is `stem`, whatever the case."""
        return next((member for member in self.top() if stem_of(member.name).lower() == stem.lower()), None)


def stem_of(name: str) -> str:
    """The file's name without folder and without .gz and one more ending: `a/b.csv.gz` is `b`."""
    last = PurePosixPath(name).name
    return PurePosixPath(last[:-3] if last.lower().endswith(".gz") else last).stem


def printable(name: str) -> str:
    """A name fit for one line of a message: what cannot be shown becomes `?`."""
    return "".join(letter if letter.isprintable() else "?" for letter in name)


def disk_member(path: Path, name: str | None = None) -> Member:
    return Member(path, name or path.name, lambda: open(path, "rb"))


def folder_members(folder: Path) -> dict[str, Member]:
    """Every visible file below `folder`, sorted, by its posix path below it; symbolic links to folders are not followed."""
    found = {}
    for root, folders, files in os.walk(folder):
        folders[:] = sorted(name for name in folders if _visible(name))
        for file in sorted(files):
            if _visible(file):
                path = Path(root, file)
                name = path.relative_to(folder).as_posix()
                found[name] = disk_member(path, name)
    return found


def zip_members(outer: Member) -> dict[str, Member]:
    """The files in a zip by harmless posix names (no `..`, no drive); raises UnreadableRecording on a broken zip."""
    try:
        with _open_zip(outer) as archive:
            entries = [entry for entry in archive.infolist() if not entry.is_dir()]
    except _CONTAINER_ERRORS as error:
        raise outer.error(f"is a damaged zip ({_first_line(error)})", "export or copy it again") from error
    if len(entries) > MAX_MEMBERS:
        raise outer.error(f"holds {len(entries)} files, more than {MAX_MEMBERS}", "unpack it and give the folder")
    return dict(_zip_entries(outer, entries))


def _zip_entries(outer: Member, entries: list[zipfile.ZipInfo]) -> Iterator[tuple[str, Member]]:
    for entry in sorted(entries, key=lambda entry: entry.filename):
        parts = [part for part in entry.filename.replace("\\", "/").split("/") if part not in ("", ".", "..")]
        if parts and all(map(_visible, parts)):
            name = printable("/".join(parts))
            within = f"{outer.within} > {name}" if outer.within else name
            yield name, Member(outer.path, name, _opener(outer, entry), within)


def _opener(outer: Member, entry: zipfile.ZipInfo) -> Callable[[], IO[bytes]]:
    def opened() -> IO[bytes]:
        if entry.flag_bits & 0x1:
            raise RuntimeError("is encrypted")
        with _open_zip(outer) as archive:
            return archive.open(entry)  # zipfile keeps the file open while the member is

    return opened


def _open_zip(outer: Member) -> zipfile.ZipFile:
    source: Any = outer.path if outer.within is None else io.BytesIO(outer.data)
    return zipfile.ZipFile(source)


def _visible(name: str) -> bool:
    return not name.startswith(".") and name != "__MACOSX"


def _first_line(error: BaseException) -> str:
    return (str(error) or type(error).__name__).splitlines()[0]
