"""The key store: one key for a scope on all replicas, a wrong key refused, an erased one gone."""

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import text

from broker.ports.records import Scope
from broker.ports.vault import VaultUnavailable
from broker.store import keystore
from broker.store.kek import KekUnusable, load_or_create_kek
from broker.store.keystore import SqlVault, WrongKek

KEK = bytes(range(32))
SCOPE = Scope("episode/01JD6QK3Z8T0V5W2N4Y6B8C0CX", "northmere-police")
OTHER = Scope("episode/01JD6QK3Z8T0V5W2N4Y6B8C0CX", "eastvale-council")


@pytest.fixture
def open_vault(database_url: str) -> Iterator[Callable[[], SqlVault]]:
    """Opens the same key store as often as asked, as further replicas would."""
    opened: list[SqlVault] = []

    def once_more() -> SqlVault:
        opened.append(SqlVault(database_url, KEK))
        return opened[-1]

    yield once_more
    for one in opened:
        one.close()


def test_key_stays_the_same_and_differs_by_scope(open_vault: Callable[[], SqlVault]) -> None:
    """After a restart too. A scope that never had a key has none by being looked for."""
    first = open_vault()
    assert first.find(SCOPE) is None
    key = first.key(SCOPE)
    assert len(key) == 32
    assert first.key(OTHER) != key
    later = open_vault()
    assert later.find(SCOPE) == later.key(SCOPE) == key
    assert later.find(Scope("episode/none", "northmere-police")) is None
    many = [Scope(f"episode/{number}", "northmere-police") for number in range(450)]
    assert first.keys([*many, SCOPE]) == later.keys([*many, SCOPE])


def test_replicas_that_make_a_key_at_once_agree(open_vault: Callable[[], SqlVault]) -> None:
    """Four replicas ask for the same new keys at the same moment: one key each, for all."""
    replicas = [open_vault() for _ in range(4)]
    scopes = [Scope(f"episode/{number}", "northmere-police") for number in range(20)]
    with ThreadPoolExecutor(4) as threads:
        answers = list(threads.map(lambda one: (one.keys(scopes), one.secret("hub")), replicas))
    assert all(answer == answers[0] for answer in answers)
    assert len(set(answers[0][0].values())) == 20


