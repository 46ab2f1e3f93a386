"""Emergency release: a named person releases named fields to a named agency without a clause, and it is reviewed.

Source: ICO, Data sharing: a code of practice, on sharing in an urgent situation. No release overrides an absolute
forbid.
"""

from contracts.categories import Category
from contracts.coded import Coded
from contracts.events.base import ANYONE, Contract, EventData
from contracts.events.decision import Signatory
from contracts.fields import group, leaf
from contracts.values import AgencyId, Closed, Code, EventType, FieldPath, Instant, Narrative, UniqueId
from contracts.vocabulary import Stage


class ReleasedFields(Closed):
    """Fields of one event type."""

    type: EventType = leaf(Category.OPERATIONAL, "Event type.")
    fields: tuple[FieldPath, ...] = leaf(
        Category.OPERATIONAL, "Contract paths that are released.", min_length=1, max_length=100
    )


class EmergencyReleaseMade(EventData):
    """`concordat.emergency_release.made.v1`"""

    release: UniqueId = leaf(Category.OPERATIONAL, "The publisher's id of the release, which its review names.")
    agency: AgencyId = leaf(Category.OPERATIONAL, "The agency that is told.", whereabouts=True)
    released: tuple[ReleasedFields, ...] = group("What is released.", min_length=1, max_length=50)
    ground: Coded[Code] = leaf(Category.OPERATIONAL, "Why it cannot wait for a clause.", vocabulary="emergency_ground")
    reason: Narrative = leaf(Category.NARRATIVE, "Why this is necessary and proportionate.", whereabouts=True)
    released_at: Instant = leaf(Category.OPERATIONAL, "When it was decided.")
    expires_at: Instant = leaf(Category.OPERATIONAL, "When the release ends; what was told stays told.")
    released_by: Signatory = group("The person who answers for it.")


class EmergencyReleaseReviewed(EventData):
    """`concordat.emergency_release.reviewed.v1`"""

    release: UniqueId = leaf(Category.OPERATIONAL, "The release that was reviewed.")
    reviewed_at: Instant = leaf(Category.OPERATIONAL, "When it was reviewed.")
    finding: Coded[Code] = leaf(Category.OPERATIONAL, "What the review found.", vocabulary="review_finding")
    account: Narrative | None = leaf(Category.NARRATIVE, "What it rests on.", default=None, whereabouts=True)
    recall: bool = leaf(Category.OPERATIONAL, "Whether what was released is recalled.", default=False)
    clause_needed: bool | None = leaf(
        Category.OPERATIONAL, "Whether the protocol should have a clause for such a case.", default=None
    )
    reviewed_by: Signatory = group("The data protection officer, or who reviewed in their place.")


CONTRACTS = (
    Contract(
        type="concordat.emergency_release.made.v1",
        data=EmergencyReleaseMade,
        purpose="Somebody may come to serious harm: named fields go to a named agency, though no clause releases them.",
        stage=Stage.GOVERNANCE,
        publishers=ANYONE,
    ),
    Contract(
        type="concordat.emergency_release.reviewed.v1",
        data=EmergencyReleaseReviewed,
        purpose="A data protection officer has looked at an emergency release and says whether it was right.",
        stage=Stage.GOVERNANCE,
        publishers=ANYONE,
        ring=False,
    ),
)
