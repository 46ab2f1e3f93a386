"""Steps 3 and 4: what one involved agency gets of one event, and why."""

from dataclasses import dataclass
from typing import Any

import structlog

from broker.casework.recipient import Recipient, facts_for
from broker.flows.occurrence import Case, Occurrence
from broker.flows.parts import Parts
from broker.flows.versions import as_known, require_newest
from broker.ports.store import StoreUnavailable
from broker.ports.vault import VaultUnavailable
from broker.sharing.decide import Decision
from broker.sharing.explain import auditor_view, recipient_view
from broker.sharing.redact import Redaction
from broker.sharing.rulebook import Question
from contracts.disclosure import Detail, FieldOutcome, NotToldReason
from contracts.ledger_entry import Operation

log = structlog.get_logger(__name__)

PSEUDONYMS = "pseudonyms"
"""Name of the secret from which pseudonyms are derived."""


@dataclass(frozen=True)
class Verdict:
    """What one agency is told of one event: exactly `data`, or nothing for `reason`."""

    disclosure: str
    type: str
    """The event type in the version in which the recipient is told; of a withholding, the one that was decided on."""
    recipient: Recipient
    reason: NotToldReason | None
    source: str
    """Whom the recipient is shown as the source: the event's own, or the hub where the clause hides it."""
    data: dict[str, Any]
    outcomes: tuple[FieldOutcome, ...]
    protocol: str | None
    recipient_detail: Detail | None
    """What the recipient may read of the decision; None if it was told nothing."""
    auditor_detail: Detail


def reach_verdict(event: Occurrence, case: Case, recipient: Recipient, parts: Parts) -> Verdict:
    """Decide and redact one event for one involved agency. Never raises for this recipient's sake: fails closed."""
    disclosure = parts.new_id()
    obstacle = find_obstacle(recipient, parts)
    if obstacle is not None:
        return withheld(event, recipient, disclosure, obstacle)
    try:
        return _weigh(event, case, recipient, disclosure, parts)
    except (StoreUnavailable, VaultUnavailable):
        raise
    except Exception as error:  # noqa: BLE001 (one recipient's failure must neither leak nor stop the others)
        log.error(  # noqa: TRY400 (a traceback could carry values)
            "redaction_failed", recipient=recipient.agency_id, type=event.type, error=type(error).__name__
        )
        return withheld(event, recipient, disclosure, NotToldReason.HUB_ERROR)


def find_obstacle(recipient: Recipient, parts: Parts) -> NotToldReason | None:
    """Return what stands in the way before any clause is read."""
    agency = parts.registry.agency(recipient.agency_id)
    if agency is None:
        return NotToldReason.UNKNOWN_AGENCY
    if not recipient.confirmed:
        return NotToldReason.NOT_CONFIRMED
    if not agency.active or not agency.has_channel:
        return NotToldReason.NO_CHANNEL
    return None


def _weigh(event: Occurrence, case: Case, recipient: Recipient, disclosure: str, parts: Parts) -> Verdict:
    # 3 decide: facts, protocols and event give a decision per field
    require_newest(event.type)
    decision = decide(event.type, event, case, recipient, parts)
    if decision.reason is not None:
        return withheld(event, recipient, disclosure, decision.reason, decision)

    # 4 redact: exactly what this agency will get
    redaction = decision.redact(event.data, parts.vault.secret(PSEUDONYMS))
    given_type, given = as_known(event.type, redaction.data, recipient, parts)
    if not given:
        return withheld(event, recipient, disclosure, NotToldReason.NOTHING_RELEASED, decision, redaction)
    return Verdict(
        disclosure=disclosure,
        type=given_type,
        recipient=recipient,
        reason=None,
        source=parts.own_name if hides_source(decision, case, parts) else event.source,
        data=given,
        outcomes=redaction.outcomes,
        protocol=decision.protocol,
        recipient_detail=recipient_view(
            decision, redaction, disclosure=disclosure, episode=event.pseudonym, given_as=given_type
        ),
        auditor_detail=auditor_view(
            decision,
            redaction,
            disclosure=disclosure,
            episode=event.pseudonym,
            event_id=event.id,
            publisher=event.controller.id,
            given_as=given_type,
        ),
    )


def decide(event_type: str, event: Occurrence, case: Case, recipient: Recipient, parts: Parts) -> Decision:
    """Ask the rulebook about one event type as the case now stands."""
    agency = parts.registry.agency(recipient.agency_id)
    assert agency is not None  # noqa: S101 (find_obstacle has dealt with unknown agencies)
    return parts.registry.rulebook.decide(
        Question(
            event_type=event_type,
            controller=event.controller,
            recipient=agency,
            roles=recipient.roles,
            facts=facts_for(case.episode, recipient, parts.clock.now()),
            audience=event.audience,
            flagged=case.flagged,
        )
    )


def hides_source(decision: Decision, case: Case, parts: Parts) -> bool:
    """Say whether the recipient may not see who published this: of a flagged child, an agency's name betrays a place.

    The clauses are asked what they would release of an agency named in the event for whom it is published, which every
    contract can say and which counts as whereabouts: the name of the publisher tells no less.
    """
    if not case.flagged:
        return False
    probe = {"provenance": {"on_behalf_of": decision.recipient}}
    return decision.redact(probe, parts.vault.secret(PSEUDONYMS)).data != probe


def withheld(
    event: Occurrence,
    recipient: Recipient,
    disclosure: str,
    reason: NotToldReason,
    decision: Decision | None = None,
    redaction: Redaction | None = None,
) -> Verdict:
    """Make the verdict that an agency is told nothing."""
    detail = Detail(
        disclosure_id=disclosure,
        event_type=event.type,
        outcome=Operation.WITHHELD,
        episode=event.pseudonym,
        event_id=event.id,
        publisher=event.controller.id,
        protocol=None if decision is None else decision.protocol,
        protocol_hash=None if decision is None else decision.protocol_hash,
        clauses=() if decision is None else decision.clauses,
        fields=() if redaction is None else redaction.outcomes,
        reason=reason.value,
    )
    return Verdict(
        disclosure=disclosure,
        type=event.type,
        recipient=recipient,
        reason=reason,
        source=event.source,
        data={},
        outcomes=() if redaction is None else redaction.outcomes,
        protocol=None,
        recipient_detail=None,
        auditor_detail=detail,
    )
