"""Messages under a channel key: JWE compact (RFC 7516) with `dir` and A256GCM (RFC 7518, sections 4.5 and 5.3).

    BASE64URL(header) ‖ '..' ‖ BASE64URL(nonce) ‖ '.' ‖ BASE64URL(ciphertext) ‖ '.' ‖ BASE64URL(tag)

The key is used as it is, so that the middle part, the encrypted key, is empty. The header is the same for every
message under a key and is made once.
"""

from base64 import urlsafe_b64encode
from dataclasses import dataclass, field

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

MEDIA_TYPE = "application/jose"
KEY_BYTES = 32
NONCE_BYTES = 12
_TAG_BYTES = 16


@dataclass(frozen=True)
class SealingKey:
    """A channel key ready for use."""

    kid: str
    header: bytes = field(repr=False)
    """The protected header in BASE64URL: also the associated data."""
    cipher: AESGCM = field(repr=False)

    @classmethod
    def of(cls, kid: str, key: bytes) -> "SealingKey":
        """Make one of 32 bytes; ValueError for another length. `kid` is an id without quotes or backslashes."""
        if len(key) != KEY_BYTES:
            raise ValueError(f"a channel key has {KEY_BYTES} bytes")
        return cls(kid, _b64(f'{{"alg":"dir","enc":"A256GCM","kid":"{kid}"}}'.encode()), AESGCM(key))

    def seal(self, plaintext: bytes, nonce: bytes) -> bytes:
        """Return the JWE in compact form. The nonce is 12 random bytes, never used twice under one key."""
        sealed = self.cipher.encrypt(nonce, plaintext, self.header)
        body, tag = sealed[:-_TAG_BYTES], sealed[-_TAG_BYTES:]
        return b"..".join((self.header, b".".join((_b64(nonce), _b64(body), _b64(tag)))))


def _b64(raw: bytes) -> bytes:
    return urlsafe_b64encode(raw).rstrip(b"=")
