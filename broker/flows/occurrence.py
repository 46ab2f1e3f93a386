"""Something that happened and is now to be told: an agency's event, or one that the hub derives from it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from broker.casework.episode import Episode
from broker.casework.outcome import Derived
from broker.casework.placement import Placement
from broker.flows import tracing
from broker.flows.check import Checked, Incoming
from broker.flows.parts import Parts
from broker.ports.records import Scope
from contracts.agency import Agency
from contracts.catalogue import contract_of
from contracts.envelope import Audience, rfc3339
from contracts.events.base import Contract


@dataclass(frozen=True)
class Case:
    """The episode or the child that an event is about, as the event left it."""

    subject: str
    pseudonym: str
    """Random name of the subject in the ledger's details."""
    episode: Episode | None
    placement: Placement | None

    @property
    def file(self) -> Episode | Placement:
        """What says who is involved: the episode, or the child's placement record where there is none."""
        file = self.episode or self.placement
        assert file is not None  # noqa: S101 (casework gives back one or the other)
        return file

    @property
    def child(self) -> str | None:
        """Handle of the child, if known."""
        if self.episode is not None:
            return self.episode.child
        return None if self.placement is None else self.placement.handle

    @property
    def flagged(self) -> bool:
        """Whether the whereabouts of the child or carer are protected."""
        return bool(self.episode and self.episode.flagged) or bool(self.placement and self.placement.flagged)


@dataclass(frozen=True)
class Occurrence:
    """One event on its way to those entitled."""

    id: str
    source: str
    """Absolute."""
    type: str
    """The version that is decided on."""
    subject: str
    pseudonym: str
    time: str
    data: dict[str, Any]
    controller: Agency
    accepted_at: datetime
    scope: Scope
    audience: Audience
    document: dict[str, Any]
    is_derived: bool
    moment: datetime
    """`time`, read."""
    trace: str | None
    """`traceparent` of the acceptance."""
    fractions: bool | None
    """Whether a number in `data` may have a fraction; None where that is not known."""
    received_type: str | None = None
    """The version in which it was received, where that is another."""

    @property
    def contract(self) -> Contract:
        return contract_of(self.type)

    @classmethod
    def of(cls, incoming: Incoming, checked: Checked, case: Case, now: datetime) -> "Occurrence":
        """Make one of an accepted event. The time is kept as it was written."""
        envelope, data = incoming.event.envelope, incoming.event.plain()
        subject = str(checked.subject)
        time = incoming.document.get("time") or rfc3339(now)
        document = incoming.document | {"source": checked.source, "subject": subject, "time": time, "data": data}
        return cls(
            id=envelope.id,
            source=checked.source,
            type=envelope.type,
            subject=subject,
            pseudonym=case.pseudonym,
            time=time,
            data=data,
            controller=checked.publisher,
            accepted_at=now,
            scope=checked.scope,
            audience=envelope.audience(),
            document=document,
            is_derived=False,
            received_type=None if incoming.received_type == envelope.type else incoming.received_type,
            moment=datetime.fromisoformat(time.upper()),  # RFC 3339 allows `t` and `z`
            trace=tracing.current(),
            fractions=incoming.fractions,
        )

    @classmethod
    def derived(cls, notice: Derived, case: Case, parts: Parts) -> "Occurrence":
        """Make one of a notice of the hub's own. It belongs to the controller whose event caused it."""
        controller = parts.registry.agency(notice.controller)
        if controller is None:
            raise LookupError("the controller of a derived event is not registered")
        event_id, now = parts.new_id(), parts.clock.now()
        document = {
            "specversion": "1.0",
            "id": event_id,
            "source": parts.own_name,
            "type": notice.type,
            "subject": case.subject,
            "time": rfc3339(notice.time),
            "datacontenttype": "application/json",
            "data": notice.data,
        }
        return cls(
            id=event_id,
            source=parts.own_name,
            type=notice.type,
            subject=case.subject,
            pseudonym=case.pseudonym,
            time=rfc3339(notice.time),
            data=notice.data,
            controller=controller,
            accepted_at=now,
            scope=Scope(case.subject, controller.id),
            audience=Audience(),
            document=document,
            is_derived=True,
            moment=notice.time,
            trace=tracing.current(),
            fractions=None,
        )
