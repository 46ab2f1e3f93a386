"""Commitments: what the ledger holds in place of data.

A commitment binds the hub to a value without telling it: HMAC-SHA-256 (RFC 2104) under a random key over the value's
canonical JSON (RFC 8785). Whoever is given key and value can check it; once the key is erased nobody can open it, nor
confirm a guess of the value.
"""

import hmac
from hashlib import sha256

from pydantic import JsonValue

from contracts.canonical import NotCanonicalError, b64url, canonical, unb64url

KEY_BYTES = 32
_BLOCK_BYTES = 64
_INNER = bytes(octet ^ 0x36 for octet in range(256))
_OUTER = bytes(octet ^ 0x5C for octet in range(256))


def commit(key: bytes, value: JsonValue) -> str:
    """Commit to a JSON value: 43 characters of unpadded base64url.

    `key` is 32 random bytes, used for this one commitment. Raises ValueError for a key of another length and
    NotCanonicalError for a value that is not JSON.
    """
    return commit_bytes(key, canonical(value))


def commit_bytes(key: bytes, content: bytes) -> str:
    """Commit to a JSON value that has been written canonically already. Raises ValueError as `commit` does."""
    if len(key) != KEY_BYTES:
        raise ValueError(f"a commitment key has {KEY_BYTES} bytes")
    # HMAC as RFC 2104 says it. The library's own looks its hash up anew each time: as much as hashing a kilobyte.
    block = key.ljust(_BLOCK_BYTES, b"\0")
    inner = sha256(block.translate(_INNER) + content).digest()
    return b64url(sha256(block.translate(_OUTER) + inner).digest())


def opens(commitment: str, key: bytes, value: JsonValue) -> bool:
    """Whether key and value open the commitment; compared in constant time.

    False too for a malformed commitment, a key of another length or a value that is not JSON: none of them opens it.
    """
    try:
        stated, computed = unb64url(commitment), unb64url(commit(key, value))
    except (NotCanonicalError, ValueError):
        return False
    return hmac.compare_digest(stated, computed)
