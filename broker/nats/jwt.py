"""Claims as NATS reads them: a JWT of algorithm `ed25519-nkey` (nats-io/jwt, version 2)."""

import base64
import hashlib
import json
from typing import Any

from broker.nats.nkey import Nkey
from contracts.canonical import b64url

VERSION = 2
_HEADER = b64url(json.dumps({"typ": "JWT", "alg": "ed25519-nkey"}, separators=(",", ":")).encode())


def encode(kind: str, name: str, subject: str, signer: Nkey, issued_at: int, claims: dict[str, Any]) -> str:
    """Return signed claims about a public key.

    `kind` is operator, account or user; `issued_at` is in seconds since 1970. The `jti` is a hash of the rest, as the
    server's own tools make it.
    """
    body: dict[str, Any] = {
        "iat": issued_at,
        "iss": signer.public,
        "name": name,
        "sub": subject,
        "nats": claims | {"type": kind, "version": VERSION},
    }
    digest = hashlib.sha256(_compact(body)).digest()
    body["jti"] = base64.b32encode(digest).decode().rstrip("=")
    unsigned = f"{_HEADER}.{b64url(_compact(body))}"
    return f"{unsigned}.{b64url(signer.sign(unsigned.encode()))}"


class NotClaims(ValueError):
    """The text is not a JWT as NATS writes them."""


def decode(text: str) -> dict[str, Any]:
    """Read the body of a JWT without looking at its signature: for texts that the operator of the hub hands in.

    Raises NotClaims, which never shows what was read.
    """
    try:
        _, body, _ = text.strip().split(".")
        decoded = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
    except ValueError:
        raise NotClaims("the file does not hold a JWT") from None
    if not isinstance(decoded, dict) or not isinstance(decoded.get("nats"), dict):
        raise NotClaims("the file does not hold a JWT of NATS")
    return decoded


def creds(jwt: str, user: Nkey) -> str:
    """Return the text of a `.creds` file: the user's claims and its seed, as NATS clients read them."""
    return (
        f"-----BEGIN NATS USER JWT-----\n{jwt}\n------END NATS USER JWT------\n\n"
        f"-----BEGIN USER NKEY SEED-----\n{user.seed}\n------END USER NKEY SEED------\n"
    )


def _compact(value: Any) -> bytes:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode()
