"""Names that one recipient can recognise again and no two recipients can compare."""

import base64
import hmac

_LENGTH = 10
"""Octets of a pseudonym: 80 bits, 16 letters of base 32. Two of a recipient's million children meet by chance never."""


def pseudonym(master: bytes, *, recipient: str, protocol: str, field: str, epoch: str, value: str) -> str:
    """Return a stable stand-in for a value: 16 characters of base 32, lower case.

    HMAC-SHA-256 of the value under HKDF-SHA-256 (RFC 5869, no salt, one block) of the master key for
    recipient, protocol, field and epoch. The master key is 32 random octets, kept by the hub; without it a pseudonym of
    a guessable value (an NHS number) cannot be found by trying.
    """
    if not master:
        raise ValueError("pseudonyms need a master key")
    # NUL stands in no name, so no two sets of parts give the same context.
    context = f"{recipient}\0{protocol}\0{field}\0{epoch}".encode()
    extracted = hmac.digest(bytes(32), master, "sha256")
    key = hmac.digest(extracted, context + b"\x01", "sha256")
    return base64.b32encode(hmac.digest(key, value.encode(), "sha256")[:_LENGTH]).decode().lower()
