"""Contact with the child while they are missing, and calls between agencies that the hub could not spare them."""

from contracts.categories import Category, Whose
from contracts.coded import Coded
from contracts.events.base import ANYONE, Contract, EventData, Informant, Person
from contracts.fields import group, leaf
from contracts.values import AgencyId, Code, Instant, Narrative, Place, Reference, ShortText, Span, Telephone
from contracts.vocabulary import Stage


class ContactMade(EventData):
    """`concordat.contact.made.v1`"""

    contact_at: Instant | None = leaf(Category.OPERATIONAL, "When, at the best estimate.", default=None)
    contact_between: Span | None = leaf(Category.OPERATIONAL, "Between when.", default=None)
    party: Coded[Code] = leaf(
        Category.OPERATIONAL, "Whether the child or somebody near them.", vocabulary="contact_party"
    )
    means: Coded[Code] | None = leaf(
        Category.OPERATIONAL, "How the contact was made.", default=None, vocabulary="contact_means"
    )
    address: ShortText | None = leaf(
        Category.CONTACT,
        "The number or account that the child used or was reached at.",
        default=None,
        whose=Whose.CHILD,
        whereabouts=True,
    )
    place: Place | None = leaf(
        Category.LOCATION, "Where the child said or seemed to be.", default=None, whereabouts=True
    )
    childs_voice: Narrative | None = leaf(
        Category.NARRATIVE, "What the child said, as theirs.", default=None, whereabouts=True
    )
    condition: Narrative | None = leaf(Category.HEALTH, "How the child seemed.", default=None)
    heard: Narrative | None = leaf(
        Category.THIRD_PARTY, "Who else was heard or spoken of.", default=None, whereabouts=True
    )
    through: Informant | None = group("Through whom, if not with the child directly.", default=None)
    made_by: Person | None = group("Who made or took the contact, in their post.", default=None)


class RelayPhoned(EventData):
    """`concordat.relay.phoned.v1`"""

    phoned_at: Instant = leaf(Category.OPERATIONAL, "When the call was made.")
    agency: AgencyId | None = leaf(
        Category.OPERATIONAL, "The agency that was rung, if it is known to the hub.", default=None, whereabouts=True
    )
    body: ShortText | None = leaf(
        Category.OPERATIONAL, "The body that was rung, if it is not known to the hub.", default=None, whereabouts=True
    )
    answered: bool = leaf(Category.OPERATIONAL, "Whether somebody answered.", default=True)
    why: Coded[Code] | None = leaf(
        Category.OPERATIONAL, "Why the hub could not tell it.", default=None, vocabulary="relay_reason"
    )
    relayed: Reference | None = leaf(
        Category.OPERATIONAL, "Id of the event that the call was about, as its publisher gave it.", default=None
    )
    spoke_with: Person | None = group("Who answered.", default=None)
    number: Telephone | None = leaf(Category.CONTACT, "The number that was rung.", default=None, whereabouts=True)
    told: Narrative | None = leaf(Category.NARRATIVE, "What was said.", default=None, whereabouts=True)
    phoned_by: Person | None = group("Who rang.", default=None)


CONTRACTS = (
    Contract(
        type="concordat.contact.made.v1",
        data=ContactMade,
        purpose="There was contact with the missing child or somebody near them. Heard from is not located.",
        stage=Stage.SEARCH,
        publishers=ANYONE,
    ),
    Contract(
        type="concordat.relay.phoned.v1",
        data=RelayPhoned,
        purpose="An agency that the hub could not tell was rung: who rang whom, when, and whether anybody answered.",
        stage=Stage.GOVERNANCE,
        publishers=ANYONE,
        ring=False,
    ),
)
