"""A process beside the hub's own: this very program, at the other end of a line that nobody else has an end of."""

import socket
import subprocess
import sys


class Lost(Exception):
    """The process has ended, hangs, or cannot be understood: the hub does its part."""


class OtherEdition(Lost):
    """The hub on the disk is another than the one that runs: what it would say is not for this one to record."""

    def __init__(self) -> None:
        super().__init__("the hub has been changed on the disk: start it again")


def start(module: str, log_level: str) -> tuple[subprocess.Popen[bytes], socket.socket]:
    """Start a module with the number of its end of a line and a log level; return it and the hub's end.

    OSError if the system has no room for it.
    """
    ours, theirs = socket.socketpair()
    with theirs:
        command = [sys.executable, "-m", module, str(theirs.fileno()), log_level]
        try:
            process = subprocess.Popen(command, stdin=subprocess.DEVNULL, pass_fds=(theirs.fileno(),))  # noqa: S603 (this very program)
        except BaseException:
            ours.close()
            raise
    return process, ours
