"""Keys and claims as texts: what a server or a client of NATS will read."""

import base64
import hashlib
import json
import time
from pathlib import Path

import nkeys
import pytest
from hypothesis import given
from hypothesis import strategies as st

from broker.nats import accounts, jwt
from broker.nats.config import ServerConfig
from broker.nats.keys import Keys, KeysUnusable, OperatorFiles, keys_from
from broker.nats.nkey import Nkey, NotASeed, Role
from broker.ports.vault import MemoryVault
from tests.nats_world import agency

NOW = int(time.time())


@pytest.fixture
def vault() -> MemoryVault:
    return MemoryVault()


@pytest.fixture
def keys(vault: MemoryVault) -> Keys:
    return keys_from(vault.secret, None, NOW)


@given(st.binary(min_size=32, max_size=32), st.sampled_from(Role))
def test_a_key_is_read_back_from_its_text(raw: bytes, role: Role) -> None:
    """The seed's text makes the same key, its first letters say whose it is, and printing it shows no secret."""
    key = Nkey.of_bytes(role, raw)
    assert Nkey.of_text(role, f" {key.seed}\n") == key
    assert key.public[0] == key.seed[1] == role.name[0]
    assert key.seed not in repr(key)


@given(st.binary(min_size=32, max_size=32), st.integers(0, 57), st.sampled_from("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"))
def test_a_seed_with_a_wrong_letter_is_no_seed(raw: bytes, place: int, letter: str) -> None:
    """A mistyped seed is refused, and not repeated in the error."""
    seed = Nkey.of_bytes(Role.OPERATOR, raw).seed
    wrong = seed[:place] + letter + seed[place + 1 :]
    if wrong == seed:
        return
    with pytest.raises(NotASeed) as refusal:
        Nkey.of_text(Role.OPERATOR, wrong)
    assert wrong not in str(refusal.value)


@pytest.mark.parametrize("text", ["", "S", "not a seed", "SO" + "A" * 56, "é" * 58])
def test_other_texts_are_no_seeds(text: str) -> None:
    """Whatever else stands in the file is refused in the same words."""
    with pytest.raises(NotASeed):
        Nkey.of_text(Role.OPERATOR, text)


def test_claims_are_signed_over_what_they_say(keys: Keys) -> None:
    """The signature is of header and body, and the id is a hash of the body without it."""
    text = accounts.agency_claims(keys, agency("harbour-house"), NOW)
    head, body, signature = text.split(".")
    claims = jwt.decode(text)
    assert claims["iss"] == keys.operator_signing.public
    signer = nkeys.from_seed(keys.operator_signing.seed.encode())
    padded = signature + "=" * (-len(signature) % 4)
    assert signer.verify(f"{head}.{body}".encode(), base64.urlsafe_b64decode(padded))
    stated = claims.pop("jti")
    whole = json.dumps(claims, separators=(",", ":"), ensure_ascii=False).encode()
    assert stated == base64.b32encode(hashlib.sha256(whole).digest()).decode().rstrip("=")


@pytest.mark.parametrize("text", ["", "a.b", "a.b.c", "a.bnVsbA.c", "a.e30.c"])
def test_other_texts_are_no_claims(text: str) -> None:
    """A file that holds something else is refused without being shown."""
    with pytest.raises(jwt.NotClaims):
        jwt.decode(text)


def test_an_agencys_account_has_no_jetstream_and_only_its_own_token(keys: Keys) -> None:
    """No limit of JetStream, no export, and its own public key in every subject that it reaches."""
    home = agency("harbour-house")
    claims = jwt.decode(accounts.agency_claims(keys, home, NOW))["nats"]
    assert "exports" not in claims
    assert not {"mem_storage", "disk_storage", "streams", "consumer"} & set(claims["limits"])
    assert {one["account"] for one in claims["imports"]} == {keys.hub.public}
    assert all(keys.token(home.id) in one["subject"].split(".") for one in claims["imports"])


def test_every_export_of_the_hub_says_where_the_token_stands(keys: Keys) -> None:
    """An export without the place of the token would be open to every account."""
    token = keys.token("harbour-house")
    imports = jwt.decode(accounts.agency_claims(keys, agency("harbour-house"), NOW))["nats"]["imports"]
    exports = jwt.decode(accounts.hub_claims(keys, NOW))["nats"]["exports"]
    assert {one["name"] for one in exports} == {one["name"] for one in imports}
    for one in exports:
        imported = next(other["subject"] for other in imports if other["name"] == one["name"])
        place = one["account_token_position"] - 1
        assert one["subject"].split(".")[place] == "*"
        assert imported.split(".")[place] == token


