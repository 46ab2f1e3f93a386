"""Opening what lies sealed in NATS: JWE compact, `dir` and A256GCM, under a channel key that the hub hands over.

Keys are fetched over HTTP when a message first names them, and kept in memory only: the hub changes them every few
days, and one that it has erased is to be had no more.
"""

import base64
import binascii
import json
from dataclasses import dataclass
from typing import Any, Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from adapters.sdk.encryption_key import EncryptionKey, NotForUs
from adapters.sdk.problem import Problem

_PARTS = 5
_KEY_BYTES, _NONCE_BYTES = 32, 12
_MOST_KEPT = 64
_GONE = 404


class Unreadable(Exception):
    """A message cannot be opened. The text says why, and holds nothing of it."""


class WrappedKeys(Protocol):
    """Where wrapped channel keys come from: `HubClient`."""

    async def channel_key(self, kid: str) -> str:
        """Return a channel key, wrapped to this agency's encryption key, as a compact JWE. Raises HubError."""
        ...


@dataclass(frozen=True)
class _Sealed:
    """JWE compact (RFC 7516 §7.1) with an empty encrypted key."""

    kid: str
    header: bytes
    nonce: bytes
    content: bytes
    """Ciphertext and tag, as AES-GCM takes them."""


class ChannelKeys:
    """The channel keys of one agency."""

    def __init__(self, hub: WrappedKeys, *own: EncryptionKey) -> None:
        """`own` are the agency's encryption keys: during a change of them, the new and the old."""
        self._hub = hub
        self._own = own
        self._known: dict[str, AESGCM] = {}

    async def open(self, body: bytes) -> Any:
        """Return the document in a sealed message.

        Raises Unreadable; HubError if the key could not be asked for, or the hub has nothing to wrap it to.
        """
        sealed = _parse(body)
        cipher = self._known.get(sealed.kid) or await self._fetch(sealed.kid)
        try:
            return json.loads(cipher.decrypt(sealed.nonce, sealed.content, sealed.header))
        except InvalidTag:
            raise Unreadable("it is not sealed under the channel key that it names") from None
        except ValueError:
            raise Unreadable("what was sealed is not JSON") from None

    async def _fetch(self, kid: str) -> AESGCM:
        try:
            wrapped = await self._hub.channel_key(kid)
        except Problem as problem:
            if problem.status == _GONE and problem.stated:
                raise Unreadable("the hub keeps its channel key no more") from None
            raise
        except ValueError:
            raise Unreadable("it names no channel key") from None
        self._known[kid] = AESGCM(self._unwrapped(wrapped))
        while len(self._known) > _MOST_KEPT:
            del self._known[next(iter(self._known))]
        return self._known[kid]

    def _unwrapped(self, wrapped: str) -> bytes:
        for key in self._own:
            try:
                document = key.unwrap(wrapped)
            except NotForUs:
                continue
            raw = _base64(str(document.get("k", "")).encode())
            if document.get("kty") == "oct" and len(raw) == _KEY_BYTES:
                return raw
        raise Unreadable("its channel key was wrapped to another encryption key than ours")


def _parse(body: bytes) -> _Sealed:
    parts = body.split(b".")
    if len(parts) != _PARTS or parts[1]:
        raise Unreadable("it is not a JWE in compact form with a shared key")
    header, _, nonce, content, tag = parts
    try:
        said = json.loads(_base64(header))
    except (ValueError, RecursionError):
        said = None
    # Exactly what the interface says: no other algorithm, no compression, nothing critical that we would pass over.
    if not isinstance(said, dict) or said.keys() != {"alg", "enc", "kid"}:
        raise Unreadable("its header is not that of the public interface")
    if (said["alg"], said["enc"]) != ("dir", "A256GCM") or not isinstance(said["kid"], str):
        raise Unreadable("its header is not that of the public interface")
    raw_nonce = _base64(nonce)
    if len(raw_nonce) != _NONCE_BYTES:
        raise Unreadable("its nonce has another length")
    return _Sealed(said["kid"], header, raw_nonce, _base64(content) + _base64(tag))


def _base64(text: bytes) -> bytes:
    try:
        return base64.b64decode(text + b"=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        raise Unreadable("it is not a JWE in compact form with a shared key") from None
