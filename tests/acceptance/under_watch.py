"""Becomes another program whose every flush to the disk is reported: `under_watch.py SOCKET USER COMMAND …`.

The kernel is asked (seccomp, user notification: Linux 5.5) to stop this process and all that come from it at each
flush, at each opening of a file that flushes by itself, and at each renaming, until whoever holds the other end of the
socket has taken note. It needs no right and no tool, and it works for any program, whatever it is written in. It
runs as the user of that number: PostgreSQL does not run as root.
"""

import ctypes
import os
import platform
import pwd
import socket
import struct
import sys

CALLS = {
    "x86_64": {"arch": 0xC000003E, "seccomp": 317, "openat": 257, "open": 2, "fsync": 74, "fdatasync": 75}
    | {"rename": 82, "renameat": 264, "renameat2": 316, "sync": 162, "syncfs": 306},
    "aarch64": {"arch": 0xC00000B7, "seccomp": 277, "openat": 56, "fsync": 82, "fdatasync": 83}
    | {"renameat": 38, "renameat2": 276, "sync": 81, "syncfs": 267},
}.get(platform.machine(), {})
"""Numbers of system calls, from the kernel's tables."""
WATCHED = ("fsync", "fdatasync", "rename", "renameat", "renameat2", "sync", "syncfs")
FLUSHES_ITSELF = os.O_DSYNC | os.O_SYNC
_PR_SET_NO_NEW_PRIVS = 38
_SET_MODE_FILTER, _NEW_LISTENER = 1, 8
_LOAD, _IF_EQUAL, _IF_BITS, _RETURN = 0x20, 0x15, 0x45, 0x06
_ALLOW, _NOTIFY = 0x7FFF0000, 0x7FC00000
_NUMBER, _ARCH, _ARGUMENTS = 0, 4, 16


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_void_p))


def _filter() -> list[bytes]:
    """Return the filter (BPF): which calls are reported."""

    def line(code: int, value: int, then: int = 0, otherwise: int = 0) -> bytes:
        return struct.pack("HBBI", code, then, otherwise, value)

    lines = [line(_LOAD, _ARCH), line(_IF_EQUAL, CALLS["arch"], 1, 0), line(_RETURN, _ALLOW), line(_LOAD, _NUMBER)]
    for name in WATCHED:
        if name in CALLS:
            lines += [line(_IF_EQUAL, CALLS[name], 0, 1), line(_RETURN, _NOTIFY)]
    for name, place in (("openat", 2), ("open", 1)):
        if name in CALLS:
            flags = [line(_LOAD, _ARGUMENTS + 8 * place), line(_IF_BITS, FLUSHES_ITSELF, 0, 1), line(_RETURN, _NOTIFY)]
            lines += [line(_IF_EQUAL, CALLS[name], 0, 4), *flags, line(_RETURN, _ALLOW)]
    return [*lines, line(_RETURN, _ALLOW)]


def _install() -> int:
    """Put the filter into force for this process and its children; return the descriptor that reports come from."""
    libc = ctypes.CDLL(None, use_errno=True)
    lines = _filter()
    text = ctypes.create_string_buffer(b"".join(lines))
    program = _Program(len(lines), ctypes.cast(text, ctypes.c_void_p))
    if libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0):
        raise OSError(ctypes.get_errno(), "no_new_privs")
    listener: int = libc.syscall(CALLS["seccomp"], _SET_MODE_FILTER, _NEW_LISTENER, ctypes.byref(program))
    if listener < 0:
        raise OSError(ctypes.get_errno(), "seccomp")
    return listener


def _become(user: int) -> None:
    if user != os.geteuid():
        entry = pwd.getpwuid(user)
        os.initgroups(entry.pw_name, entry.pw_gid)
        os.setgid(entry.pw_gid)
        os.setuid(user)


if __name__ == "__main__":
    with socket.socket(fileno=int(sys.argv[1])) as watcher:
        try:
            descriptor = _install()
        except (OSError, KeyError) as error:
            watcher.sendall(type(error).__name__.encode())
            sys.exit(1)
        socket.send_fds(watcher, [b"watched"], [descriptor])
        os.close(descriptor)
    _become(int(sys.argv[2]))
    os.execv(sys.argv[3], sys.argv[3:])  # noqa: S606 (no shell is wanted)