def test_erased_key_is_gone_for_every_replica(
    open_vault: Callable[[], SqlVault], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A reader elsewhere forgets at its next look, a writer elsewhere never seals under the erased key."""
    here, elsewhere = open_vault(), open_vault()
    key, kept = here.key(SCOPE), here.key(OTHER)
    assert elsewhere.find(SCOPE) == key
    here.erase(SCOPE)
    assert here.find(SCOPE) is None
    monkeypatch.setattr(keystore, "STALE_SECONDS", 0.0)
    assert elsewhere.find(SCOPE) is None
    assert elsewhere.find(OTHER) == kept
    anew = elsewhere.key(SCOPE)
    assert anew != key
    assert here.key(SCOPE) == anew


def test_writer_looks_for_erasures_every_time(open_vault: Callable[[], SqlVault]) -> None:
    """Even within the second in which a reader may still remember."""
    here, elsewhere = open_vault(), open_vault()
    key = elsewhere.key(SCOPE)
    here.erase(SCOPE)
    assert elsewhere.key(SCOPE) != key


def test_erased_key_leaves_no_bytes_in_the_file(tmp_path: Path) -> None:
    """Not even wrapped: neither in the database nor in its write-ahead log."""
    file = tmp_path / "keys.sqlite"
    vault = SqlVault(f"sqlite:///{file}", KEK)
    vault.key(SCOPE)
    vault.key(OTHER)
    with vault._database.reading() as connection:
        rows = connection.execute(text("SELECT controller, wrapped FROM vault_keys"))
        wrapped = {row.controller: row.wrapped for row in rows}
    vault.erase(SCOPE)
    raw = b"".join(path.read_bytes() for path in tmp_path.glob("keys.sqlite*"))
    assert wrapped[OTHER.controller] in raw
    assert wrapped[SCOPE.controller] not in raw
    assert wrapped[SCOPE.controller][12:28] not in raw
    vault.close()


def test_wrong_key_encryption_key_is_refused_and_changes_nothing(
    open_vault: Callable[[], SqlVault], database_url: str
) -> None:
    """A hub started with the wrong file does not make new keys over the old ones."""
    key = open_vault().key(SCOPE)
    with pytest.raises(WrongKek, match="right one"):
        SqlVault(database_url, bytes(32))
    assert open_vault().key(SCOPE) == key


def test_keys_without_a_fingerprint_are_refused(open_vault: Callable[[], SqlVault], database_url: str) -> None:
    """A key store restored in part is not taken for a new one."""
    vault = open_vault()
    vault.key(SCOPE)
    with vault._database.writing() as connection:
        connection.execute(text("DELETE FROM vault_identity"))
    with pytest.raises(WrongKek, match="restore it whole"):
        SqlVault(database_url, bytes(32))


def test_wrapped_key_moved_to_another_scope_does_not_open(open_vault: Callable[[], SqlVault]) -> None:
    """Whoever can write in the key store cannot have one agency's content sealed under another's key."""
    vault = open_vault()
    vault.keys([SCOPE, OTHER])
    with vault._database.writing() as connection:
        connection.execute(text("UPDATE vault_keys SET wrapped = (SELECT max(wrapped) FROM vault_keys)"))
    after = open_vault()
    with pytest.raises(VaultUnavailable, match="changed or moved"):
        after.keys([SCOPE, OTHER])


def test_keys_in_memory_are_bounded(open_vault: Callable[[], SqlVault], monkeypatch: pytest.MonkeyPatch) -> None:
    """The oldest used is forgotten first, and read again when it is needed."""
    monkeypatch.setattr(keystore, "CACHED_KEYS", 10)
    vault = open_vault()
    keys = {scope: vault.key(scope) for scope in (Scope(f"episode/{number}", "x") for number in range(30))}
    assert len(vault._cache) == 10
    assert vault.keys(keys) == keys


def test_secret_is_the_same_on_every_replica(open_vault: Callable[[], SqlVault]) -> None:
    """And differs by name."""
    secret = open_vault().secret("event mac")
    assert len(secret) == 32
    assert open_vault().secret("event mac") == secret
    assert open_vault().secret("reference mac") != secret


def test_floor_only_rises(open_vault: Callable[[], SqlVault]) -> None:
    """A late or repeated word of a smaller checkpoint changes nothing."""
    vault = open_vault()
    assert vault.floor() is None
    vault.raise_floor(64, b"r" * 32)
    vault.raise_floor(32, b"q" * 32)
    vault.raise_floor(64, b"p" * 32)
    assert open_vault().floor() == (64, b"r" * 32)
    vault.raise_floor(128, b"s" * 32)
    assert open_vault().floor() == (128, b"s" * 32)


def test_key_store_that_does_not_answer_is_unavailable() -> None:
    """Nothing is accepted until it does."""
    with pytest.raises(VaultUnavailable):
        SqlVault("postgresql://nobody@127.0.0.1:1/none", KEK)


def test_key_encryption_key_is_made_once_for_its_owner_alone(tmp_path: Path) -> None:
    """Processes that begin together read the same key; nobody else may."""
    path = tmp_path / "secrets" / "kek"
    with ThreadPoolExecutor(8) as threads:
        keys = set(threads.map(load_or_create_kek, [path] * 8))
    assert len(keys) == 1
    assert len(keys.pop()) == 32
    assert (path.stat().st_mode & 0o777, path.parent.stat().st_mode & 0o777) == (0o600, 0o700)
    assert [entry.name for entry in path.parent.iterdir()] == ["kek"]


@pytest.mark.parametrize(("what", "mode"), [("file", 0o640), ("file", 0o604), ("folder", 0o755)])
def test_key_encryption_key_open_to_others_is_refused(tmp_path: Path, what: str, mode: int) -> None:
    """With the command that puts it right."""
    path = tmp_path / "secrets" / "kek"
    load_or_create_kek(path)
    (path if what == "file" else path.parent).chmod(mode)
    with pytest.raises(KekUnusable, match="chmod"):
        load_or_create_kek(path)


@pytest.mark.parametrize("content", ["", "00" * 31, "zz" * 32])
def test_file_that_holds_no_key_is_refused_and_left_alone(tmp_path: Path, content: str) -> None:
    """A damaged file is restored by people, never replaced by a new key."""
    tmp_path.chmod(0o700)
    path = tmp_path / "kek"
    path.write_text(content)
    os.chmod(path, 0o600)  # noqa: PTH101 (as an operator's tool would)
    with pytest.raises(KekUnusable, match="restore"):
        load_or_create_kek(path)
    assert path.read_text() == content
