"""Where keys live: apart from the main database and its backups."""

import secrets
from collections.abc import Iterable, Mapping
from typing import Protocol

from broker.ports.records import Scope

KEY_BYTES = 32


class VaultUnavailable(Exception):
    """The key store cannot be read or written; nothing may be accepted until it can."""


class KeyVault(Protocol):
    """Data keys by scope, and the hub's own long-lived secrets by name."""

    def key(self, scope: Scope) -> bytes:
        """Return the scope's data key, making it durably first if there is none."""
        ...

    def keys(self, scopes: Iterable[Scope], *, look: bool = True) -> dict[Scope, bytes]:
        """Return the data key of each scope, making those that are missing durably first.

        Without `look`, keys in memory are taken as they are: whether any has been erased was looked at a moment ago.
        """
        ...

    def find(self, scope: Scope) -> bytes | None:
        """Return the scope's data key, or None if it was never made or has been erased."""
        ...

    def erase(self, scope: Scope) -> None:
        """Destroy the scope's data key. What it sealed cannot be read again."""
        ...

    def secret(self, name: str) -> bytes:
        """Return a named secret of 32 bytes, the same on every replica, making it durably first if there is none."""
        ...

    def floor(self) -> tuple[int, bytes] | None:
        """Return size and root of the largest checkpoint published: a restored database forgets, this does not."""
        ...

    def raise_floor(self, size: int, root: bytes) -> None:
        """Remember a published checkpoint, if it is larger than what is remembered."""
        ...


class MemoryVault:
    """A vault that is gone with the process: of a test, or of who needs no more than the secrets that it is given."""

    def __init__(self, given: Mapping[str, bytes] | None = None) -> None:
        self._keys: dict[Scope, bytes] = {}
        self._secrets: dict[str, bytes] = dict(given or {})
        self._floor: tuple[int, bytes] | None = None

    def key(self, scope: Scope) -> bytes:
        return self._keys.setdefault(scope, secrets.token_bytes(KEY_BYTES))

    def keys(self, scopes: Iterable[Scope], *, look: bool = True) -> dict[Scope, bytes]:  # noqa: ARG002 (what is erased here is gone from memory)
        return {scope: self.key(scope) for scope in scopes}

    def find(self, scope: Scope) -> bytes | None:
        return self._keys.get(scope)

    def erase(self, scope: Scope) -> None:
        self._keys.pop(scope, None)

    def secret(self, name: str) -> bytes:
        return self._secrets.setdefault(name, secrets.token_bytes(KEY_BYTES))

    def floor(self) -> tuple[int, bytes] | None:
        return self._floor

    def raise_floor(self, size: int, root: bytes) -> None:
        if self._floor is None or size > self._floor[0]:
            self._floor = (size, root)
