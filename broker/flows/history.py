"""What an agency that joins an episode is entitled to know of what went before."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import orjson
import structlog

from broker.casework.recipient import Recipient
from broker.flows.detail import Account
from broker.flows.draft import Draft
from broker.flows.occurrence import Case, Occurrence
from broker.flows.parts import Parts
from broker.flows.verdict import PSEUDONYMS, Verdict, decide, find_obstacle, hides_source, withheld
from broker.flows.versions import as_known, newest_of_kept
from broker.ports.records import EventRecord, Scope
from broker.ports.store import StoreUnavailable
from broker.ports.vault import VaultUnavailable
from broker.sharing.decide import Decision
from broker.sharing.explain import auditor_view, recipient_view
from contracts.catalogue import ACKNOWLEDGEMENT, HISTORY
from contracts.disclosure import Detail, LegalBases, NotToldReason, Regimes
from contracts.envelope import Audience, rfc3339
from contracts.ledger_entry import Operation

log = structlog.get_logger(__name__)


def reach_history_verdicts(
    draft: Draft, joiner: str, cause: Occurrence, case: Case, parts: Parts
) -> Iterator[tuple[Occurrence, Verdict]]:
    """Decide each earlier event anew for the joiner, under its own type and its own controller's protocols.

    Yields one history per controller. What the joiner was told before is repeated only where it may now know more of
    it, as a force that knew of an episode and now owns it. One history that fails is withheld, and harms no other.
    """
    recipient = next(one for one in parts.registry.recipients(case.file) if one.agency_id == joiner)
    if find_obstacle(recipient, parts) is not None:
        return
    had = _had(draft, joiner, case)
    earlier: dict[str, list[EventRecord]] = defaultdict(list)
    for event in draft.events_about(case.subject):
        if event.controller != joiner and event.content is not None and event.type != ACKNOWLEDGEMENT:
            earlier[event.controller].append(event)
    for controller, events in earlier.items():
        past = _occurrence(cause, controller, case, parts)
        if past is None:
            continue
        try:
            verdict = _gather(past, events, had, case, recipient, parts)
        except (StoreUnavailable, VaultUnavailable):
            raise
        except Exception as error:  # noqa: BLE001 (a history that fails must neither leak nor stop the event)
            log.error("history_failed", recipient=joiner, error=type(error).__name__)  # noqa: TRY400 (values)
            verdict = withheld(past, recipient, parts.new_id(), NotToldReason.HUB_ERROR)
        if verdict is not None:
            yield past, verdict


_Had = dict[tuple[str, str, str], list[dict[str, Any]]]
"""Controller, type and time of an event, and what the joiner holds of it."""


def _had(draft: Draft, joiner: str, case: Case) -> _Had:
    had: _Had = defaultdict(list)
    for told in draft.received(joiner, case.subject, None):
        mail = draft.mail_of(told.id)
        if mail is None or mail.content is None:
            continue
        message = orjson.loads(mail.content)
        for one in message["data"]["events"] if told.type == HISTORY else (message,):
            had[told.publisher, one["type"], one["time"]].append(one["data"])
    return had


def _occurrence(cause: Occurrence, controller: str, case: Case, parts: Parts) -> Occurrence | None:
    owner = parts.registry.agency(controller)
    if owner is None:
        return None
    return replace(
        cause,
        type=HISTORY,
        source=parts.name_of(controller),
        controller=owner,
        scope=Scope(case.subject, controller),
        time=rfc3339(cause.accepted_at),
        is_derived=False,
        fractions=None,
    )


def _gather(
    past: Occurrence, events: list[EventRecord], had: _Had, case: Case, recipient: Recipient, parts: Parts
) -> Verdict | None:
    """Return the history of one controller's events; None if there is nothing in it that the joiner does not hold."""
    disclosure = parts.new_id()
    released: list[dict[str, Any]] = []
    shown: list[Detail] = []
    full: list[Detail] = []
    decisions: list[Decision] = []
    is_named, is_hidden, held = False, False, False
    for event in events:
        event_type, document = newest_of_kept(event.type, orjson.loads(event.content or b"{}"))
        asked = replace(past, audience=Audience.parse(document.get("concordataudience")))
        decision = decide(event_type, asked, case, recipient, parts)
        if decision.reason is not None:
            continue
        redaction = decision.redact(document["data"], parts.vault.secret(PSEUDONYMS))
        if not redaction.data:
            continue
        given_type, given = as_known(event_type, redaction.data, recipient, parts)
        if not given:
            continue
        if any(_covers(one, given) for one in had.get((event.controller, given_type, document["time"]), ())):
            held = True
            continue
        # A notice of the hub's own must not say whose event caused it, nor a history of a flagged child who published.
        is_named |= event.source == past.source
        is_hidden |= hides_source(decision, case, parts)
        decisions.append(decision)
        prefix = f"events[{len(released)}].data."
        released.append({"type": given_type, "time": document["time"], "data": given})
        names = {"disclosure": disclosure, "episode": past.pseudonym}
        shown.append(_below(prefix, recipient_view(decision, redaction, **names)))
        full.append(
            _below(prefix, auditor_view(decision, redaction, **names, event_id=event.id, publisher=event.controller))
        )
    if not released:
        return None if held else withheld(past, recipient, disclosure, NotToldReason.NO_CLAUSE)
    return Verdict(
        disclosure=disclosure,
        type=HISTORY,
        recipient=recipient,
        reason=None,
        source=past.source if is_named and not is_hidden else parts.own_name,
        data={"events": released},
        protocol=decisions[0].protocol,
        account=Account.of(_together(full), _together(shown)),
    )


def _covers(held: Any, given: Any) -> bool:
    """Say whether what is held has all that would be given."""
    if isinstance(held, dict) and isinstance(given, dict):
        return all(name in held and _covers(held[name], inner) for name, inner in given.items())
    return bool(held == given)


def _below(prefix: str, detail: Detail) -> Detail:
    fields = tuple(field.model_copy(update={"path": prefix + field.path}) for field in detail.fields)
    return detail.model_copy(update={"fields": fields})


def _together(details: list[Detail]) -> Detail:
    """Merge the details of the events in one history: every clause, purpose and basis that released any of it."""
    first = details[0]
    return Detail(
        disclosure_id=first.disclosure_id,
        event_type=HISTORY,
        outcome=Operation.DISCLOSED,
        episode=first.episode,
        protocol=first.protocol,
        protocol_hash=first.protocol_hash,
        clauses=_union(detail.clauses for detail in details),
        fields=tuple(field for detail in details for field in detail.fields),
        purposes=_union(detail.purposes for detail in details),
        legal_bases=LegalBases(
            discloser=_union(detail.legal_bases.discloser for detail in details),
            recipient=_union(detail.legal_bases.recipient for detail in details),
        ),
        regimes=Regimes(discloser=first.regimes.discloser, recipient=first.regimes.recipient),
    )


def _union(parts: Any) -> tuple[str, ...]:
    return tuple(dict.fromkeys(item for part in parts for item in part))
