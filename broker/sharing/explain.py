"""The two views of a decision: the recipient's, which follows from what it was given, and the auditor's."""

from broker.sharing.decide import Decision
from broker.sharing.redact import Redaction
from contracts.disclosure import Detail, FieldOutcome, NotToldReason
from contracts.ledger_entry import Operation


def recipient_view(
    decision: Decision, redaction: Redaction, *, disclosure: str, episode: str | None, given_as: str | None = None
) -> Detail:
    """Return what the recipient may read of a decision; equal for any two events that were equal to it.

    Per contract path: what was released and how, and what its clauses withhold of the contract whether or not this
    event had it. Never a silent clause, the publisher, the event's id, or that the publisher kept something back. Of an
    event that it was not told, the view says nothing. `given_as` is the version of the type that it was given.
    """
    if decision.reason is not None or not redaction.data:
        return Detail(
            disclosure_id=disclosure, event_type=decision.plan.event_type, outcome=Operation.WITHHELD, episode=episode
        )
    grounds = decision.shown
    return Detail(
        disclosure_id=disclosure,
        event_type=decision.plan.event_type,
        outcome=Operation.DISCLOSED,
        given_as=_if_other(given_as, decision),
        episode=episode,
        protocol=decision.protocol,
        protocol_hash=decision.protocol_hash,
        clauses=grounds.clauses,
        fields=_shown(decision, redaction),
        purposes=grounds.purposes,
        legal_bases=grounds.legal_bases,
        regimes=grounds.regimes,
    )


def _shown(decision: Decision, redaction: Redaction) -> tuple[FieldOutcome, ...]:
    given: dict[str, list[FieldOutcome]] = {}
    for ruling in redaction.rulings:
        shown = ruling.shown
        if shown is not None:
            fates = given.setdefault(shown.path, [])
            if shown not in fates:
                fates.append(shown)
    fields: list[FieldOutcome] = []
    unseen = decision.plan.unseen
    for path in decision.plan.paths:
        if path in given:
            # Items of a list may have met different fates: each fate is told once, in no order of the items.
            fates = given[path]
            fields += fates if len(fates) == 1 else sorted(fates, key=str)
        elif path in unseen:
            fields.append(unseen[path])
    return tuple(fields)


def auditor_view(
    decision: Decision,
    redaction: Redaction,
    *,
    disclosure: str,
    episode: str | None,
    event_id: str,
    publisher: str,
    given_as: str | None = None,
) -> Detail:
    """Return the whole decision: each leaf value of the event with clause, transform and reason. Never a value."""
    told = decision.reason is None and bool(redaction.data)
    reason = None if told else decision.reason or NotToldReason.NOTHING_RELEASED
    return Detail(
        disclosure_id=disclosure,
        event_type=decision.plan.event_type,
        outcome=Operation.DISCLOSED if told else Operation.WITHHELD,
        given_as=_if_other(given_as, decision) if told else None,
        episode=episode,
        event_id=event_id,
        publisher=publisher,
        protocol=decision.protocol,
        protocol_hash=decision.protocol_hash,
        clauses=decision.clauses,
        fields=redaction.outcomes,
        purposes=decision.purposes,
        legal_bases=decision.legal_bases,
        regimes=decision.regimes,
        reason=None if reason is None else reason.value,
    )


def _if_other(given_as: str | None, decision: Decision) -> str | None:
    return None if given_as == decision.plan.event_type else given_as
