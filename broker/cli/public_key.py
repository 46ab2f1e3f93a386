"""An agency's public key, read from the file that the agency sends: PEM, or a JWK (RFC 7517)."""

import json
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, JWKRegistry, Key, OKPKey, RSAKey

from broker.cli.ended import Ended, Exit
from broker.flows.channel_keys import is_wrapping_key
from broker.web.assertions import signing_key

_PRIVATE_MEMBERS = frozenset({"d", "p", "q", "dp", "dq", "qi", "k"})


def read_public_key(path: Path) -> dict[str, str]:
    """Return the key as a JWK with its RFC 7638 thumbprint as kid. Raises Ended for anything but a public key.

    Taken are Ed25519 (which alone can sign protocols), P-256, and RSA of at least 2048 bits.
    """
    try:
        jwk, kid = _read(path)
        signing_key(jwk)
    except _UNREADABLE:
        raise Ended(
            "the public key is an Ed25519, P-256 or RSA key (2048 bits or more), in PEM or as a JWK", Exit.WRONG_USAGE
        ) from None
    return jwk | {"kid": kid}


def read_encryption_key(path: Path) -> dict[str, str]:
    """Return the key that an agency's channel keys are wrapped to, in the same way: X25519 or P-256."""
    try:
        jwk, kid = _read(path)
    except _UNREADABLE:
        jwk, kid = {}, ""
    jwk |= {"use": "enc", "kid": kid}
    if not is_wrapping_key(jwk):
        raise Ended("the encryption key is a public X25519 or P-256 key, in PEM or as a JWK", Exit.WRONG_USAGE)
    return jwk


_UNREADABLE = (ValueError, TypeError, KeyError, JoseError)
_PRIVATE = "this file holds a private key, which its agency keeps to itself: ask for the public one"


def _read(path: Path) -> tuple[dict[str, str], str]:
    """Return the public members of a key without its purpose, and its thumbprint."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeError):
        raise Ended(f"the public key file {path} cannot be read", Exit.WRONG_USAGE) from None
    if "PRIVATE KEY" in text:
        raise Ended(_PRIVATE, Exit.WRONG_USAGE)
    key = _from_jwk(text) if text.lstrip().startswith("{") else _from_pem(text)
    members = key.as_dict(private=False).items()
    return {name: str(value) for name, value in members if name not in ("use", "key_ops", "kid")}, key.thumbprint()


def _from_jwk(text: str) -> Key:
    document: dict[str, Any] = json.loads(text)
    if not _PRIVATE_MEMBERS.isdisjoint(document):
        raise Ended(_PRIVATE, Exit.WRONG_USAGE)
    return JWKRegistry.import_key(document)


def _from_pem(text: str) -> Key:
    key = load_pem_public_key(text.encode())
    if isinstance(key, Ed25519PublicKey | X25519PublicKey):
        return OKPKey.import_key(key)
    if isinstance(key, EllipticCurvePublicKey):
        return ECKey.import_key(key)
    if isinstance(key, RSAPublicKey):
        return RSAKey.import_key(key)
    raise ValueError("another kind of key")
