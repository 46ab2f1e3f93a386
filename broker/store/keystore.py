"""The key store: a database of its own, apart from the main one and its backups. It holds wrapped keys alone.

A data key is erased by deleting its row. SQLite overwrites it (secure_delete) and empties the write-ahead log;
PostgreSQL forgets it with the next vacuum and the passing of its own log, which must not be archived beyond the
erasure.
"""

import hmac
import secrets
import threading
import time
from collections import OrderedDict
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    delete,
    func,
    select,
    tuple_,
    update,
)
from sqlalchemy.exc import SQLAlchemyError

from broker.ports.records import Scope
from broker.ports.vault import KEY_BYTES, VaultUnavailable
from broker.store.columns import Name
from broker.store.driver import DriverCursor
from broker.store.sealing import SealBroken, bound, open_under, seal_under
from broker.store.statements import insert_into
from broker.store.transactions import Database, make_tables

CACHED_KEYS = 50_000
"""Unwrapped keys held in memory: a busy day's episodes, a few megabytes."""
STALE_SECONDS = 1.0
"""How long another replica's erasure may go unseen by a reader here. A writer always looks."""
_AT_ONCE = 200

_metadata = MetaData()
_identity = Table(
    "vault_identity",
    _metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),  # always 1
    Column("fingerprint", LargeBinary, nullable=False),  # which key-encryption key wrapped everything here
    Column("erasures", BigInteger, nullable=False),  # grows with each erasure: tells replicas to forget
)
_keys = Table(
    "vault_keys",
    _metadata,
    Column("subject", Name, nullable=False),  # scope: subject
    Column("controller", Name, nullable=False),  # scope: controller
    Column("wrapped", LargeBinary, nullable=False),  # the data key, wrapped
    PrimaryKeyConstraint("subject", "controller"),
)
_secrets = Table(
    "vault_secrets",
    _metadata,
    Column("name", Name, primary_key=True),  # what the hub calls it
    Column("wrapped", LargeBinary, nullable=False),  # the secret, wrapped
)
_floor = Table(
    "vault_floor",
    _metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),  # always 1
    Column("size", BigInteger, nullable=False),  # size of the largest checkpoint published
    Column("root", LargeBinary, nullable=False),  # its root
)

_ERASURES = "SELECT erasures FROM vault_identity"
"""Asked in every unit of work."""


class WrongKek(Exception):
    """The key-encryption key is not the one that wrapped this key store. Nothing was read or made."""


