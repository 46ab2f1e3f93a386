"""What an agency knows and passes on, and what it decides to keep: both are recorded.

Source: Children's Wellbeing and Schools Act 2026, s.4 (share what is relevant to safeguarding, unless that would harm
the child more than not sharing); ICO, data sharing code of practice (record the decision either way).
"""

from contracts.categories import Category
from contracts.coded import Coded
from contracts.events.base import ANYONE, Contract, EventData, Person
from contracts.fields import group, leaf
from contracts.values import AgencyId, Code, Instant, Narrative, Place, ShortText, UniqueId
from contracts.vocabulary import Stage


class InformationShared(EventData):
    """`concordat.information.shared.v1`"""

    topic: Coded[Code] | None = leaf(
        Category.OPERATIONAL, "What it is about, in one word.", default=None, vocabulary="information_topic"
    )
    information: Narrative = leaf(Category.NARRATIVE, "What the agency knows.", whereabouts=True)
    learned_at: Instant | None = leaf(Category.OPERATIONAL, "When the agency learned it.", default=None)
    place: Place | None = leaf(Category.LOCATION, "The place that it is about.", default=None, whereabouts=True)
    health: Narrative | None = leaf(Category.HEALTH, "What of it is about the child's health.", default=None)
    offences: Narrative | None = leaf(
        Category.CRIMINAL_JUSTICE, "What of it is about offences or exploitation.", default=None
    )
    others: Narrative | None = leaf(
        Category.THIRD_PARTY, "What of it is about other people.", default=None, whereabouts=True
    )
    enquiry_id: UniqueId | None = leaf(Category.OPERATIONAL, "The enquiry that it bears on, if any.", default=None)
    legal_basis: ShortText | None = leaf(Category.OPERATIONAL, "On what legal basis it is shared.", default=None)
    told_outside: tuple[ShortText, ...] = leaf(
        Category.OPERATIONAL,
        "Bodies without a part in the episode that the agency has told the same.",
        default=(),
        whereabouts=True,
        max_length=50,
    )
    shared_by: Person | None = group("Whom to ring about it.", default=None)


class InformationWithheld(EventData):
    """`concordat.information.withheld.v1`"""

    decided_at: Instant = leaf(Category.OPERATIONAL, "When it was decided not to share.")
    ground: Coded[Code] = leaf(
        Category.OPERATIONAL, "Why it is not shared, in one word.", vocabulary="withholding_ground"
    )
    withheld_from: AgencyId | None = leaf(
        Category.OPERATIONAL, "The agency that asked or would have been told.", default=None, whereabouts=True
    )
    about: Coded[Code] | None = leaf(
        Category.OPERATIONAL,
        "What the information is about, in one word.",
        default=None,
        vocabulary="information_topic",
    )
    reason: Narrative | None = leaf(
        Category.NARRATIVE, "What was weighed, without what is withheld.", default=None, whereabouts=True
    )
    child_asked: bool | None = leaf(Category.OPERATIONAL, "Whether the child was asked for their view.", default=None)
    childs_view: Narrative | None = leaf(Category.NARRATIVE, "The child's view, as theirs.", default=None)
    next_review_at: Instant | None = leaf(Category.OPERATIONAL, "When the decision is looked at again.", default=None)
    decided_by: Person | None = group("Who decided.", default=None)


CONTRACTS = (
    Contract(
        type="concordat.information.shared.v1",
        data=InformationShared,
        purpose="An agency passes on what it knows that bears on the child's safety and has no event type of its own.",
        stage=Stage.SEARCH,
        publishers=ANYONE,
        after_closing=True,
    ),
    Contract(
        type="concordat.information.withheld.v1",
        data=InformationWithheld,
        purpose="An agency records that it decided not to share something, on what ground, and when it looks again.",
        stage=Stage.SEARCH,
        publishers=ANYONE,
        ring=False,
        after_closing=True,
    ),
)
