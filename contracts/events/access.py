"""An agency is barred from a child, and let in again."""

from contracts.categories import Category
from contracts.coded import Coded
from contracts.events.base import Contract, EventData, Publishers
from contracts.events.decision import Signatory
from contracts.fields import group, leaf
from contracts.values import AgencyId, Code, Instant, Narrative, Reference
from contracts.vocabulary import Role, Stage


class AccessRestricted(EventData):
    """`concordat.access.restricted.v1`"""

    agency: AgencyId = leaf(Category.OPERATIONAL, "The agency that is barred.", whereabouts=True)
    restricted_at: Instant = leaf(Category.OPERATIONAL, "When it was decided; it holds from the moment it is accepted.")
    ground: Coded[Code] = leaf(Category.OPERATIONAL, "Why.", whereabouts=True, vocabulary="restriction_ground")
    reason: Narrative | None = leaf(Category.NARRATIVE, "What it rests on.", default=None, whereabouts=True)
    concerns: Narrative | None = leaf(
        Category.THIRD_PARTY, "Whom in the agency it concerns.", default=None, whereabouts=True
    )
    court_reference: Reference | None = leaf(
        Category.CRIMINAL_JUSTICE, "Reference of the court's order.", default=None, whereabouts=True
    )
    review_at: Instant | None = leaf(
        Category.OPERATIONAL, "When it is looked at again; it holds until it is lifted.", default=None
    )
    restricted_by: Signatory = group("Who decided it.")


class AccessLifted(EventData):
    """`concordat.access.lifted.v1`"""

    agency: AgencyId = leaf(Category.OPERATIONAL, "The agency that is barred no longer.", whereabouts=True)
    lifted_at: Instant = leaf(Category.OPERATIONAL, "When it was decided.")
    reason: Narrative | None = leaf(Category.NARRATIVE, "Why.", default=None, whereabouts=True)
    lifted_by: Signatory = group("Who decided it.")


_DECIDERS = Publishers(frozenset({Role.RESPONSIBLE_AUTHORITY, Role.OWNING_FORCE}), confirmed=True)

CONTRACTS = (
    Contract(
        type="concordat.access.restricted.v1",
        data=AccessRestricted,
        purpose="An agency may not be told of this child: it hears nothing from here on, this event included.",
        stage=Stage.GOVERNANCE,
        publishers=_DECIDERS,
        either_subject=True,
        ring=False,
    ),
    Contract(
        type="concordat.access.lifted.v1",
        data=AccessLifted,
        purpose="An agency that was barred from this child may be told again, as far as it is involved.",
        stage=Stage.GOVERNANCE,
        publishers=_DECIDERS,
        either_subject=True,
        ring=False,
    ),
)
