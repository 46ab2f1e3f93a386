"""Signatures: checked by others' code, on the standard's own example."""

import base64
from datetime import UTC, datetime

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from hypothesis import given
from hypothesis import strategies as st
from standardwebhooks import Webhook

from broker.delivery.signature import Keys, sign

_keys = st.builds(Keys, st.binary(min_size=32, max_size=32), st.binary(min_size=32, max_size=32))


def test_the_standards_example_gives_the_standards_signature() -> None:
    """Secret, id, time and payload of the specification give its signature, byte for byte."""
    secret = base64.b64decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    body = b'{"test": 2432232314}'
    signed = sign("msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, body, [Keys(secret, bytes(32))])
    assert signed.split(" ")[0] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


@given(_keys, _keys, st.from_regex(r"[0-9A-Z]{26}", fullmatch=True), st.dictionaries(st.text(), st.text()))
def test_either_key_of_a_rotation_verifies_and_no_other(
    new: Keys, old: Keys, name: str, content: dict[str, str]
) -> None:
    """The official library takes `v1` under each secret, and an independent check takes `v1a` under each public key."""
    import json  # noqa: PLC0415 (what the receiver does)

    body = json.dumps(content).encode()
    timestamp = int(datetime.now(UTC).timestamp())
    header = sign(name, timestamp, body, [new, old])
    headers = {"webhook-id": name, "webhook-timestamp": str(timestamp), "webhook-signature": header}
    for keys in (new, old):
        assert Webhook(keys.secret_text).verify(body.decode(), headers) == content
    signatures = [base64.b64decode(one[4:]) for one in header.split(" ") if one.startswith("v1a,")]
    for keys, signature in zip((new, old), signatures, strict=True):
        public = Ed25519PublicKey.from_public_bytes(base64.b64decode(keys.public_text.removeprefix("whpk_")))
        public.verify(signature, f"{name}.{timestamp}.".encode() + body)


@pytest.mark.parametrize("name", ["", "a.1", "01JD.2"])
def test_an_id_that_could_be_read_as_another_is_not_signed(name: str) -> None:
    """`a` at time 1 and `a.1` without one must not have the same signature."""
    with pytest.raises(ValueError, match="full stop"):
        sign(name, 1, b"{}", [Keys(bytes(32), bytes(32))])


def test_keys_are_never_shown_by_chance() -> None:
    """What is printed or logged of keys shows neither half."""
    assert repr(Keys(b"s" * 32, b"k" * 32)) == "Keys()"
