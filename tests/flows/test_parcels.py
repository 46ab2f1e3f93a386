"""What was sealed before it was committed is sent as it is only if it is still what is to be sent, to whom, and under
which key."""

from datetime import UTC, datetime

import pytest

from broker.delivery.jwe import MEDIA_TYPE, SealingKey
from broker.flows.parcels import Address, pack, seal_ahead
from broker.ports.records import MailRecord, Scope
from broker.ports.relay import Letter
from contracts.agency import Agency
from contracts.vocabulary import AgencyKind

HUB = "//hub.northmere.example/hub"
POLICE = Agency("northmere-police", "Northmere Police", AgencyKind.POLICE_FORCE)
KEY, NEXT_KEY = SealingKey.of("one", bytes(32)), SealingKey.of("two", bytes(range(32)))
LETTER = Letter(
    MailRecord(
        recipient=POLICE.id,
        generation=1,
        number=7,
        disclosure="01JD6QK3Z8T0V5W2N4Y6B8C0D1",
        type="concordat.risk.changed.v1",
        subject="episode/01JD6QK3Z8T0V5W2N4Y6B8C0CX",
        scope=Scope("episode/01JD6QK3Z8T0V5W2N4Y6B8C0CX", "harbour-house"),
        content=b'{"invented":true}',
        at=datetime(2026, 11, 22, 21, 40, tzinfo=UTC),
    ),
    None,
)


def packed(letter, key, ahead):
    batch = pack([letter], {POLICE.id: Address(POLICE, "AKEY", key)}, HUB, ahead)
    (parcel,) = batch.parcels
    assert parcel.headers["Content-Type"] == MEDIA_TYPE
    return parcel.body


def test_it_is_sent_as_it_was_sealed():
    """Sealing is done once."""
    ahead = seal_ahead([LETTER], {POLICE.id: KEY}, HUB)
    assert packed(LETTER, KEY, ahead) == ahead[LETTER.mail.disclosure].body


@pytest.mark.parametrize(
    ("letter", "key"),
    [
        (LETTER, NEXT_KEY),
        (Letter(LETTER.mail._replace(number=8), None), KEY),
        (Letter(LETTER.mail._replace(content=b'{"invented":false}'), None), KEY),
        (Letter(LETTER.mail._replace(disclosure="01JD6QK3Z8T0V5W2N4Y6B8C0D2"), None), KEY),
    ],
    ids=["under a key that was replaced", "in another place", "with other content", "another message"],
)
def test_it_is_sealed_anew_where_anything_has_changed(letter, key):
    """A commit that was made again may have given it another place; a key may have been rotated meanwhile."""
    ahead = seal_ahead([LETTER], {POLICE.id: KEY}, HUB)
    body = packed(letter, key, ahead)
    assert body != ahead[LETTER.mail.disclosure].body
    assert body.startswith(key.header)


def test_who_has_no_key_gets_nothing_sealed():
    """Notices are written when they are sent."""
    assert seal_ahead([LETTER], {}, HUB) == {}
