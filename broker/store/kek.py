"""The key-encryption key as a file: made once, readable by its owner alone, on the disk before it is used."""

import secrets
from contextlib import suppress
from pathlib import Path

from broker.ports.vault import KEY_BYTES
from broker.private_file import create_private

_OTHERS = 0o077


class KekUnusable(Exception):
    """The file of the key-encryption key must not or cannot be used. The text says what to do."""


def load_or_create_kek(path: Path) -> bytes:
    """Return the 32 bytes in the file (64 hexadecimal digits), making file (0600) and folder (0700) if there are none.

    Two processes that begin together get the same key. Raises KekUnusable for a file or folder that others may enter,
    and for a file that holds anything else.
    """
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    _refuse_others(path.parent, "folder", "700")
    if not path.exists():
        with suppress(FileExistsError):
            create_private(path, f"{secrets.token_hex(KEY_BYTES)}\n".encode("ascii"))
    _refuse_others(path, "file", "600")
    try:
        key = bytes.fromhex(path.read_text("ascii").strip())
    except ValueError:
        key = b""
    if len(key) != KEY_BYTES:
        raise KekUnusable(
            "the key-encryption key's file does not hold 64 hexadecimal digits: restore it from its backup"
        )
    return key


def _refuse_others(path: Path, what: str, mode: str) -> None:
    if path.stat().st_mode & _OTHERS:
        raise KekUnusable(
            f"the {what} of the key-encryption key is open to others: chmod {mode} it, and think who read it"
        )
