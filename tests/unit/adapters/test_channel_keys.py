"""What lies in NATS opens for whom it was sealed to, and for nobody and nothing else."""

import asyncio
import json
from base64 import urlsafe_b64encode

import pytest
from joserfc import jwe
from joserfc.jwk import OctKey

from adapters.sdk import EncryptionKey
from adapters.sdk.channel_keys import ChannelKeys, Unreadable
from adapters.sdk.problem import Problem
from broker.delivery.jwe import SealingKey

KID, RAW = "01JD6QK3Z8T0V5W2N4Y6B8C0K1", b"k" * 32
TOLD = {"id": "01JD6QK3Z8T0V5W2N4Y6B8C0E7", "data": {"child": {"name": "Robin Example"}}}
SEALED = SealingKey.of(KID, RAW).seal(json.dumps(TOLD).encode(), b"n" * 12)


class Hub:
    """Hands over one key, wrapped as INTERFACES §2 says."""

    def __init__(self, to: EncryptionKey, gone: bool = False) -> None:
        self.to = to
        self.gone = gone
        self.asked = 0

    async def channel_key(self, kid: str) -> str:
        self.asked += 1
        if self.gone or kid != KID:
            raise Problem("not-found", 404)
        content = json.dumps({"kty": "oct", "k": urlsafe_b64encode(RAW).rstrip(b"=").decode()})
        header = {"alg": "ECDH-ES+A256KW", "enc": "A256GCM"}
        return jwe.encrypt_compact(header, content, self.to.key, algorithms=["ECDH-ES+A256KW", "A256GCM"])


def opened(hub: Hub, body: bytes, *own: EncryptionKey):
    return asyncio.run(ChannelKeys(hub, *own).open(body))


def test_a_key_is_fetched_once_and_opens_every_message_under_it():
    """A night's messages cost one question to the hub."""
    own = EncryptionKey.generate()
    hub = Hub(own)

    async def story() -> None:
        keys = ChannelKeys(hub, own)
        assert [await keys.open(SEALED) for _ in range(3)] == [TOLD] * 3

    asyncio.run(story())
    assert hub.asked == 1


def test_an_agency_that_changes_its_encryption_key_reads_on():
    """While the hub still wraps to the old key, a system that has both opens what comes."""
    old, new = EncryptionKey.generate(), EncryptionKey.generate()
    assert opened(Hub(old), SEALED, new, old) == TOLD


def test_a_key_file_that_was_kept_is_the_same_key():
    """What was registered is what the file holds, and says that it is for encryption."""
    own = EncryptionKey.generate()
    again = EncryptionKey.from_text(own.private_jwk())
    assert again.public_jwk() == own.public_jwk()
    assert again.public_jwk()["use"] == "enc"
    assert "d" not in again.public_jwk()


def test_nobody_elses_key_and_no_erased_key_opens_anything():
    """A key wrapped to another agency, or erased by the hub, leaves the message closed."""
    own = EncryptionKey.generate()
    with pytest.raises(Unreadable, match="another encryption key"):
        opened(Hub(EncryptionKey.generate()), SEALED, own)
    with pytest.raises(Unreadable, match="no more"):
        opened(Hub(own, gone=True), SEALED, own)


@pytest.mark.parametrize(
    "header",
    [
        {"alg": "dir", "enc": "A128GCM", "kid": KID},
        {"alg": "none", "enc": "A256GCM", "kid": KID},
        {"alg": "dir", "enc": "A256GCM", "kid": KID, "zip": "DEF"},
        {"alg": "dir", "enc": "A256GCM", "kid": KID, "crit": ["b64"]},
        {"alg": "dir", "enc": "A256GCM"},
        [],
    ],
)
def test_another_algorithm_is_never_tried(header):
    """A message that asks for something weaker, or something more, is not opened, and no key is asked for."""
    hub = Hub(own := EncryptionKey.generate())
    named = urlsafe_b64encode(json.dumps(header).encode()).rstrip(b"=")
    with pytest.raises(Unreadable):
        opened(hub, b".".join([named, *SEALED.split(b".")[1:]]), own)
    assert hub.asked == 0


def test_no_changed_byte_passes():
    """Any change to header, nonce, text or tag leaves the message closed, and the error holds nothing of it."""
    own = EncryptionKey.generate()
    for place in range(0, len(SEALED), 3):
        changed = bytes([SEALED[place] ^ 1])
        with pytest.raises(Unreadable) as refused:
            opened(Hub(own), SEALED[:place] + changed + SEALED[place + 1 :], own)
        assert "Robin" not in str(refused.value)
    other = jwe.encrypt_compact({"alg": "dir", "enc": "A256GCM", "kid": KID}, b"{}", OctKey.import_key(b"x" * 32))
    with pytest.raises(Unreadable):
        opened(Hub(own), other.encode(), own)
