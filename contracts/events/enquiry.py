"""One agency asks another to find something out, and hears what came of it."""

from contracts.categories import Category
from contracts.coded import Coded
from contracts.events.base import ANYONE, AUTHORITIES, SEARCHERS, Contract, EventData, Person, Publishers
from contracts.fields import group, leaf
from contracts.values import AgencyId, Code, Instant, Narrative, Place, UniqueId
from contracts.vocabulary import Stage


class EnquiryRequested(EventData):
    """`concordat.enquiry.requested.v1`"""

    enquiry_id: UniqueId = leaf(Category.OPERATIONAL, "Id of the enquiry, minted by whoever asks.")
    kind: Coded[Code] | None = leaf(
        Category.OPERATIONAL, "What kind of enquiry it is.", default=None, whereabouts=True, vocabulary="enquiry_kind"
    )
    task: Narrative = leaf(Category.NARRATIVE, "What is to be found out, and why.", whereabouts=True)
    assignee: AgencyId = leaf(Category.OPERATIONAL, "The agency that is asked.", whereabouts=True)
    due_at: Instant | None = leaf(Category.OPERATIONAL, "By when an answer is needed.", default=None)
    place: Place | None = leaf(Category.LOCATION, "Where to go or ask.", default=None, whereabouts=True)
    concerning: Narrative | None = leaf(
        Category.THIRD_PARTY, "Whom to ask, or about whom.", default=None, whereabouts=True
    )
    requested_by: Person | None = group("Whom to ring about it.", default=None)


class EnquiryCompleted(EventData):
    """`concordat.enquiry.completed.v1`"""

    enquiry_id: UniqueId = leaf(Category.OPERATIONAL, "The enquiry that is answered.")
    completed_at: Instant = leaf(Category.OPERATIONAL, "When it was done, or given up.")
    outcome: Coded[Code] = leaf(Category.OPERATIONAL, "What came of it, in one word.", vocabulary="enquiry_outcome")
    findings: Narrative | None = leaf(Category.NARRATIVE, "What was found out.", default=None, whereabouts=True)
    place: Place | None = leaf(Category.LOCATION, "Where it was found out.", default=None, whereabouts=True)
    others: Narrative | None = leaf(
        Category.THIRD_PARTY, "What was learned of other people.", default=None, whereabouts=True
    )
    completed_by: Person | None = group("Who made the enquiry.", default=None)


CONTRACTS = (
    Contract(
        type="concordat.enquiry.requested.v1",
        data=EnquiryRequested,
        purpose="An agency that answers for the search asks another to find something out by a time.",
        stage=Stage.SEARCH,
        publishers=Publishers(SEARCHERS | AUTHORITIES, confirmed=True),
    ),
    Contract(
        type="concordat.enquiry.completed.v1",
        data=EnquiryCompleted,
        purpose="The agency that was asked says what came of its enquiry.",
        stage=Stage.SEARCH,
        publishers=ANYONE,
        after_closing=True,
    ),
)
