"""A private key as an agency has it: in PEM (PKCS #8) or as a JWK (RFC 7517)."""

import json
from collections.abc import Collection

from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, OKPKey


class UnusableKey(ValueError):
    """The key file holds no private key of the kind that is needed. Says what is, and nothing of its content."""


def read_private_key(text: str, curves: Collection[str], needed: str) -> OKPKey | ECKey:
    """Read a private key on one of these curves. Raises UnusableKey; `needed` says in words what would do."""
    key = _from_jwk(text) if text.lstrip().startswith("{") else _from_pem(text)
    if key is None or not key.is_private or key.curve_name not in curves:
        raise UnusableKey(needed)
    return key


def _from_jwk(text: str) -> OKPKey | ECKey | None:
    try:
        document = json.loads(text)
        kind = document.get("kty")
        if kind == "OKP":
            return OKPKey.import_key(document)
        if kind == "EC":
            return ECKey.import_key(document)
    except (ValueError, TypeError, KeyError, AttributeError, JoseError):
        raise UnusableKey("the key file is not a JWK (RFC 7517)") from None
    return None


def _from_pem(text: str) -> OKPKey | ECKey | None:
    try:
        key = load_pem_private_key(text.encode(), password=None)
    except (ValueError, TypeError):
        raise UnusableKey("the key file is neither a JWK nor an unencrypted PEM private key") from None
    if isinstance(key, Ed25519PrivateKey | X25519PrivateKey):
        return OKPKey.import_key(key)
    if isinstance(key, EllipticCurvePrivateKey) and isinstance(key.curve, SECP256R1):
        return ECKey.import_key(key)
    return None
