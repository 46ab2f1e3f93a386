"""What passes between the hub and those who tell beside it: plain tuples, which pack many times as fast as objects."""

from functools import lru_cache
from typing import Any

from broker.casework.episode import Episode
from broker.casework.recipient import Recipient
from broker.flows.accept import Accepted
from broker.flows.detail import Account
from broker.flows.occurrence import Case, Occurrence
from broker.flows.parts import Parts
from broker.flows.tell import Said, Telling
from broker.ports.records import EntryRecord, Scope
from contracts.disclosure import NotToldReason
from contracts.envelope import Audience
from contracts.ledger_entry import Operation
from contracts.vocabulary import EpisodeStatus, Jurisdiction, RiskLevel, Role, Standing

_KEPT = 1024
MOST_ACCOUNTS = 1024
"""After so many both sides begin anew. One takes about 10 KiB."""

Packed = tuple[Any, ...]


def can_be_sent(accepted: Accepted) -> bool:
    """Say whether all that deciding may read of an event can be sent: it is about an episode."""
    return accepted.case.episode is not None


def pack(accepted: Accepted) -> Packed:
    """Take an accepted event apart: what deciding and recording read of it and of its case, and no more."""
    event, episode = accepted.event, accepted.case.episode
    assert episode is not None  # noqa: S101 (`can_be_sent` has been asked)
    audience = event.audience
    return (
        event.id,
        event.source,
        event.type,
        event.subject,
        event.pseudonym,
        event.time,
        event.data,
        event.controller.id,
        event.accepted_at,
        event.moment,
        tuple(event.scope),
        (tuple(audience.agencies), audience.fields) if audience.agencies or audience.fields else None,
        event.fractions,
        event.received_type,
        episode.id,
        episode.jurisdiction.value,
        episode.status.value,
        None if episode.risk is None else episode.risk.value,
        episode.intervention_level,
        episode.last_seen_at,
        episode.handover,
        accepted.case.flagged,
        _packed(accepted.involved),
        accepted.entry,
    )


@lru_cache(_KEPT)
def _packed(involved: tuple[Recipient, ...]) -> Packed:
    return tuple(
        (one.agency_id, tuple(role.value for role in one.roles), one.confirmed, tuple(at.value for at in one.standing))
        for one in involved
    )


@lru_cache(_KEPT)
def _involved(packed: Packed) -> tuple[Recipient, ...]:
    return tuple(
        Recipient(agency, frozenset(map(Role, roles)), confirmed, frozenset(map(Standing, standing)))
        for agency, roles, confirmed, standing in packed
    )


def unpack(packed: Packed, parts: Parts) -> tuple[Occurrence, Case, tuple[Recipient, ...], str]:
    """Put an event together again: itself, its case, who is involved, and the id of the entry of its acceptance.

    Raises LookupError if its controller is not registered.
    """
    (
        event_id,
        source,
        event_type,
        subject,
        pseudonym,
        time,
        data,
        controller,
        accepted_at,
        moment,
        scope,
        audience,
        fractions,
        received_type,
        episode,
        jurisdiction,
        status,
        risk,
        intervention_level,
        last_seen_at,
        handover,
        flagged,
        involved,
        entry,
    ) = packed
    publisher = parts.registry.agency(controller)
    if publisher is None:
        raise LookupError("the controller of an event is not registered")
    event = Occurrence(
        id=event_id,
        source=source,
        type=event_type,
        subject=subject,
        pseudonym=pseudonym,
        time=time,
        data=data,
        controller=publisher,
        accepted_at=accepted_at,
        scope=Scope(*scope),
        audience=_NOBODY if audience is None else Audience(agencies=frozenset(audience[0]), fields=audience[1]),
        document={},
        is_derived=False,
        moment=moment,
        trace=None,
        fractions=fractions,
        received_type=received_type,
    )
    standing = Episode(
        id=episode,
        opened_by=controller,
        opened_at=accepted_at,
        jurisdiction=Jurisdiction(jurisdiction),
        status=EpisodeStatus(status),
        risk=None if risk is None else RiskLevel(risk),
        intervention_level=intervention_level,
        last_seen_at=last_seen_at,
        flagged=flagged,
        handover=handover,
    )
    return event, Case(subject, pseudonym, standing, None), _involved(involved), entry


_NOBODY = Audience()


class Accounts:
    """What has been said of decisions over one line: sent whole the first time, and by its number from then on."""

    def __init__(self) -> None:
        self._numbers: dict[tuple[bytes, bytes | None], int] = {}
        self._sent: list[Account] = []

    def pack(self, said: Said) -> Packed:
        """Take apart what was said of an event."""
        acceptance = said.acceptance
        return (
            (acceptance.leaf, acceptance.leaf_hash, acceptance.opening),
            [self._pack(one) for one in said.tellings],
        )

    def _pack(self, one: Telling) -> Packed:
        account = one.account
        # Everything in an account is worked out of its forms.
        name = account.full.id, None if account.shown is None else account.shown.id
        number = self._numbers.get(name)
        whole = None
        if number is None:
            if len(self._numbers) == MOST_ACCOUNTS:
                self._numbers.clear()
            number = self._numbers[name] = len(self._numbers)
            whole = account
        entry = one.entry
        reason = None if one.reason is None else one.reason.value
        return (
            one.disclosure,
            one.type,
            reason,
            one.protocol,
            number,
            whole,
            entry.leaf,
            entry.leaf_hash,
            entry.opening,
            one.named,
            one.message,
        )

    def unpack(self, packed: Packed, accepted: Accepted) -> Said:
        """Put together again what was said of an event."""
        (leaf, leaf_hash, opening), tellings = packed
        scope = accepted.event.scope
        return Said(
            EntryRecord(accepted.entry, Operation.ACCEPTED, leaf, leaf_hash, scope, opening),
            [self._unpack(one, recipient, scope) for one, recipient in zip(tellings, accepted.involved, strict=True)],
        )

    def _unpack(self, packed: Packed, recipient: Recipient, scope: Scope) -> Telling:
        disclosure, told_type, reason, protocol, number, whole, leaf, leaf_hash, opening, named, message = packed
        if whole is not None:
            del self._sent[number:]
            self._sent.append(whole)
        operation = Operation.DISCLOSED if reason is None else Operation.WITHHELD
        return Telling(
            disclosure=disclosure,
            type=told_type,
            recipient=recipient,
            reason=None if reason is None else NotToldReason(reason),
            protocol=protocol,
            account=self._sent[number],
            entry=EntryRecord(disclosure, operation, leaf, leaf_hash, scope, opening),
            named=named,
            message=message,
        )