class SqlVault:
    """A KeyVault on SQLite or PostgreSQL. Keys are wrapped with AES-256-GCM-SIV, their scope as associated data."""

    def __init__(self, url: str, kek: bytes) -> None:
        """Open the key store, making it if it is empty.

        Raises WrongKek, VaultUnavailable, UnsafeSettings, and ValueError for a key of another length than 32 bytes.
        """
        if len(kek) != KEY_BYTES:
            raise ValueError(f"a key-encryption key has {KEY_BYTES} bytes")
        self._kek = kek
        self._cache: OrderedDict[Scope, bytes] = OrderedDict()
        self._cache_lock = threading.Lock()
        self._secrets: dict[str, bytes] = {}
        self._erasures_seen = -1
        self._looked_at = 0.0
        with _unavailable():
            self._database = Database(url)
        try:
            with self._writing() as connection:
                self._recognise(connection)
        except BaseException:
            self._database.close()
            raise

    def close(self) -> None:
        """Close the key store and forget its keys."""
        with self._cache_lock:
            self._cache.clear()
        self._secrets.clear()
        self._database.close()

    def key(self, scope: Scope) -> bytes:
        """Return the scope's data key, durable in the key store. Raises VaultUnavailable."""
        return self.keys((scope,))[scope]

    def keys(self, scopes: Iterable[Scope], *, look: bool = True) -> dict[Scope, bytes]:
        """Return the scopes' data keys; those that are missing are made in one commit. Raises VaultUnavailable.

        Without `look`, keys that are in memory are returned without asking whether any has been erased.
        """
        wanted = list(dict.fromkeys(scopes))
        if look:
            with _unavailable(), self._database.glancing() as connection:
                self._forget_erased(connection)
        with self._cache_lock:
            cached = {scope: self._cache[scope] for scope in wanted if scope in self._cache}
        if len(cached) == len(wanted):
            return cached
        with self._reading() as connection:
            keys = self._known(connection, wanted)
        missing = [scope for scope in wanted if scope not in keys]
        if missing:
            fresh = [self._wrapped_row(scope, secrets.token_bytes(KEY_BYTES)) for scope in sorted(missing, key=_order)]
            with self._writing() as connection:
                connection.execute(insert_into(connection.dialect, _keys).on_conflict_do_nothing(), fresh)
            # Read back after the commit: where another replica was first, its key is the one.
            with self._reading() as connection:
                keys |= self._known(connection, missing)
        if len(keys) != len(wanted):
            raise VaultUnavailable("a data key was erased while it was being made: ask again")
        return keys

    def find(self, scope: Scope) -> bytes | None:
        """Return the scope's data key, or None if there is none. Raises VaultUnavailable."""
        fresh = time.monotonic() - self._looked_at < STALE_SECONDS
        with self._cache_lock:
            cached = self._cache.get(scope) if fresh else None
        if cached is not None:
            return cached
        with self._reading() as connection:
            return self._known(connection, [scope]).get(scope)

    def erase(self, scope: Scope) -> None:
        """Destroy the scope's data key; replicas forget it at their next look. Raises VaultUnavailable."""
        with self._writing() as connection:
            connection.execute(update(_identity).values(erasures=_identity.c.erasures + 1))
            connection.execute(
                delete(_keys).where(_keys.c.subject == scope.subject, _keys.c.controller == scope.controller)
            )
        with self._cache_lock:
            self._cache.pop(scope, None)
        with _unavailable():
            self._database.sweep("vault_keys")

    def secret(self, name: str) -> bytes:
        """Return a named secret of 32 bytes, made durably once for all replicas. Raises VaultUnavailable.

        It never changes, so it is read and unwrapped once.
        """
        if name not in self._secrets:
            self._secrets[name] = self._durable_secret(name)
        return self._secrets[name]

    def _durable_secret(self, name: str) -> bytes:
        wrapped = self._wrapped_secret(name)
        if wrapped is None:
            fresh = {
                "name": name,
                "wrapped": seal_under(self._kek, secrets.token_bytes(KEY_BYTES), _secret_place(name)),
            }
            with self._writing() as connection:
                connection.execute(insert_into(connection.dialect, _secrets).on_conflict_do_nothing(), [fresh])
            wrapped = self._wrapped_secret(name)
        if wrapped is None:
            raise VaultUnavailable("a secret was not found after it was made: look who else changes the key store")
        return self._unwrap(wrapped, _secret_place(name))

    def floor(self) -> tuple[int, bytes] | None:
        """Return size and root of the largest checkpoint published. Raises VaultUnavailable."""
        with self._reading() as connection:
            row = connection.execute(select(_floor.c.size, _floor.c.root)).one_or_none()
        return None if row is None else (row.size, row.root)

    def raise_floor(self, size: int, root: bytes) -> None:
        """Remember a published checkpoint if it is larger than what is remembered. Raises VaultUnavailable."""
        with self._writing() as connection:
            raised = insert_into(connection.dialect, _floor)
            raised = raised.on_conflict_do_update(
                index_elements=[_floor.c.id],
                set_={"size": raised.excluded.size, "root": raised.excluded.root},
                where=_floor.c.size < raised.excluded.size,
            )
            connection.execute(raised, [{"id": 1, "size": size, "root": root}])

    def _recognise(self, connection: Connection) -> None:
        make_tables(connection, _metadata)
        fingerprint = hmac.digest(self._kek, b"concordat key-encryption key", "sha256")[:16]
        kept = connection.execute(select(_identity.c.fingerprint)).scalar()
        if kept is None:
            if any(connection.execute(select(func.count()).select_from(one)).scalar() for one in (_keys, _secrets)):
                raise WrongKek("the key store has keys but does not say whose: restore it whole from its backup")
            connection.execute(_identity.insert().values(id=1, fingerprint=fingerprint, erasures=0))
        elif not hmac.compare_digest(kept, fingerprint):
            raise WrongKek(
                "this key-encryption key is not the one that the key store was made with: give the hub the file of the "
                "right one. Nothing was changed"
            )

    def _known(self, connection: Connection, scopes: list[Scope]) -> dict[Scope, bytes]:
        """The keys of those scopes that have one, from memory or from the key store; none erased before now."""
        erasures = self._forget_erased(connection)
        with self._cache_lock:
            known = {scope: self._cache[scope] for scope in scopes if scope in self._cache}
        unknown = [scope for scope in scopes if scope not in known]
        for start in range(0, len(unknown), _AT_ONCE):
            pairs = [_order(scope) for scope in unknown[start : start + _AT_ONCE]]
            for row in connection.execute(select(_keys).where(tuple_(_keys.c.subject, _keys.c.controller).in_(pairs))):
                scope = Scope(row.subject, row.controller)
                known[scope] = self._unwrap(row.wrapped, _key_place(scope))
        with self._cache_lock:
            if erasures != self._erasures_seen:
                return known  # another thread has seen a later erasure: what was read here may be what it erased
            for scope, key in known.items():
                self._cache[scope] = key
                self._cache.move_to_end(scope)
            while len(self._cache) > CACHED_KEYS:
                self._cache.popitem(last=False)
        return known

    def _forget_erased(self, connection: Connection) -> int:
        with DriverCursor(connection, _ERASURES) as cursor:
            cursor.execute(_ERASURES)
            erasures = int(cursor.fetchone()[0])
        with self._cache_lock:
            if erasures != self._erasures_seen:
                self._cache.clear()
                self._erasures_seen = erasures
            self._looked_at = time.monotonic()
        return erasures

    def _wrapped_row(self, scope: Scope, key: bytes) -> dict[str, object]:
        wrapped = seal_under(self._kek, key, _key_place(scope))
        return {"subject": scope.subject, "controller": scope.controller, "wrapped": wrapped}

    def _unwrap(self, wrapped: bytes, place: bytes) -> bytes:
        try:
            return open_under(self._kek, wrapped, place)
        except SealBroken:
            raise VaultUnavailable("a key in the key store was changed or moved: restore the key store") from None

    def _wrapped_secret(self, name: str) -> bytes | None:
        with self._reading() as connection:
            return connection.execute(select(_secrets.c.wrapped).where(_secrets.c.name == name)).scalar()

    @contextmanager
    def _reading(self) -> Iterator[Connection]:
        with _unavailable(), self._database.reading() as connection:
            yield connection

    @contextmanager
    def _writing(self) -> Iterator[Connection]:
        with _unavailable(), self._database.writing() as connection:
            yield connection


@contextmanager
def _unavailable() -> Iterator[None]:
    try:
        yield
    except SQLAlchemyError as error:
        raise VaultUnavailable("the key store did not answer: nothing is accepted until it does") from error


def _order(scope: Scope) -> tuple[str, str]:
    return scope.subject, scope.controller


def _key_place(scope: Scope) -> bytes:
    return bound("data key", scope.subject, scope.controller)


def _secret_place(name: str) -> bytes:
    return bound("secret", name)
