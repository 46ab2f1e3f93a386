"""Making a search public: an invasion of a child's life that is decided by name, and taken back when it is over."""

from contracts.categories import Category
from contracts.coded import Coded
from contracts.events.base import Contract, EventData, Person, Publishers
from contracts.fields import group, leaf
from contracts.values import AgencyId, Code, Instant, Narrative, Reference, Text
from contracts.vocabulary import Role, Stage

DECIDERS = frozenset({Role.OWNING_FORCE, Role.RESPONSIBLE_AUTHORITY})


class PublicityAuthorised(EventData):
    """`concordat.publicity.authorised.v1`"""

    authorised_at: Instant = leaf(Category.OPERATIONAL, "When it was authorised.")
    authorised_by: Person = group("Who authorised it.")
    channels: tuple[Coded[Code], ...] = leaf(
        Category.OPERATIONAL,
        "Where the search may be made public.",
        vocabulary="publicity_channel",
        min_length=1,
        max_length=20,
    )
    reach: Coded[Code] | None = leaf(
        Category.OPERATIONAL, "How far.", default=None, whereabouts=True, vocabulary="publicity_reach"
    )
    wording: Text | None = leaf(
        Category.IDENTITY, "The words that may be published, and no others.", default=None, whereabouts=True
    )
    photo: Reference | None = leaf(
        Category.IDENTITY, "Reference of the photograph that may be shown.", default=None, whereabouts=True
    )
    parents_view: Narrative | None = leaf(
        Category.THIRD_PARTY, "What those with parental responsibility say to it.", default=None
    )
    childs_view: Narrative | None = leaf(Category.NARRATIVE, "What the child is known to want.", default=None)
    weighed: Narrative | None = leaf(
        Category.NARRATIVE,
        "What harm publicity may do, and why it is right all the same.",
        default=None,
        whereabouts=True,
    )
    carried_by: tuple[AgencyId, ...] = leaf(
        Category.OPERATIONAL, "Agencies that make it public.", default=(), whereabouts=True, max_length=20
    )
    expires_at: Instant | None = leaf(Category.OPERATIONAL, "When the authority ends.", default=None)


class PublicityWithdrawn(EventData):
    """`concordat.publicity.withdrawn.v1`"""

    withdrawn_at: Instant = leaf(Category.OPERATIONAL, "When it was withdrawn.")
    withdrawn_by: Person | None = group("Who withdrew it.", default=None)
    channels: tuple[Coded[Code], ...] = leaf(
        Category.OPERATIONAL,
        "Where it must be taken down; everywhere, if none is named.",
        default=(),
        vocabulary="publicity_channel",
        max_length=20,
    )
    reason: Narrative | None = leaf(Category.NARRATIVE, "Why.", default=None, whereabouts=True)


CONTRACTS = (
    Contract(
        type="concordat.publicity.authorised.v1",
        data=PublicityAuthorised,
        purpose="A named person authorises that the search is made public: where, in which words, until when.",
        stage=Stage.SEARCH,
        publishers=Publishers(DECIDERS, confirmed=True),
    ),
    Contract(
        type="concordat.publicity.withdrawn.v1",
        data=PublicityWithdrawn,
        purpose="The authority for publicity ends: whoever published it takes the child's name and picture down.",
        stage=Stage.SEARCH,
        publishers=Publishers(DECIDERS, confirmed=True),
        after_closing=True,
    ),
)
