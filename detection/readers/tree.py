"""What in a folder or a zip is one recording, and what are many.

A folder (or zip) whose members form one export is one recording; any other is looked through. A recording inside a zip is named
by a path that goes on inside it, such as `drives.zip/monday/`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path, PurePosixPath

from detection.errors import UnreadableRecording
from detection.readers.source import ZIP_MAGIC, Member, Recording, disk_member, folder_members, printable, stem_of, zip_members

ENDINGS = (
    ".csv",
    ".tsv",
    ".txt",
    ".json",
    ".gpx",
    ".chunk",
    ".zip",
)  # a hint which files in a folder are meant, with or without .gz
GENERIC = {  # file names that say the sensor and not the trip: the folder's name is the trip's
    "accelerometer", "totalacceleration", "linear accelerometer", "accelerometeruncalibrated", "gravity", "gyroscope",
    "gyroscopeuncalibrated", "location", "locationgps", "raw data", "acceleration", "gps",
}  # fmt: skip
_MAX_DEPTH = 3  # a zip in a zip in a folder; deeper is nobody's export

Whole = Callable[[Recording], bool]


def recordings_at(path: Path, whole: Whole, known: Whole) -> Iterator[Recording]:
    """The recordings of a file, a folder, a zip or a path inside a zip, in order of name.

    whole: whether several members together are one recording. known: whether a file of unknown ending is a recording.
    Raises UnreadableRecording for a path that is not there or holds nothing.
    """
    on_disk, inside = _locate(path)
    if on_disk.is_dir():
        found = list(_within(folder_members(on_disk), on_disk, printable(on_disk.resolve().name), whole, known, 0))
    else:
        found = list(_of_file(on_disk, inside, whole, known))
    if not found:
        raise UnreadableRecording(path, "holds no recording", "give a file, folder or zip that a recording app exported")
    yield from found


def _of_file(path: Path, inside: str, whole: Whole, known: Whole) -> Iterator[Recording]:
    member = disk_member(path)
    if not member.head.startswith(ZIP_MAGIC):
        yield Recording(path, name_of(path), {member.name: member})
        return
    yield from _inside(zip_members(member), path, inside, whole, known, 1)


def _inside(members: dict[str, Member], path: Path, inside: str, whole: Whole, known: Whole, depth: int) -> Iterator[Recording]:
    """What lies at `inside` in a zip: everything, a folder, a file, or something in an inner zip."""
    if not inside:
        yield from _within(members, path, path.stem, whole, known, depth)
    elif inside in members:
        yield from _one(members[inside], path / inside, whole, known, depth)
    elif below := {name.removeprefix(f"{inside}/"): member for name, member in members.items() if name.startswith(f"{inside}/")}:
        yield from _within(below, path / inside, PurePosixPath(inside).name, whole, known, depth)
    elif (outer := next((name for name in members if inside.startswith(f"{name}/")), None)) and depth < _MAX_DEPTH:
        yield from _inside(zip_members(members[outer]), path / outer, inside[len(outer) + 1 :], whole, known, depth + 1)


def _within(members: dict[str, Member], path: Path, name: str, whole: Whole, known: Whole, depth: int) -> Iterator[Recording]:
    here = Recording(path, name, members)
    if _is_whole(here, whole):
        yield here
        return
    folders: dict[str, dict[str, Member]] = {}
    for at, member in members.items():
        first, slash, rest = at.partition("/")
        if slash:
            folders.setdefault(first, {})[rest] = member
        else:
            yield from _one(member, path / first, whole, known, depth)
    for folder, inner in folders.items():
        yield from _within(inner, path / folder, folder, whole, known, depth)


def _is_whole(recording: Recording, whole: Whole) -> bool:
    try:
        return bool(recording.members) and whole(recording)
    except UnreadableRecording:  # a sensor's file that cannot be opened: reading the recording will say so
        return True


def _one(member: Member, path: Path, whole: Whole, known: Whole, depth: int) -> Iterator[Recording]:
    recording = Recording(path, name_of(path), {path.name: member})
    try:
        if member.head.startswith(ZIP_MAGIC) and depth < _MAX_DEPTH:
            yield from _within(zip_members(member), path, path.stem, whole, known, depth + 1)
        elif _meant(path.name) or known(recording):
            yield recording
    except UnreadableRecording:  # its own reading will say so: one bad file never loses the others
        yield recording


def _meant(name: str) -> bool:
    return name.lower().removesuffix(".gz").endswith(ENDINGS)


def name_of(path: Path) -> str:
    """What to call the trip of a file: its stem, or its folder's name where the stem only says which sensor it is."""
    stem = stem_of(path.name)
    parent = path.parent if path.parent.name else path.resolve().parent
    if stem.lower() in GENERIC and parent.name:
        return printable(stem_of(parent.name) if parent.suffix.lower() == ".zip" else parent.name)
    return printable(stem or path.name)


def _locate(path: Path) -> tuple[Path, str]:
    """The existing part of a path, and what goes on inside it (a zip)."""
    try:
        for part in (path, *path.parents):
            if part.is_file() or (part == path and part.is_dir()):
                return part, "" if part == path else PurePosixPath(path.relative_to(part)).as_posix()
    except (OSError, ValueError) as error:
        raise UnreadableRecording(ascii(str(path))[1:-1], f"is no path ({error})", "check its name") from error
    raise UnreadableRecording(path, "does not exist", "check its name")
