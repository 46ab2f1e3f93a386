"""The keys of an agency as commands take them: one that it signs with, one that is encrypted to."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, TypeVar

import typer

from broker.cli.ended import Ended, Exit
from broker.cli.keys import create_encryption_key, create_key, encryption_jwk, public_jwk
from broker.cli.public_key import read_encryption_key, read_public_key
from broker.cli.speech import say

PublicKeyOption = Annotated[
    Path | None, typer.Option("--public-key", metavar="FILE", help="The agency's public key, in PEM or as a JWK.")
]
GenerateOption = Annotated[
    Path | None,
    typer.Option("--generate-key", metavar="FILE", help="Make a key pair and write the private key to this new file."),
]
EncryptionKeyOption = Annotated[
    Path | None,
    typer.Option(
        "--encryption-key",
        metavar="FILE",
        help="The public key that its NATS channel keys are wrapped to: X25519 or P-256, in PEM or as a JWK.",
    ),
]
GenerateEncryptionOption = Annotated[
    Path | None,
    typer.Option(
        "--generate-encryption-key",
        metavar="FILE",
        help="Make that key pair too, and write its private key to this new file.",
    ),
]

Jwk = dict[str, str]
K = TypeVar("K")


@dataclass(frozen=True)
class NewKeys:
    """Public keys (JWK, RFC 7517) that an agency is given."""

    signing: Jwk | None
    encryption: Jwk | None

    def with_former(self, former: tuple[Jwk, ...], *, keep: bool) -> tuple[Jwk, ...]:
        """Return all keys of the agency. A new key ends the former ones of its purpose, unless they are kept.

        The first key for signing is the one under which NATS credentials are given out; the last key for encryption is
        the one that channel keys are wrapped to. Raises Ended where one key would serve both purposes.
        """
        signing, encryption = (
            [key for key in former if (key.get("use") == "enc") is for_encryption] for for_encryption in (False, True)
        )
        if self.signing is not None:
            signing = [self.signing, *_others(signing, self.signing, keep=keep)]
        if self.encryption is not None:
            encryption = [*_others(encryption, self.encryption, keep=keep), self.encryption]
        if {key.get("kid") for key in signing} & {key.get("kid") for key in encryption}:
            raise Ended("one key must not both sign and encrypt: have the agency make another", Exit.WRONG_USAGE)
        return (*signing, *encryption)


def new_keys(
    public_key: Path | None,
    generate_key: Path | None,
    encryption_key: Path | None,
    generate_encryption_key: Path | None,
) -> NewKeys:
    """Read or make the keys that a command was given. Raises Ended; then no key was made for nothing."""
    if public_key is not None and generate_key is not None:
        raise Ended("give --public-key or --generate-key, not both", Exit.WRONG_USAGE)
    if encryption_key is not None and generate_encryption_key is not None:
        raise Ended("give --encryption-key or --generate-encryption-key, not both", Exit.WRONG_USAGE)
    for path in (generate_key, generate_encryption_key):
        if path is not None and path.exists():
            raise _exists(path)
    signing = None if public_key is None else read_public_key(public_key)
    encryption = None if encryption_key is None else read_encryption_key(encryption_key)
    if generate_key is not None:
        signing = public_jwk(_made(generate_key, create_key))
    if generate_encryption_key is not None:
        encryption = encryption_jwk(_made(generate_encryption_key, create_encryption_key))
    return NewKeys(signing, encryption)


def _others(former: list[Jwk], new: Jwk, *, keep: bool) -> list[Jwk]:
    return [key for key in former if key.get("kid") != new["kid"]] if keep else []


def _made(path: Path, create: Callable[[Path], K]) -> K:
    try:
        key = create(path)
    except FileExistsError:
        raise _exists(path) from None
    except OSError as error:
        raise Ended(f"the key cannot be written to {path} ({error.strerror})") from None
    say(f"The private key is in {path}, readable by its owner only. The hub keeps the public half.")
    return key


def _exists(path: Path) -> Ended:
    return Ended(f"{path} exists already: a key is never overwritten, name a new file")
