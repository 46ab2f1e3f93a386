"""Files for their owner alone, whole or not there, and on the disk, name and all, before anybody leans on them."""

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_OWNER_ONLY = 0o600


def create_private(path: Path, content: bytes) -> None:
    """Make a file; FileExistsError, and nothing done, if there is one, also if another process makes it meanwhile."""
    with _written_aside(path, content) as aside:
        # A link, unlike a renaming, never takes the place of another's file.
        os.link(aside, path)
    _flush_names(path.parent)


def replace_private(path: Path, content: bytes) -> None:
    """Make a file, or put another content in its place."""
    with _written_aside(path, content) as aside:
        aside.replace(path)
    _flush_names(path.parent)


@contextmanager
def _written_aside(path: Path, content: bytes) -> Iterator[Path]:
    aside = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
    try:
        with os.fdopen(os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _OWNER_ONLY), "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        yield aside
    finally:
        aside.unlink(missing_ok=True)


def _flush_names(folder: Path) -> None:
    """Flush a folder: POSIX keeps a file's content when the file is flushed, and its name only with this."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
