"""Letters into parcels: each message as it will lie in the stream, sealed for its recipient or as a notice."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

import orjson

from broker.delivery.jwe import MEDIA_TYPE, NONCE_BYTES, SealingKey
from broker.flows import tracing
from broker.flows.mailbox import line_of
from broker.ports.chance import random_bytes
from broker.ports.records import MailRecord, Position
from broker.ports.relay import Letter, Parcel
from contracts.agency import Agency
from contracts.envelope import rfc3339

MOST_BYTES = 8 * 1024 * 1024
"""Of the bodies in one batch."""
MOST_BODY_BYTES = 1_000_000
"""Of one body. NATS servers take messages of up to 1 MiB with their headers, and close the line on a larger one."""
NOTICE = "notice"
NOTICE_TYPE = "application/cloudevents+json"


@dataclass(frozen=True)
class Address:
    """Where a recipient's mail goes, and how it lies there."""

    agency: Agency
    token: str
    """Public key of the recipient's account."""
    key: SealingKey | None
    """The present channel key; None where notices are sent, or the agency has none yet."""

    @property
    def is_ready(self) -> bool:
        """Whether a message can be packed for it."""
        return self.key is not None or self.wants_notices

    @property
    def wants_notices(self) -> bool:
        """Whether it is sent ids and types only."""
        return self.agency.nats_content == NOTICE


@dataclass(frozen=True)
class Batch:
    """Parcels ready to be stored, and the traces they go on from."""

    parcels: tuple[Parcel, ...]
    traces: tuple[str | None, ...]


class Sealed(NamedTuple):
    """A message that was sealed before it was committed."""

    key: SealingKey
    mail: MailRecord
    body: bytes


def seal_ahead(letters: Iterable[Letter], keys: Mapping[str, SealingKey], hub: str) -> dict[str, Sealed]:
    """Seal what may be about to come, for those who have a key; return it by disclosure."""
    return {
        mail.disclosure: Sealed(key, mail, key.seal(line_of(mail, hub), random_bytes(NONCE_BYTES)))
        for mail, _ in letters
        if (key := keys.get(mail.recipient)) is not None
    }


def pack(
    letters: Iterable[Letter], addresses: Mapping[str, Address], hub: str, ahead: Mapping[str, Sealed] | None = None
) -> Batch | None:
    """Pack letters, all of whose recipients are ready, up to the size of a batch; None if there are none.

    `ahead` is what has been sealed already; it is used where message and key are the same still.
    """
    parcels: list[Parcel] = []
    traces: list[str | None] = []
    size = 0
    for letter in letters:
        mail = letter.mail
        address = addresses[mail.recipient]
        kind, body = _content(letter, address, hub, (ahead or {}).get(mail.disclosure))
        size += len(body)
        if parcels and size > MOST_BYTES:
            break
        position = Position(mail.generation, mail.number)
        headers = {
            "Nats-Msg-Id": mail.disclosure,
            "Concordat-Sequence": str(position),
            "Content-Type": kind,
            "traceparent": tracing.new(),
        }
        parcels.append(Parcel(mail.recipient, address.token, mail.type, position, headers, body))
        traces.append(letter.trace)
    return Batch(tuple(parcels), tuple(traces)) if parcels else None


def _content(letter: Letter, address: Address, hub: str, ahead: Sealed | None) -> tuple[str, bytes]:
    if address.wants_notices:
        return NOTICE_TYPE, _notice(letter, hub)
    if address.key is None:
        raise LookupError("a recipient without a channel key is not ready")
    if ahead is not None and ahead.key is address.key and ahead.mail == letter.mail:
        body = ahead.body
    else:
        body = address.key.seal(line_of(letter.mail, hub), random_bytes(NONCE_BYTES))
    # A long history may be larger than the stream takes: it must not keep what comes behind it from everybody.
    return (MEDIA_TYPE, body) if len(body) <= MOST_BODY_BYTES else (NOTICE_TYPE, _notice(letter, hub))


def _notice(letter: Letter, hub: str) -> bytes:
    """Return ids and type only: for a recipient that asked for no more, or of a message that is too large."""
    mail = letter.mail
    return orjson.dumps(
        {
            "specversion": "1.0",
            "id": mail.disclosure,
            "source": hub,
            "type": mail.type,
            "subject": mail.subject,
            "time": rfc3339(mail.at),
            "concordatsequence": f"{mail.generation}.{mail.number}",
        }
    )
