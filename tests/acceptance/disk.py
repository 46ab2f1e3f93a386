"""A disk that loses power: of a folder, what programs have had flushed, and nothing else.

A program that is killed leaves everything that it has written to the kernel, flushed or not: only where the power goes
is the difference seen. Here it is made from outside. Each flush of a watched program is noted before it takes place,
with the content of the file at that moment. When the power is cut, the programs are killed and the folder is put back
to what was noted: writes that were not flushed since are gone.

Two kinds of file system. `ORDERED` (ext4, XFS): names come and go in order, and each flush takes with it all changes
of names before it. `BARE` (what POSIX alone promises): a name is kept once its directory was flushed, or the file
itself under that name; removals and renamings that were not, come undone.
"""

import contextlib
import fcntl
import os
import select
import shutil
import signal
import socket
import stat
import struct
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from enum import Enum
from pathlib import Path

from tests.acceptance.names import Names
from tests.acceptance.under_watch import CALLS

_LAUNCHER = Path(__file__).with_name("under_watch.py")
_RECEIVE, _SEND = 0xC0502100, 0xC0182101
_GO_ON = 1
_NOTICE = struct.Struct("QIIiIQ6Q")
_ANSWER = struct.Struct("QqiI")
_HERE = 2**32 - 100  # AT_FDCWD, as 32 bits
_LONGEST_PATH = 4096


class CannotWatch(Exception):
    """This machine's kernel does not report system calls to a program."""


class FileSystem(Enum):
    """What becomes of names."""

    ORDERED = "ordered"
    BARE = "bare"


