"""National bodies are told of a missing child after set times, and again when the child is found."""

from contracts.categories import Category
from contracts.coded import Coded
from contracts.events.base import SEARCHERS, Contract, EventData, Person, Publishers
from contracts.fields import group, leaf
from contracts.values import Code, Instant, Narrative, Reference
from contracts.vocabulary import Stage


class NationalUnitNotified(EventData):
    """`concordat.national_unit.notified.v1`"""

    unit: Coded[Code] = leaf(
        Category.OPERATIONAL, "The body that was told.", whereabouts=True, vocabulary="national_unit"
    )
    notice: Coded[Code] = leaf(Category.OPERATIONAL, "What it was told of.", vocabulary="national_notice")
    notified_at: Instant = leaf(Category.OPERATIONAL, "When it was told.")
    reference: Reference | None = leaf(
        Category.OPERATIONAL, "The body's own reference.", default=None, whereabouts=True
    )
    reason: Narrative | None = leaf(Category.NARRATIVE, "Why it was told at this time.", default=None, whereabouts=True)
    contact: Person | None = group("Whom to ring at the body.", default=None)


CONTRACTS = (
    Contract(
        type="concordat.national_unit.notified.v1",
        data=NationalUnitNotified,
        purpose="A police force has told a national body of the missing child, or that the child was found.",
        stage=Stage.SEARCH,
        publishers=Publishers(SEARCHERS, confirmed=True),
        ring=False,
        after_closing=True,
    ),
)
