"""Private keys of agencies, as files that only their owner can read, and what is signed with them."""

from contextlib import suppress
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from joserfc.jwk import OKPKey

from broker.private_file import create_private
from contracts.canonical import b64url
from contracts.protocol import signed_bytes, thumbprint


def load_or_create_key(path: Path) -> Ed25519PrivateKey:
    """Read an Ed25519 private key (PEM, PKCS #8), making one first if there is no such file."""
    if not path.exists():
        _create(path, Ed25519PrivateKey.generate())
    return load_key(path)


def load_or_create_encryption_key(path: Path) -> X25519PrivateKey:
    """Do the same with an X25519 private key, which channel keys are wrapped to; ValueError for another kind of key."""
    if not path.exists():
        _create(path, X25519PrivateKey.generate())
    key = serialization.load_pem_private_key(path.read_bytes(), password=None)
    if not isinstance(key, X25519PrivateKey):
        raise ValueError("the key file must hold an X25519 private key in PEM (PKCS #8)")  # noqa: TRY004 (bad content)
    return key


def _create(path: Path, key: Ed25519PrivateKey | X25519PrivateKey) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    with suppress(FileExistsError):
        create_private(path, pem)


def create_key(path: Path) -> Ed25519PrivateKey:
    """Make an Ed25519 private key in a new file; FileExistsError, and nothing written, if there is such a file."""
    if path.exists():
        raise FileExistsError
    return load_or_create_key(path)


def create_encryption_key(path: Path) -> X25519PrivateKey:
    """Make an X25519 private key in a new file, under the same condition."""
    if path.exists():
        raise FileExistsError
    return load_or_create_encryption_key(path)


def key_file(keys: Path, agency: str) -> Path:
    """Return where the private key of an agency is kept in a folder of keys."""
    return keys / f"{agency}.pem"


def encryption_key_file(keys: Path, agency: str) -> Path:
    """Return where the private key that an agency's channel keys are wrapped to is kept in a folder of keys."""
    return keys / f"{agency}.enc.pem"


def load_key(path: Path) -> Ed25519PrivateKey:
    """Read an Ed25519 private key; ValueError if the file holds anything else."""
    key = serialization.load_pem_private_key(path.read_bytes(), password=None)
    if not isinstance(key, Ed25519PrivateKey):
        raise ValueError("the key file must hold an Ed25519 private key in PEM (PKCS #8)")  # noqa: TRY004 (bad content)
    return key


def public_jwk(key: Ed25519PrivateKey) -> dict[str, str]:
    """Return the public key as a JWK (RFC 8037), its kid the RFC 7638 thumbprint."""
    jwk = {"kty": "OKP", "crv": "Ed25519", "x": b64url(key.public_key().public_bytes_raw())}
    return jwk | {"kid": thumbprint(jwk)}


def encryption_jwk(key: X25519PrivateKey) -> dict[str, str]:
    """Return the public key as a JWK for encryption alone, its kid the RFC 7638 thumbprint."""
    jwk = OKPKey.import_key(key.public_key())
    return {name: str(jwk.as_dict(private=False)[name]) for name in ("kty", "crv", "x")} | {
        "use": "enc",
        "kid": jwk.thumbprint(),
    }


def signature_over(document: dict[str, Any], agency: str, key: Ed25519PrivateKey) -> dict[str, str]:
    """Return an agency's signature of a protocol document, as it stands under `signatures`."""
    return {"agency": agency, "key": public_jwk(key)["kid"], "signature": b64url(key.sign(signed_bytes(document)))}


def write_secret(path: Path, text: str) -> None:
    """Write a new file that only its owner can read; FileExistsError, and nothing written, if there is such a file."""
    create_private(path, text.encode())
