"""Who holds a lease: a name that tells, on the machine where it was given, whether its process still lives.

A hub that was killed cannot give its leases back, and the next one would wait for them to run out. Where both are
processes of one machine there is nothing to wait for: the system knows that the first is gone. Elsewhere, another
machine or another container, a name says nothing, and only the time of the lease counts.
"""

import os
import secrets
from pathlib import Path

_BOOT = Path("/proc/sys/kernel/random/boot_id")
_NAMESPACE = Path("/proc/self/ns/pid")
_START_FIELD = 22
"""Of /proc/<pid>/stat: when the process began, in ticks since the machine did (proc(5))."""


def new_holder() -> str:
    """Return a name that no other holder has, also within this process."""
    own = secrets.token_hex(8)
    place, began = _place(), _began(os.getpid())
    return own if place is None or began is None else f"{own}@{place}/{os.getpid()}/{began}"


def is_gone(holder: str) -> bool:
    """Say whether the process that took this name has certainly ended. False where that cannot be known."""
    _, at, where = holder.partition("@")
    place, _, process = where.rpartition("/")[0].rpartition("/")
    if not at or place != _place() or not process.isdecimal():
        return False
    # The number may have been given out again: then another process began at another time.
    return _began(int(process)) != where.rpartition("/")[2]


def _place() -> str | None:
    """Return what numbers of processes can be compared within: one run of one machine, and one namespace of them."""
    try:
        return f"{_BOOT.read_text('ascii').strip()}/{_NAMESPACE.stat().st_ino}"
    except OSError:
        return None


def _began(process: int) -> str | None:
    """Return when a process began; None if there is none, or if it has ended and only waits to be counted."""
    try:
        # After the name, which stands in brackets and may hold anything.
        fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
    return None if fields[0] in ("Z", "X") else fields[_START_FIELD - 3]
