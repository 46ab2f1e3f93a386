"""Step 1 of the one path: is it an event, is it theirs, and have we had it before?"""

from dataclasses import dataclass, replace
from typing import Any

import orjson

from broker.casework.episode import Episode
from broker.casework.placement import Placement
from broker.casework.refusal import Refused
from broker.flows.draft import Draft
from broker.flows.parts import Parts
from broker.flows.versions import newest
from broker.ledger.canonical import canonical_bytes, has_fraction
from broker.ports.records import Scope
from broker.sharing.selectors import unmatched
from contracts.agency import Agency
from contracts.canonical import canonical
from contracts.catalogue import leaves_of
from contracts.disclosure import Receipt
from contracts.envelope import MAX_EVENT_BYTES, Subject
from contracts.events.base import Contract
from contracts.events.prevention import PlacementNotified
from contracts.events.report import EpisodeOpened
from contracts.parse import Fault, InvalidEvent, ParsedEvent, parse_event

_TRACE = frozenset({"traceparent", "tracestate"})


class TooLarge(Exception):
    """An event is larger than 256 KiB. Nothing of it is kept."""


@dataclass(frozen=True)
class Incoming:
    """An event as it was sent, and as it was understood."""

    document: dict[str, Any]
    """The CloudEvent in the newest version of its type."""
    event: ParsedEvent
    sent: dict[str, Any]
    """The CloudEvent as it was sent."""
    fractions: bool
    """Whether a number in the data may have a fraction."""

    def __reduce__(self) -> tuple[Any, ...]:
        # From process to process go the octets: to write and read them takes a third of the time that it takes
        # to take a typed event apart and to put it together.
        sent = None if self.sent is self.document else orjson.dumps(self.sent)
        return _read_again, (orjson.dumps(self.document), sent, self.fractions)

    @property
    def received_type(self) -> str:
        """The event type, in the version in which it was sent."""
        return str(self.sent["type"])


@dataclass(frozen=True)
class Checked:
    """An event that may go on, with the case it belongs to."""

    publisher: Agency
    event: ParsedEvent
    """The event under its resolved subject."""
    source: str
    mac: bytes
    subject: Subject
    episode: Episode | None
    placement: Placement | None
    scope: Scope


def read(document: object) -> Incoming:
    """Understand one CloudEvent parsed from JSON; InvalidEvent or TooLarge otherwise."""
    event = parse_event(document)
    if not event.contract.lifecycle.is_accepted:
        words = f"this event type is {event.contract.lifecycle.status}: the catalogue of events says which to publish"
        raise InvalidEvent((Fault("/type", "not_accepted", words),))
    if unmatched(event.envelope.audience().fields, leaves_of(event.contract.type)):
        # A slip in a path would keep nothing back, and the publisher would not know.
        words = "a -field: mark names no field of this event type: see the type's schema for its paths"
        raise InvalidEvent((Fault("/concordataudience", "unknown_field", words),))
    assert isinstance(document, dict)  # noqa: S101 (parse_event refuses anything else)
    if len(orjson.dumps(document)) > MAX_EVENT_BYTES:
        raise TooLarge
    current, as_current = newest(event, document)
    # Written plainly here, where one event does not wait for another.
    return Incoming(as_current, current, document, has_fraction(current.plain()))


def _read_again(document: bytes, sent: bytes | None, fractions: bool) -> Incoming:
    """Return what `read` returned, in another process."""
    current = orjson.loads(document)
    return Incoming(current, parse_event(current), current if sent is None else orjson.loads(sent), fractions)


