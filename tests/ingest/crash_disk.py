"""A disk in memory that forgets at a power cut all it may forget: the model the order of syncs is tried against.

Bytes written and not synced may be lost, torn, or of full length and zero; names (creating, renaming, deleting) that were not
synced with their folder may each be as before or as after, in any combination, as if reordered. What was synced stays.
"""

from __future__ import annotations

import errno
from collections.abc import Callable, Iterator

from ingest.store.disk import Disk, OpenFile


class File:
    """One inode: bytes as the running system sees them, and as the disk holds them."""

    def __init__(self) -> None:
        self.seen, self.kept, self.open = b"", b"", True


class CrashDisk(Disk):
    """Calls are counted; `cut_at` raises PowerCut in place of that call. choose(n): a number below n, for what a cut leaves."""

    def __init__(self, choose: Callable[[int], int], cut_at: int | None = None, lazy: frozenset[str] = frozenset()) -> None:
        self._choose, self._lazy = choose, lazy  # lazy: syncs that say they worked and did nothing, to try the tests themselves
        self.calls, self.cut_at = 0, cut_at
        self._seen: dict[str, File | None] = {}  # path → file, None for a folder; as the running system sees it
        self._kept: dict[str, File | None] = {}
        self._names: dict[int, File] = {}

    def cut(self) -> None:
        """The power is gone and back: only what the disk holds is seen."""
        for path in sorted({*self._seen, *self._kept}):
            if self._seen.get(path, 0) is not self._kept.get(path, 0) and self._choose(2):
                if path in self._seen:
                    self._kept[path] = self._seen[path]
                else:
                    del self._kept[path]
        self._kept = {path: held for path, held in self._kept.items() if self._parent(path) in self._kept or path == self._root}
        for file in {id(held): held for held in self._kept.values() if held is not None}.values():
            file.seen = file.kept = self._torn(file)
            file.open = False
        self._seen, self.cut_at = dict(self._kept), None

    def _torn(self, file: File) -> bytes:
        if file.seen == file.kept:
            return file.kept
        end = self._choose(len(file.seen) + 1)
        rest = bytes(len(file.seen) - end)
        return (file.kept, file.seen[:end], file.seen[:end] + rest)[self._choose(3)]

    @property
    def _root(self) -> str:
        return min(self._kept or self._seen, key=len)

    @staticmethod
    def _parent(path: str) -> str:
        return path.rpartition("/")[0]

    def _call(self) -> None:
        self.calls += 1
        if self.calls == self.cut_at:
            raise PowerCut

    def make_folders(self, path: str) -> None:
        self._call()
        if not self._seen:
            self._seen[path.rpartition("/")[0]] = self._kept[path.rpartition("/")[0]] = None  # made by hand, long ago
        missing = []
        while path not in self._seen:
            missing.append(path)
            path = self._parent(path)
        for each in reversed(missing):
            self._seen[each] = None

    def create(self, path: str) -> OpenFile:
        self._call()
        if self._parent(path) not in self._seen:
            raise FileNotFoundError(errno.ENOENT, "no folder", path)
        file = self._seen[path] = File()
        number = len(self._names)
        self._names[number] = file
        return OpenFile(number, path)

    def write(self, file: OpenFile, data: bytes) -> None:
        self._call()
        self._names[file.descriptor].seen += data

    def sync_file(self, file: OpenFile) -> None:
        self._call()
        if "file" not in self._lazy:
            self._names[file.descriptor].kept = self._names[file.descriptor].seen

    def close(self, file: OpenFile) -> None:
        self._names[file.descriptor].open = False

    def rename(self, path: str, target: str) -> None:
        self._call()
        if path not in self._seen:
            raise FileNotFoundError(errno.ENOENT, "no file", path)
        self._seen[target] = self._seen.pop(path)

    def sync_folder(self, path: str) -> None:
        self._call()
        if "folder" in self._lazy:
            return
        inside = {name for name in {*self._seen, *self._kept} if self._parent(name) == path}
        for name in inside:
            if name in self._seen:
                self._kept[name] = self._seen[name]
            else:
                del self._kept[name]

    def read(self, path: str) -> bytes:
        file = self._seen.get(path)
        if file is None:
            raise FileNotFoundError(errno.ENOENT, "no file", path)
        return file.seen

    def names(self, path: str) -> Iterator[str]:
        return iter([name.rpartition("/")[2] for name in self._seen if self._parent(name) == path])

    def changed_at(self, path: str) -> float:
        return 0.0

    def is_abandoned(self, path: str) -> bool:
        file = self._seen.get(path)
        return file is not None and not file.open

    def remove(self, path: str) -> None:
        self._call()
        self._seen.pop(path, None)

    def remove_folder(self, path: str) -> bool:
        self._call()
        inside = [name for name in self._seen if name == path or name.startswith(f"{path}/")]
        for name in inside:
            del self._seen[name]
        return bool(inside)


class PowerCut(BaseException):
    """The power is gone in the middle of a call: nothing that runs may catch it."""
