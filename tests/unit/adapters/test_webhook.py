"""An agency's system takes what the hub signed, and nothing else."""

import asyncio
import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.sdk.webhook import Message, WebhookRefused, verify_webhook
from broker.delivery.signature import Keys, sign

PAGE = Path(__file__).parents[3] / "docs" / "how-to" / "receive-webhooks.md"
KEYS, OTHER = Keys(b"s" * 32, b"k" * 32), Keys(b"t" * 32, b"l" * 32)
NAME = "01JD6QK3Z8T0V5W2N4Y6B8C0E7"
NOW = datetime(2026, 11, 22, 21, 40, tzinfo=UTC)
EVENT: dict[str, Any] = {
    "specversion": "1.0",
    "id": NAME,
    "source": "//hub.northmere.example/agencies/harbour-house",
    "type": "concordat.child.located.v1",
    "subject": "episode/01JD6QK3Z8T0V5W2N4Y6B8C0CX",
    "concordatsequence": "1.7",
    "data": {"located_at": "2026-11-22T21:39:00Z"},
}
BODY = json.dumps(EVENT).encode()


def signed(body: bytes = BODY, at: datetime = NOW, keys: Keys = KEYS, name: str = NAME) -> dict[str, str]:
    timestamp = int(at.timestamp())
    return {
        "Webhook-Id": name,
        "Webhook-Timestamp": str(timestamp),
        "Webhook-Signature": sign(name, timestamp, body, [keys]),
    }


@pytest.mark.parametrize("key", [KEYS.secret_text, KEYS.public_text])
def test_either_key_is_enough(key: str) -> None:
    """With the secret or the public key alone a system reads the message and its place."""
    message = verify_webhook(signed(), BODY, [OTHER.secret_text, key], now=NOW)
    assert (message.id, message.type, str(message.position)) == (NAME, EVENT["type"], "1.7")
    assert message.data == EVENT["data"]


@pytest.mark.parametrize("minutes", [-5.1, 5.1, 60 * 24 * 365])
def test_a_recording_is_refused(minutes: float) -> None:
    """A message of more than five minutes ago, or from the future, is not taken, though its signature holds."""
    with pytest.raises(WebhookRefused, match="too old"):
        verify_webhook(signed(), BODY, [KEYS.secret_text], now=NOW + timedelta(minutes=minutes))


@given(st.data())
def test_whatever_is_changed_is_refused(data: st.DataObject) -> None:
    """One byte of the body, the id, the time or another key: nothing is taken, and nothing of it is repeated."""
    headers, body, key = signed(), bytearray(BODY), data.draw(st.sampled_from([KEYS.secret_text, KEYS.public_text]))
    match data.draw(st.sampled_from(["body", "id", "time", "key"])):
        case "body":
            body[data.draw(st.integers(0, len(body) - 1))] ^= data.draw(st.integers(1, 255))
        case "id":
            headers["Webhook-Id"] = NAME[::-1]
        case "time":
            headers["Webhook-Timestamp"] = str(int(NOW.timestamp()) + 1)
        case _:
            key = data.draw(st.sampled_from([OTHER.secret_text, OTHER.public_text]))
    with pytest.raises(WebhookRefused) as refused:
        verify_webhook(headers, bytes(body), [key], now=NOW)
    assert NAME not in str(refused.value)


@given(
    st.fixed_dictionaries(
        {},
        optional={
            "webhook-id": st.text(max_size=40),
            "webhook-timestamp": st.text(max_size=20) | st.integers(-(10**14), 10**14).map(str),
            "webhook-signature": st.text(max_size=200) | st.just("v1, v1a, v1,= v1a,AAAA v2,x"),
        },
    ),
    st.binary(max_size=50),
)
def test_nonsense_is_refused_in_one_way(headers: dict[str, str], body: bytes) -> None:
    """Whatever a stranger sends, it ends in a refusal and in no other error."""
    with pytest.raises(WebhookRefused):
        verify_webhook(headers, body, [KEYS.secret_text, KEYS.public_text], now=NOW)


@pytest.mark.parametrize("body", [b"", b"[]", b'{"id": 1}', b"not json", b"\xff", b"[" * 100_000])
def test_what_is_signed_and_no_message_is_refused(body: bytes) -> None:
    """A signature over something that is not a CloudEvent is of no use."""
    with pytest.raises(WebhookRefused, match="not a CloudEvent"):
        verify_webhook(signed(body), body, [KEYS.secret_text], now=NOW)


def test_the_header_cannot_give_a_message_another_id() -> None:
    """What makes it the same message must be what was decided in the hub: header and event agree."""
    with pytest.raises(WebhookRefused, match="not the same"):
        verify_webhook(signed(name=NAME[::-1]), BODY, [KEYS.secret_text], now=NOW)


@pytest.mark.parametrize("key", ["", "whsec_", "whsec_*", "whpk_AAAA", "whsk_AAAA", "secret"])
def test_a_key_that_is_none_is_an_error_of_the_system_itself(key: str) -> None:
    """A mistake in the configuration is found with the first message and not taken for an attack."""
    with pytest.raises(ValueError, match="whsec_"):
        verify_webhook(signed(), BODY, [key], now=NOW)


def test_the_pages_code_does_what_the_page_says() -> None:
    """A developer who copies the page stores a message once, and answers a stranger 400."""
    names: dict[str, Any] = {}
    for block in re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL):
        exec(block, names)  # noqa: S102 (our own page)
    kept: dict[str, Message] = {}

    def store(message: Message) -> None:
        kept[message.id] = message

    headers = signed(at=datetime.now(UTC))
    for _ in range(2):
        assert names["take"](headers, BODY, [KEYS.secret_text], kept.__contains__, store) == 200
    assert names["take"](headers, BODY + b" ", [KEYS.secret_text], kept.__contains__, store) == 400
    assert list(kept) == [NAME]
    app = names["application"]([KEYS.public_text], store)

    async def story() -> None:
        transport = httpx2.ASGITransport(app=app)
        async with httpx2.AsyncClient(transport=transport, base_url="http://desk.example") as client:
            kept.clear()
            assert (await client.post("/concordat", content=BODY, headers=headers)).status_code == 200
            assert list(kept) == [NAME]
            assert (await client.post("/concordat", content=BODY + b" ", headers=headers)).status_code == 400
            assert (await client.post("/concordat", content=b" " * 2**21, headers=headers)).status_code == 413

    asyncio.run(story())
