"""What the folder of an embedded server tells whoever looks into it: where it listens, what its streams are under."""

import hmac
import json
import os
from pathlib import Path

from broker.nats.keys import Keys


def running_url(folder: Path) -> str | None:
    """Return where the server of a folder listens, whoever started it; None if none runs."""
    for file in folder.glob("nats-server_*.ports"):
        if _is_alive(int(file.stem.rpartition("_")[2])):
            return str(json.loads(file.read_text("ascii"))["nats"][0])
    return None


def store_mark(keys: Keys) -> str:
    """Return what tells one at-rest key of the embedded server from another, and says nothing of either."""
    return hmac.digest(keys.store_key(), b"concordat jetstream key", "sha256")[:16].hex()


def streams_mark(folder: Path) -> str | None:
    """Return the mark of the key that the streams in a folder were written under; None where nothing says so."""
    try:
        return (folder / "streams.key-id").read_text("ascii").strip()
    except FileNotFoundError:
        return None


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True  # another user's
    return True
