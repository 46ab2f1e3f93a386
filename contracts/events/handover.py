"""Handing an episode from one police force to another, and the history that travels with it."""

from contracts.categories import Category
from contracts.events.base import ANYONE, Contract, EventData, Person, Publishers
from contracts.fields import group, leaf
from contracts.values import AgencyId, Closed, EventType, Instant, Narrative, RedactedData, Reference
from contracts.vocabulary import Role, Stage


class HandoverOffered(EventData):
    """`concordat.handover.offered.v1`"""

    to: AgencyId = leaf(Category.OPERATIONAL, "The force that is asked to take the episode over.", whereabouts=True)
    reason: Narrative | None = leaf(Category.NARRATIVE, "Why the episode should pass.", default=None, whereabouts=True)
    expires_at: Instant | None = leaf(Category.OPERATIONAL, "When the offer lapses if nobody answers.", default=None)
    contact: Person | None = group("Whom to ring at the offering force.", default=None)


class HandoverAccepted(EventData):
    """`concordat.handover.accepted.v1`"""

    force_reference: Reference | None = leaf(
        Category.OPERATIONAL, "The accepting force's reference.", default=None, whereabouts=True
    )
    contact: Person | None = group("Whom to ring at the accepting force.", default=None)
    note: Narrative | None = leaf(
        Category.NARRATIVE, "What the accepting force will do first.", default=None, whereabouts=True
    )


class HandoverDeclined(EventData):
    """`concordat.handover.declined.v1`"""

    reason: Narrative = leaf(Category.NARRATIVE, "Why it is declined.", whereabouts=True)
    suggested: AgencyId | None = leaf(
        Category.OPERATIONAL, "The force that should be asked instead.", default=None, whereabouts=True
    )


class HandoverLapsed(EventData):
    """`concordat.handover.lapsed.v1`"""

    to: AgencyId = leaf(Category.OPERATIONAL, "The force that did not answer.", whereabouts=True)
    offered_at: Instant = leaf(Category.OPERATIONAL, "When it was offered.")


class PastEvent(Closed):
    """One earlier event of the episode, redacted for the recipient under the contract of its own type."""

    type: EventType = leaf(Category.OPERATIONAL, "Event type.")
    time: Instant = leaf(Category.OPERATIONAL, "When it happened.")
    data: RedactedData = leaf(Category.OPERATIONAL, "The fields that the recipient is entitled to.")


class EpisodeHistory(EventData):
    """`concordat.episode.history.v1`"""

    events: tuple[PastEvent, ...] = group("What was published before the recipient joined, oldest first.")


OFFERED_FORCE = Publishers(frozenset({Role.RECEIVING_FORCE}), confirmed=True)

CONTRACTS = (
    Contract(
        type="concordat.handover.offered.v1",
        data=HandoverOffered,
        purpose="The owning force offers the episode to another force, and keeps it until that force accepts.",
        stage=Stage.HANDOVER,
        publishers=Publishers(frozenset({Role.OWNING_FORCE}), confirmed=True),
        ring=False,
    ),
    Contract(
        type="concordat.handover.accepted.v1",
        data=HandoverAccepted,
        purpose="The force that was offered the episode owns it from now on.",
        stage=Stage.HANDOVER,
        publishers=OFFERED_FORCE,
        ring=False,
    ),
    Contract(
        type="concordat.handover.declined.v1",
        data=HandoverDeclined,
        purpose="The force that was offered the episode does not take it; the offering force keeps it.",
        stage=Stage.HANDOVER,
        publishers=OFFERED_FORCE,
        ring=False,
    ),
    Contract(
        type="concordat.handover.lapsed.v1",
        data=HandoverLapsed,
        purpose="Nobody answered the offer in time; the offering force keeps the episode.",
        stage=Stage.HANDOVER,
        publishers=ANYONE,
        derived=True,
    ),
    Contract(
        type="concordat.episode.history.v1",
        data=EpisodeHistory,
        purpose="What an agency that joins an episode is entitled to know of what went before.",
        stage=Stage.HANDOVER,
        publishers=ANYONE,
        derived=True,
    ),
)