class Disk:
    """One folder on a disk, and the programs that write there. It begins with all that is in the folder."""

    def __init__(self, root: Path, kind: FileSystem) -> None:
        self._root = root
        self._kind = kind
        self._contents: dict[int, tuple[bytes, int]] = {}
        """By inode: what is on the disk, and the mode."""
        self._names = Names(self._hold)
        self._eager: set[Path] = set()
        """Opened so that each write is flushed by itself."""
        self._held: dict[int, int] = {}
        """A descriptor for each inode that has been met, so that its number is not given out again."""
        self._started: list[subprocess.Popen[bytes]] = []
        self._programs: set[int] = set()
        self._watching: list[tuple[threading.Thread, int]] = []
        self._lock = threading.Lock()
        self._has_power = True
        self.flushes = 0
        self._names.look_through(root)
        for path, _ in self._names.files():
            self._note_content(path)

    def run(
        self, command: Sequence[str], environment: Mapping[str, str], log: Path, *, user: int | None = None
    ) -> "subprocess.Popen[bytes]":
        """Start a program on the disk, as another user where one is named. Raises CannotWatch."""
        as_user = str(os.geteuid() if user is None else user)
        here, there = socket.socketpair()
        with here, there, log.open("ab") as output:
            process = subprocess.Popen(
                [sys.executable, str(_LAUNCHER), str(there.fileno()), as_user, *command],
                env=environment,
                pass_fds=[there.fileno()],
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
            _, descriptors, _, _ = socket.recv_fds(here, 64, 1)
        self._started.append(process)
        if not descriptors:
            raise CannotWatch("this kernel has no seccomp with user notification: Linux 5.5 or later has")
        self._programs.add(process.pid)
        thread = threading.Thread(target=self._watch, args=(descriptors[0],), daemon=True)
        self._watching.append((thread, descriptors[0]))
        thread.start()
        return process

    def cut_power(self) -> None:
        """Kill the programs, and leave in the folder what was on the disk. What was there is kept beside it.

        A second time there is nothing left to lose.
        """
        if not self._has_power:
            return
        with self._lock:
            self._has_power = False  # nothing gets to the disk from now on
            _kill(self._programs)
            for path in self._eager:
                if path.exists():
                    self._note_file(path)
        for process in self._started:
            process.wait()
        for thread, _ in self._watching:
            thread.join()
        self._watching.clear()
        lost = self._root.with_name(f"{self._root.name}-as-it-was-written")
        shutil.rmtree(lost, ignore_errors=True)
        self._root.rename(lost)
        for folder in self._names.folders:
            self._make(folder)
        for path, inode in self._names.files():
            content, mode = self._contents.get(inode, (b"", 0o600))
            self._make(path.parent)
            path.write_bytes(content)
            _give(path, os.fstat(self._held[inode]), mode)
        for descriptor in self._held.values():
            os.close(descriptor)
        self._held.clear()

    def _make(self, folder: Path) -> None:
        if not folder.exists():
            known = self._names.folders.get(folder)
            if folder != self._root:
                self._make(folder.parent)
            folder.mkdir()
            _give(folder, known or folder.parent.stat(), stat.S_IMODE(known.st_mode) if known else 0o700)

    def _watch(self, listener: int) -> None:
        """Take note of calls, and let each go on, until all programs on this listener have ended."""
        poll = select.poll()
        poll.register(listener, select.POLLIN)
        try:
            while True:
                events = poll.poll()
                if events[0][1] & (select.POLLHUP | select.POLLERR):
                    return
                buffer = bytearray(_NOTICE.size)
                try:
                    fcntl.ioctl(listener, _RECEIVE, buffer)
                except OSError:
                    continue  # it was killed meanwhile
                identity, thread, _, call, _, _, *arguments = _NOTICE.unpack(buffer)
                with self._lock:
                    if not self._has_power:
                        # It had only just been started, and was not known when the power was cut.
                        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
                            os.kill(_process_of(thread), signal.SIGKILL)
                        continue
                    with contextlib.suppress(FileNotFoundError, ProcessLookupError, IsADirectoryError):
                        self._note(thread, call, arguments)
                with contextlib.suppress(OSError):
                    fcntl.ioctl(listener, _SEND, bytearray(_ANSWER.pack(identity, 0, 0, _GO_ON)))
        finally:
            os.close(listener)

    def _note(self, thread: int, call: int, arguments: list[int]) -> None:
        self._programs.add(_process_of(thread))
        if call in (CALLS["fsync"], CALLS["fdatasync"]):
            path = Path(f"/proc/{thread}/fd/{arguments[0]}").readlink()
            if path.is_relative_to(self._root) and path.exists():
                self._flush(path)
        elif call in (CALLS["openat"], CALLS.get("open")):
            at, text = (arguments[0], arguments[1]) if call == CALLS["openat"] else (_HERE, arguments[0])
            path = _path(thread, at, text)
            if path.is_relative_to(self._root):
                self._eager.add(path)
        elif call in (CALLS.get("rename"), CALLS["renameat"], CALLS["renameat2"]):
            plain = call == CALLS.get("rename")
            path = _path(thread, _HERE if plain else arguments[0], arguments[0 if plain else 1])
            if path in self._eager:
                self._eager.discard(path)
                self._note_file(path)
        else:
            raise AssertionError("a program flushes everything at once: this disk does not know how")

    def _flush(self, path: Path) -> None:
        self.flushes += 1
        if path.is_dir():
            self._names.folders[path] = path.stat()
            self._names.look(path)
        else:
            self._note_file(path)
        if self._kind is FileSystem.ORDERED:
            self._names.look_through(self._root)

    def _note_file(self, path: Path) -> None:
        self._names.keep(path)
        self._note_content(path)

    def _note_content(self, path: Path) -> None:
        with path.open("rb") as file:
            status = os.fstat(file.fileno())
            self._contents[status.st_ino] = file.read(), stat.S_IMODE(status.st_mode)
        self._hold(path, status.st_ino)

    def _hold(self, path: Path, inode: int) -> None:
        if inode not in self._held:
            self._held[inode] = os.open(path, os.O_RDONLY)


def _give(path: Path, owner: os.stat_result, mode: int) -> None:
    os.chown(path, owner.st_uid, owner.st_gid)
    path.chmod(mode)


def _kill(programs: set[int]) -> None:
    """Kill programs with all that they have started: one that has flushed nothing yet has not been met here."""
    found, stopped = set(programs), set[int]()
    while found:
        # A program that stands still starts no other while these are looked for.
        for process in found:
            with contextlib.suppress(ProcessLookupError):
                os.kill(process, signal.SIGSTOP)
        stopped |= found
        found = {process for process, parent in _parents() if parent in stopped} - stopped
    for process in stopped:
        with contextlib.suppress(ProcessLookupError):
            os.kill(process, signal.SIGKILL)


def _parents() -> Iterator[tuple[int, int]]:
    """Every process, and by whom it was started."""
    for status in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            yield int(status.parent.name), int(status.read_text().rpartition(")")[2].split()[1])


def _process_of(thread: int) -> int:
    for line in Path(f"/proc/{thread}/status").read_text().splitlines():
        if line.startswith("Tgid:"):
            return int(line.split()[1])
    raise ProcessLookupError


def _path(thread: int, at: int, text: int) -> Path:
    """Return the path that a call names: relative ones begin at a descriptor, or at the working directory."""
    with Path(f"/proc/{thread}/mem").open("rb", buffering=0) as memory:
        memory.seek(text)
        named = Path(os.fsdecode(memory.read(_LONGEST_PATH).partition(b"\0")[0]))
    base = "cwd" if at & 0xFFFFFFFF == _HERE else f"fd/{at}"
    return Path(os.path.normpath(Path(f"/proc/{thread}/{base}").readlink() / named))
