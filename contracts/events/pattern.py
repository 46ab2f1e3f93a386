"""Something recurs: in one child's episodes, at one place, around one person."""

from contracts.categories import Category
from contracts.coded import Coded
from contracts.events.base import Contract, EventData, Person, Publishers
from contracts.events.referral import HELPERS
from contracts.fields import group, leaf
from contracts.values import Code, Instant, Narrative, UniqueId
from contracts.vocabulary import Stage


class PatternFlagged(EventData):
    """`concordat.pattern.flagged.v1`"""

    flagged_at: Instant = leaf(Category.OPERATIONAL, "When it was noticed.")
    pattern: Coded[Code] = leaf(Category.OPERATIONAL, "What recurs.", vocabulary="pattern_kind")
    episodes: tuple[UniqueId, ...] = leaf(
        Category.OPERATIONAL,
        "The episodes of this child in which it shows, this one included.",
        default=(),
        max_length=200,
    )
    account: Narrative | None = leaf(
        Category.NARRATIVE, "What recurs, and how it was noticed.", default=None, whereabouts=True
    )
    persons: Narrative | None = leaf(
        Category.THIRD_PARTY, "Persons of concern, and other children.", default=None, whereabouts=True
    )
    places: Narrative | None = leaf(Category.LOCATION, "Places of concern.", default=None, whereabouts=True)
    exploitation_kinds: tuple[Coded[Code], ...] = leaf(
        Category.CRIMINAL_JUSTICE,
        "Kinds of exploitation that it points to.",
        default=(),
        max_length=20,
        vocabulary="exploitation",
    )
    proposed: Narrative | None = leaf(
        Category.NARRATIVE, "What should be done about it.", default=None, whereabouts=True
    )
    flagged_by: Person | None = group("Whom to speak to about it.", default=None)


CONTRACTS = (
    Contract(
        type="concordat.pattern.flagged.v1",
        data=PatternFlagged,
        purpose="Somebody has noticed what recurs. It raises attention, and never lowers it for being a repeat.",
        stage=Stage.AFTERCARE,
        publishers=Publishers(HELPERS, confirmed=True),
        ring=False,
    ),
)
