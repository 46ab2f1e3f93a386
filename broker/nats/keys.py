"""The keys of the operator, of the accounts and of their users.

All of them are made from the hub's key store, so that every replica has the same ones and nothing new has to be kept:
operator (identity and signing key), the accounts SYS and HUB, and one account per agency. The server is told to take
nothing that is signed by an identity key (`strict_signing_key_usage`): accounts are signed by the operator's signing
key, users by their account's. An account's identity is therefore a name, never a power.

The operator's identity key can be kept offline: then its JWT, which names the signing key, and that signing key are
given as files.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from broker.nats.jwt import NotClaims, decode, encode
from broker.nats.nkey import Nkey, NotASeed, Role
from contracts.agency import Agency

_OTHERS = 0o077
_OPERATOR = "concordat"


class KeysUnusable(Exception):
    """The operator's files must not or cannot be used. The text says what to do."""


@dataclass(frozen=True)
class OperatorFiles:
    """What stays online when the operator's identity key does not."""

    jwt: Path
    """The operator's JWT, signed by the identity key; it names the signing key and SYS."""
    signing_key: Path
    """The seed of the signing key, readable by its owner only."""


@dataclass(frozen=True)
class Account:
    """One account: its name in claims, its identity, and the keys whose users it takes."""

    name: str
    public: str
    """The account's public key: the token of an agency in the hub's subjects, and the name of its durable."""
    signing: tuple[Nkey, ...] = field(repr=False)


@dataclass(frozen=True)
class Keys:
    """Every key that the hub holds for NATS."""

    operator: str
    """The operator's public identity key."""
    operator_signing: Nkey = field(repr=False)
    operator_jwt: str = field(repr=False)
    secret: Callable[[str], bytes] = field(repr=False)
    """The hub's key store: 32 bytes by name."""

    @property
    def system(self) -> Account:
        """The account of the server's own subjects."""
        return _reserved(self.secret, "SYS")

    @property
    def hub(self) -> Account:
        """The only account with JetStream."""
        return _reserved(self.secret, "HUB")

    def agency(self, agency: Agency) -> Account:
        """Return an agency's account: one signing key for each of its registered keys.

        So `agency rotate` takes away, with the old key, every credential that was given out under it.
        """
        signing = tuple(
            Nkey.of_bytes(Role.ACCOUNT, self.secret(f"nats/signing/{agency.id}/{key['kid']}"))
            for key in agency.keys
            if key.get("use", "sig") == "sig"  # a key for encryption is no way in
        )
        return Account(agency.id, self.token(agency.id), signing)

    def token(self, agency_id: str) -> str:
        """Return the public key of an agency's account. It stays the same as long as the agency."""
        return _identity(self.secret, f"agency/{agency_id}").public

    def user(self, account: Account, signing: Nkey) -> Nkey:
        """Return the one user that a signing key stands for."""
        return Nkey.of_bytes(Role.USER, self.secret(f"nats/user/{account.name}/{signing.public}"))

    def store_key(self) -> bytes:
        """Return the 32 bytes that the embedded server's streams are encrypted under."""
        return self.secret("nats/jetstream")


def keys_from(secret: Callable[[str], bytes], files: OperatorFiles | None, issued_at: int) -> Keys:
    """Return the hub's keys, the operator's from files if there are some.

    `issued_at` is in seconds since 1970. Raises KeysUnusable for files that do not belong together or that others may
    read, and what `secret` raises.
    """
    if files is not None:
        return _from_files(secret, files)
    identity = Nkey.of_bytes(Role.OPERATOR, secret("nats/operator"))
    signing = Nkey.of_bytes(Role.OPERATOR, secret("nats/operator-signing"))
    claims = {
        "signing_keys": [signing.public],
        "system_account": _identity(secret, "SYS").public,
        "strict_signing_key_usage": True,
    }
    jwt = encode("operator", _OPERATOR, identity.public, identity, issued_at, claims)
    return Keys(identity.public, signing, jwt, secret)


def _from_files(secret: Callable[[str], bytes], files: OperatorFiles) -> Keys:
    try:
        if files.signing_key.stat().st_mode & _OTHERS:
            raise KeysUnusable("the operator's signing key is open to others: chmod 600 it, and think who read it")
        jwt = files.jwt.read_text("ascii").strip()
        claims = decode(jwt)
        signing = Nkey.of_text(Role.OPERATOR, files.signing_key.read_text("ascii"))
    except (NotClaims, NotASeed, UnicodeDecodeError) as error:
        raise KeysUnusable(f"the operator's files for NATS cannot be used: {error}") from None
    except OSError as error:
        raise KeysUnusable(f"the operator's files for NATS cannot be read ({error.strerror})") from None
    nats = claims["nats"]
    if nats.get("type") != "operator" or signing.public not in nats.get("signing_keys", []):
        raise KeysUnusable("the operator's JWT does not name the signing key that was given with it")
    if not nats.get("strict_signing_key_usage"):
        raise KeysUnusable("the operator's JWT must say strict_signing_key_usage: else a stolen name would be a power")
    if nats.get("system_account") != _identity(secret, "SYS").public:
        raise KeysUnusable(
            f"the operator's JWT must name this hub's system account {_identity(secret, 'SYS').public}: sign it anew"
        )
    return Keys(str(claims["sub"]), signing, jwt, secret)


def _identity(secret: Callable[[str], bytes], name: str) -> Nkey:
    return Nkey.of_bytes(Role.ACCOUNT, secret(f"nats/account/{name}"))


def _reserved(secret: Callable[[str], bytes], name: str) -> Account:
    signing = Nkey.of_bytes(Role.ACCOUNT, secret(f"nats/signing-of/{name}"))
    return Account(name, _identity(secret, name).public, (signing,))