def test_the_same_key_store_gives_the_same_keys(vault: MemoryVault) -> None:
    """A replica, or the next start, is the same hub to the servers; another key store is another hub."""
    first, second = keys_from(vault.secret, None, NOW), keys_from(vault.secret, None, NOW + 5)
    assert (first.operator, first.hub, first.system) == (second.operator, second.hub, second.system)
    assert first.token("harbour-house") == second.token("harbour-house") != first.token("northmere-police")
    other = keys_from(MemoryVault().secret, None, NOW)
    assert other.token("harbour-house") != first.token("harbour-house")


def operator_files(folder: Path, vault: MemoryVault, **changes: object) -> OperatorFiles:
    """An operator whose identity key stays elsewhere: its JWT and the signing key that it names."""
    identity, signing = Nkey.of_bytes(Role.OPERATOR, b"i" * 32), Nkey.of_bytes(Role.OPERATOR, b"s" * 32)
    system = keys_from(vault.secret, None, NOW).system.public
    claims = {"signing_keys": [signing.public], "system_account": system, "strict_signing_key_usage": True} | changes
    files = OperatorFiles(folder / "operator.jwt", folder / "signing.nk")
    files.jwt.write_text(jwt.encode("operator", "northmere", identity.public, identity, NOW, claims) + "\n")
    files.signing_key.touch(0o600)
    files.signing_key.write_text(signing.seed + "\n")
    return files


def test_the_operators_identity_can_stay_offline(vault: MemoryVault, tmp_path: Path) -> None:
    """With its JWT and a signing key alone the hub signs accounts; the identity's seed is nowhere here."""
    keys = keys_from(vault.secret, operator_files(tmp_path, vault), NOW)
    assert keys.operator == Nkey.of_bytes(Role.OPERATOR, b"i" * 32).public
    claims = jwt.decode(accounts.agency_claims(keys, agency("harbour-house"), NOW))
    assert claims["iss"] == Nkey.of_bytes(Role.OPERATOR, b"s" * 32).public
    assert keys.operator_jwt in ServerConfig(keys, tmp_path).text(NOW)


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"signing_keys": []}, "does not name the signing key"),
        ({"system_account": "A" * 56}, "system account"),
        ({"strict_signing_key_usage": False}, "strict_signing_key_usage"),
    ],
)
def test_operator_files_that_do_not_fit_are_refused(
    vault: MemoryVault, tmp_path: Path, changes: dict[str, object], says: str
) -> None:
    """Each with what is to be done, and without the seed."""
    files = operator_files(tmp_path, vault, **changes)
    with pytest.raises(KeysUnusable, match=says) as refusal:
        keys_from(vault.secret, files, NOW)
    assert files.signing_key.read_text().strip() not in str(refusal.value)


def test_a_signing_key_that_others_may_read_is_refused(vault: MemoryVault, tmp_path: Path) -> None:
    """A key open to others is not used until somebody has looked."""
    files = operator_files(tmp_path, vault)
    files.signing_key.chmod(0o640)
    with pytest.raises(KeysUnusable, match="chmod 600"):
        keys_from(vault.secret, files, NOW)
    files.signing_key.unlink()
    with pytest.raises(KeysUnusable, match="cannot be read"):
        keys_from(vault.secret, files, NOW)


def test_the_configuration_holds_no_secret_and_syncs_always(keys: Keys, tmp_path: Path) -> None:
    """It may be handed to whoever runs the servers."""
    text = ServerConfig(keys, tmp_path, leaf_port=7422, cluster_port=6222, routes=("nats://two:6222",)).text(NOW)
    assert "\n  sync_interval: always\n" in text
    assert "  type: full\n" in text
    assert "no_auth_user" not in text
    for secret in (keys.operator_signing.seed, keys.hub.signing[0].seed, keys.store_key().hex()):
        assert secret not in text


def test_credentials_need_a_key_and_an_agency_that_is_there(keys: Keys) -> None:
    """Who may not come in by HTTP may not come in over NATS."""
    home = agency("harbour-house")
    assert accounts.agency_creds(keys, home, NOW).startswith("-----BEGIN NATS USER JWT-----\n")
    with pytest.raises(LookupError):
        accounts.agency_creds(keys, agency("harbour-house", active=False), NOW)
    keyless = type(home)(home.id, home.name, home.kind, scopes=home.scopes)
    with pytest.raises(LookupError):
        accounts.agency_creds(keys, keyless, NOW)
