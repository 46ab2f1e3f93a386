"""Letters into parcels: each message as it will lie in the stream, sealed for its recipient or as a notice."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import orjson

from broker.delivery.jwe import MEDIA_TYPE, NONCE_BYTES, SealingKey
from broker.flows import tracing
from broker.flows.mailbox import line_of
from broker.ports.chance import random_bytes
from broker.ports.records import Position
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
        return self.key is not None or self.agency.nats_content == NOTICE


@dataclass(frozen=True)
class Batch:
    """Parcels ready to be stored, and the traces they go on from."""

    parcels: tuple[Parcel, ...]
    traces: tuple[str | None, ...]


def pack(letters: Iterable[Letter], addresses: Mapping[str, Address], hub: str) -> Batch | None:
    """Pack letters, all of whose recipients are ready, up to the size of a batch; None if there are none."""
    parcels: list[Parcel] = []
    traces: list[str | None] = []
    size = 0
    for letter in letters:
        mail = letter.mail
        address = addresses[mail.recipient]
        kind, body = _content(letter, address, hub)
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


def _content(letter: Letter, address: Address, hub: str) -> tuple[str, bytes]:
    if address.agency.nats_content == NOTICE:
        return NOTICE_TYPE, _notice(letter, hub)
    if address.key is None:
        raise LookupError("a recipient without a channel key is not ready")
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