def check(draft: Draft, publisher_id: str, incoming: Incoming, parts: Parts) -> Checked | Receipt:
    """Return the checked event, or the receipt of the first time if this is a retry.

    Raises Refused: 403 for another's source or an unregistered publisher, 409 for an id used for other content.
    """
    envelope = incoming.event.envelope
    publisher = parts.registry.agency(publisher_id)
    if publisher is None or not publisher.active:
        raise Refused("not-registered", 403, "this agency is not registered at this hub, or no longer")
    if envelope.agency() != publisher.id or envelope.origin() not in (None, parts.origin):
        raise Refused("source-mismatch", 403, "source must name the agency whose token publishes", "/source")
    source = parts.name_of(publisher.id)
    mac = parts.mac("event", _content(incoming, source))
    earlier = draft.event(source, envelope.id)
    if earlier is not None:
        if earlier.mac != mac:
            raise Refused(
                "id-reused", 409, "this id was used for another event of this source: give each event its own id"
            )
        if earlier.receipt is None:
            raise Refused("erased", 410, "this event was accepted and has since been erased")
        return Receipt.model_validate_json(earlier.receipt)
    subject = _subject(draft, publisher, incoming, parts)
    episode = draft.episode(subject.id) if subject.kind == "episode" else None
    resolved = incoming.event
    if envelope.subject != str(subject):
        resolved = replace(resolved, envelope=envelope.model_copy(update={"subject": str(subject)}))
    return Checked(
        publisher=publisher,
        event=resolved,
        source=source,
        mac=mac,
        subject=subject,
        episode=episode,
        placement=_placement(draft, publisher, incoming.event, subject, episode, parts),
        scope=Scope(str(subject), publisher.id),
    )


def _content(incoming: Incoming, source: str) -> bytes:
    """Return what makes two sendings the same event: attributes but for trace, and data."""
    # A null attribute is one that is not set (CloudEvents JSON format 1.0.2, section 2.2). The content type is ever
    # the same, also where it is left out (section 3.1): binary mode always has it.
    kept = {name: value for name, value in incoming.sent.items() if name not in _TRACE and value is not None}
    kept |= {name: _text(value) for name, value in kept.items() if name != "data"}
    return canonical_bytes(kept | {"source": source, "datacontenttype": "application/json"})


def _text(attribute: object) -> str:
    """Return an attribute in its canonical string representation (CloudEvents 1.0.2, section 2.3), as in a header."""
    return str(attribute).lower() if isinstance(attribute, bool) else str(attribute)


def _subject(draft: Draft, publisher: Agency, incoming: Incoming, parts: Parts) -> Subject:
    """Return what the event is about; for a child, under the handle that stands for the publisher's own reference."""
    given = incoming.event.envelope.about()
    if not isinstance(incoming.event.data, PlacementNotified):
        if given is None:
            raise InvalidEvent((Fault("/subject", "missing", _about(incoming.event.contract)),))
        return given
    reference = reference_mark(publisher.id, incoming.event.data.child.local_reference, parts)
    handle = draft.handle(publisher.id, reference)
    if handle is None:
        handle = given.id if given is not None and given.kind == "child" else parts.new_id()
    elif given is not None and given.id != handle:
        raise Refused("handle-mismatch", 409, "this reference has another handle: leave subject out", "/subject")
    return Subject(kind="child", id=handle) if given is None or given.kind == "child" else given


def _about(contract: Contract) -> str:
    if contract.about_child:
        return "name the child: child/<handle>, the handle that the hub gave with the placement record"
    if contract.either_subject:
        return "say what this is about: episode/<id> or child/<handle>"
    return "name the episode: episode/<id>, where the id is a ULID or a UUID"


def _placement(
    draft: Draft, publisher: Agency, event: ParsedEvent, subject: Subject, episode: Episode | None, parts: Parts
) -> Placement | None:
    """Find the standing placement record: the child's own, the episode's, or the one that an opening points to."""
    if subject.kind == "child":
        return draft.placement(subject.id)
    if episode is not None:
        return None if episode.child is None else draft.placement(episode.child)
    if not isinstance(event.data, EpisodeOpened):
        return None
    child = event.data.child
    handles = [] if child.handle is None else [child.handle]
    if child.local_reference is not None:
        known = draft.handle(publisher.id, reference_mark(publisher.id, child.local_reference, parts))
        handles += [] if known is None else [known]
    if child.nhs_number is not None:
        handles += draft.handles_with(identifier_mark(child.nhs_number, parts))
    found = [record for handle in handles if (record := draft.placement(handle)) is not None]
    # A record that does not name the reporter is as good as none: even its existence (this NHS number is of a child in
    # care) or its flag is not the reporter's to learn.
    return next((record for record in found if record.names(publisher.id)), None)


def reference_mark(agency: str, reference: str, parts: Parts) -> bytes:
    """Return the keyed MAC under which an agency's own reference is looked up."""
    return parts.mac("reference", canonical([agency, reference]))


def identifier_mark(nhs_number: str, parts: Parts) -> bytes:
    """Return the keyed MAC under which an NHS number is looked up: a bare hash could be enumerated."""
    return parts.mac("nhs-number", nhs_number.encode())
