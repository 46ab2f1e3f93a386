"""Nkeys: Ed25519 keys in the base32 form in which NATS writes them (nats-io/nkeys)."""

from dataclasses import dataclass, field
from enum import Enum

import nkeys


class Role(Enum):
    """Whose key it is: the prefix byte of its text, whose first letter is then O, A, U."""

    OPERATOR = nkeys.PREFIX_BYTE_OPERATOR
    ACCOUNT = nkeys.PREFIX_BYTE_ACCOUNT
    USER = nkeys.PREFIX_BYTE_USER


class NotASeed(ValueError):
    """The text is not the seed of a key of that role."""


@dataclass(frozen=True)
class Nkey:
    """One key pair. Only the public key is shown when it is printed."""

    public: str
    """The public key, 56 characters."""
    seed: str = field(repr=False)
    """The private seed, 58 characters beginning with S."""

    @classmethod
    def of_bytes(cls, role: Role, raw: bytes) -> "Nkey":
        """Make the key of 32 secret bytes. Raises nkeys.ErrInvalidSeedLen for any other length."""
        return cls._of_seed(nkeys.encode_seed(raw, role.value).decode())

    @classmethod
    def of_text(cls, role: Role, text: str) -> "Nkey":
        """Read a seed as written in a file. Raises NotASeed, which never shows what was read."""
        seed = text.strip()
        try:
            key = cls._of_seed(seed)
        except (nkeys.NkeysError, ValueError):
            raise NotASeed("the file does not hold the seed of an nkey") from None
        prefix, raw = nkeys.decode_seed(seed.encode())
        # nkeys does not look at the checksum: the same bytes written again must give the same text.
        if prefix != role.value or nkeys.encode_seed(bytes(raw), prefix).decode() != seed:
            raise NotASeed(f"the file does not hold the seed of an nkey of the role {role.name.lower()}")
        return key

    @classmethod
    def _of_seed(cls, seed: str) -> "Nkey":
        return cls(nkeys.from_seed(seed.encode()).public_key.decode(), seed)

    def sign(self, data: bytes) -> bytes:
        """Return the Ed25519 signature, 64 bytes."""
        signature: bytes = nkeys.from_seed(self.seed.encode()).sign(data)
        return signature
