"""The names on a disk: which files each folder there holds, as of the last time that somebody took note."""

import contextlib
import os
import stat
import time
from collections.abc import Callable, Iterator
from pathlib import Path

_SURE_NANOSECONDS = 100_000_000
"""A folder that changed less long ago is looked at again: two changes can fall into one tick of the clock."""


class Names:
    """Names below a folder, by the folders that they are in."""

    def __init__(self, meet: Callable[[Path, int], None]) -> None:
        """Meet is told of each file that is found, with its inode, before anything else can become of it."""
        self._meet = meet
        self._files: dict[Path, dict[str, int]] = {}
        self._inside: dict[Path, set[Path]] = {}
        self._seen: dict[Path, tuple[int, int]] = {}
        """Inode and time of change of each folder that holds what is known of it."""
        self.folders: dict[Path, os.stat_result] = {}

    def files(self) -> Iterator[tuple[Path, int]]:
        """Each file's path and inode."""
        for folder, names in self._files.items():
            for name, inode in names.items():
                yield folder / name, inode

    def keep(self, path: Path) -> None:
        """Take one file's name."""
        self._files.setdefault(path.parent, {})[path.name] = path.stat().st_ino
        self._seen.pop(path.parent, None)

    def look(self, folder: Path) -> None:
        """Take a folder's own entries as they are now, and leave those below as they are known."""
        files, inside = dict[str, int](), set[Path]()
        for path in folder.iterdir():
            with contextlib.suppress(FileNotFoundError):
                status = path.lstat()
                if stat.S_ISDIR(status.st_mode):
                    self.folders[path] = status
                    inside.add(path)
                elif stat.S_ISREG(status.st_mode):
                    files[path.name] = status.st_ino
                    self._meet(path, status.st_ino)
        self._files[folder], self._inside[folder] = files, inside

    def look_through(self, folder: Path) -> None:
        """Take all entries below a folder as they are now. What has not changed since is not looked at again."""
        status = self.folders[folder] = folder.stat()
        if self._seen.get(folder) != (status.st_ino, status.st_mtime_ns):
            now, before = time.time_ns(), self._inside.get(folder, set())
            self.look(folder)
            if now - status.st_mtime_ns > _SURE_NANOSECONDS:
                self._seen[folder] = status.st_ino, status.st_mtime_ns
            for gone in before - self._inside[folder]:
                self._forget(gone)
        for each in sorted(self._inside[folder]):
            with contextlib.suppress(FileNotFoundError):
                self.look_through(each)

    def _forget(self, folder: Path) -> None:
        self._files.pop(folder, None)
        self._seen.pop(folder, None)
        for each in self._inside.pop(folder, set()):
            self._forget(each)
