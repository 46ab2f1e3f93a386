"""Sealing of contents at rest: AES-256-GCM-SIV (RFC 8452) under the data key of the content's scope.

    sealed = version (1 byte) ‖ key mark (8) ‖ nonce (12) ‖ ciphertext and tag

The associated data bind it to scope, field of use, row and version, so that it opens nowhere else. The key mark says
which key it was sealed under: a scope may get a new key after its first was erased, and what the first sealed stays
erased.
"""

import hmac
from collections.abc import Iterable

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCMSIV

from broker.ports.chance import random_bytes
from broker.ports.records import Scope
from broker.ports.vault import KeyVault

VERSION = b"\x01"
MARK_BYTES = 8
NONCE_BYTES = 12
_LENGTH_BYTES = 4
_HEADER_BYTES = len(VERSION) + MARK_BYTES + NONCE_BYTES


class SealBroken(Exception):
    """A sealed content was changed or moved. It is not shown; compare the database with its backup and the ledger."""


def bound(*parts: str | bytes) -> bytes:
    """Join parts so that no other parts give the same bytes: each is preceded by its length."""
    pieces: list[bytes] = []
    for part in parts:
        raw = part.encode() if isinstance(part, str) else part
        pieces += (len(raw).to_bytes(_LENGTH_BYTES), raw)
    return b"".join(pieces)


def seal_under(key: bytes, content: bytes, associated: bytes) -> bytes:
    """Return nonce and ciphertext."""
    nonce = random_bytes(NONCE_BYTES)
    return nonce + AESGCMSIV(key).encrypt(nonce, content, associated)


def open_under(key: bytes, sealed: bytes, associated: bytes) -> bytes:
    """Undo `seal_under`. Raises SealBroken."""
    return _open(AESGCMSIV(key), sealed, associated)


def _open(cipher: AESGCMSIV, sealed: bytes, associated: bytes) -> bytes:
    try:
        return cipher.decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], associated)
    except (InvalidTag, ValueError):
        raise SealBroken("a sealed content does not open in its place: it was changed or moved") from None


def _mark(key: bytes) -> bytes:
    return hmac.digest(key, b"concordat key mark", "sha256")[:MARK_BYTES]


_Ready = tuple[bytes, AESGCMSIV, bytes]
"""Of one scope and field: version and key mark, the cipher, and what all rows' associated data begin with."""


class Seals:
    """Seals and opens the contents of one view or unit. Keys are held no longer than that."""

    def __init__(self, vault: KeyVault) -> None:
        self._vault = vault
        self._keys: dict[Scope, bytes] = {}
        self._ciphers: dict[bytes, tuple[bytes, AESGCMSIV]] = {}
        self._sealing: dict[tuple[Scope, str], _Ready] = {}
        self._opening: dict[tuple[Scope, str], _Ready | None] = {}

    def prepare(self, scopes: Iterable[Scope]) -> None:
        """Have the keys of these scopes durable before anything is sealed under them. Raises VaultUnavailable."""
        missing = [scope for scope in dict.fromkeys(scopes) if scope not in self._keys]
        if not missing:
            return
        # One look for a unit, at its first sealing.
        self._keys |= self._vault.keys(missing, look=not self._keys)

    def seal(self, scope: Scope, use: str, row: tuple[str, ...], content: bytes) -> bytes:
        """Seal a content for one field of one row, which is named by its key. Raises VaultUnavailable."""
        ready = self._sealing.get((scope, use))
        if ready is None:
            self.prepare((scope,))
            ready = self._sealing[scope, use] = self._ready(self._keys[scope], scope, use)
        head, cipher, place = ready
        nonce = random_bytes(NONCE_BYTES)
        return head + nonce + cipher.encrypt(nonce, content, place + bound(*row))

    def open(self, scope: Scope, use: str, row: tuple[str, ...], sealed: bytes | None) -> bytes | None:
        """Open what `seal` made; None if its key has been erased. Raises SealBroken, VaultUnavailable."""
        if sealed is None:
            return None
        if len(sealed) < _HEADER_BYTES or not sealed.startswith(VERSION):
            raise SealBroken("a sealed content is cut off or of a version that this hub does not know")
        if (scope, use) not in self._opening:
            key = self._keys.get(scope) or self._vault.find(scope)
            self._opening[scope, use] = None if key is None else self._ready(key, scope, use)
        ready = self._opening[scope, use]
        if ready is None or not hmac.compare_digest(sealed[: len(ready[0])], ready[0]):
            return None
        head, cipher, place = ready
        return _open(cipher, sealed[len(head) :], place + bound(*row))

    def _ready(self, key: bytes, scope: Scope, use: str) -> _Ready:
        if key not in self._ciphers:
            self._ciphers[key] = VERSION + _mark(key), AESGCMSIV(key)
        return *self._ciphers[key], bound(VERSION, scope.subject, scope.controller, use)
