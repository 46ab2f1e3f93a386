"""The receipt's two lists: who was told, and who was not, why, and must be rung."""

from functools import lru_cache
from typing import Any, NamedTuple

from broker.casework.recipient import Recipient
from broker.flows.draft import Draft
from broker.flows.knowledge import known_to
from broker.flows.occurrence import Case, Occurrence
from broker.flows.tell import Telling
from contracts.disclosure import NotToldReason, Outcome
from contracts.vocabulary import Role


class Answer(NamedTuple):
    """What the publisher may be told of the telling: the members of each `Told` and each `NotTold`."""

    told: list[dict[str, Any]]
    not_told: list[dict[str, Any]]


_RANK = {role: place for place, role in enumerate(Role)} | {Role.REPORTING: len(Role)}
_WHY = {
    NotToldReason.NO_CLAUSE: "no clause of a protocol in force releases this event to {role}",
    NotToldReason.PROTOCOL_EXPIRED: "the protocol with this agency is not in force today",
    NotToldReason.UNKNOWN_AGENCY: "no agency of this name is registered at this hub",
    NotToldReason.NOT_CONFIRMED: "its part has not been confirmed by the responsible authority or the owning force",
    NotToldReason.NARROWED_BY_PUBLISHER: "the publisher kept this event back from it",
    NotToldReason.NOTHING_RELEASED: "the protocol releases none of this event's fields to {role}",
    NotToldReason.NO_CHANNEL: "it has no system that receives from this hub",
    NotToldReason.HUB_ERROR: "the hub could not prepare its message; the operator has been alerted",
}


def answer_for(draft: Draft, event: Occurrence, case: Case, tellings: list[Telling]) -> Answer:
    """Say who was told, naming only agencies that the publisher named itself or has been told of."""
    known = known_to(draft, event.controller.id, case)
    shown = [telling for telling in tellings if telling.recipient.agency_id in known]
    return Answer(
        told=[_told(telling) for telling in shown if telling.reason is None],
        not_told=[_not_told(telling, event) for telling in shown if telling.reason is not None],
    )


def main_role(recipient: Recipient) -> Role:
    """Return the one of an agency's roles that says most: having reported says least."""
    return _main_role(recipient.roles)


@lru_cache(1024)
def _main_role(roles: frozenset[Role]) -> Role:
    return min(roles, key=_RANK.__getitem__)


def _told(telling: Telling) -> dict[str, Any]:
    count = telling.account.counts
    return {
        "agency": telling.recipient.agency_id,
        "role": main_role(telling.recipient),
        "disclosure_id": telling.disclosure,
        "protocol": telling.protocol or "",
        "released": count.get(Outcome.RELEASED, 0),
        "transformed": count.get(Outcome.TRANSFORMED, 0),
        "withheld": count.get(Outcome.WITHHELD, 0),
    }


def _not_told(telling: Telling, event: Occurrence) -> dict[str, Any]:
    assert telling.reason is not None  # noqa: S101 (the caller asks for those with a reason)
    return {
        "agency": telling.recipient.agency_id,
        "reason": telling.reason,
        # A publisher that keeps an event back knows what it does; nobody else must be left unaware.
        "ring": event.contract.ring and telling.reason is not NotToldReason.NARROWED_BY_PUBLISHER,
        "detail": _WHY[telling.reason].format(role=main_role(telling.recipient)),
    }
