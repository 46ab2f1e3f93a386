"""How it goes for the child since: the outcome, which is not the closing of the case."""

from contracts.categories import Category
from contracts.coded import Coded
from contracts.events.base import AUTHORITIES, Contract, EventData, Person, Publishers
from contracts.fields import group, leaf
from contracts.values import Code, Day, Instant, Narrative, UniqueId
from contracts.vocabulary import Role, Stage


class OutcomeReviewed(EventData):
    """`concordat.outcome.reviewed.v1`"""

    reviewed_at: Instant = leaf(Category.OPERATIONAL, "When it was reviewed.")
    outcome: Coded[Code] = leaf(Category.NARRATIVE, "How it goes for the child.", vocabulary="outcome_for_child")
    from_day: Day | None = leaf(Category.OPERATIONAL, "First day that the review looks back on.", default=None)
    until_day: Day | None = leaf(Category.OPERATIONAL, "Last day that the review looks back on.", default=None)
    episodes: tuple[UniqueId, ...] = leaf(
        Category.OPERATIONAL,
        "The episodes that it looks back on, this one included; without the list, this one alone.",
        default=(),
        max_length=200,
    )
    episodes_since: int | None = leaf(
        Category.OPERATIONAL, "How often the child has gone missing in that time.", default=None, ge=0
    )
    what_changed: Narrative | None = leaf(
        Category.NARRATIVE, "What is better or worse for the child.", default=None, whereabouts=True
    )
    what_helped: Narrative | None = leaf(
        Category.NARRATIVE, "What helped, and what did not.", default=None, whereabouts=True
    )
    childs_voice: Narrative | None = leaf(Category.NARRATIVE, "What the child says about it, as theirs.", default=None)
    calls_avoided: int | None = leaf(
        Category.OPERATIONAL, "How many calls between agencies the shared record made needless.", default=None, ge=0
    )
    next_review_at: Instant | None = leaf(Category.OPERATIONAL, "When it is reviewed again.", default=None)
    reviewed_by: Person | None = group("Who answers for the review.", default=None)


CONTRACTS = (
    Contract(
        type="concordat.outcome.reviewed.v1",
        data=OutcomeReviewed,
        purpose="The agencies have looked at how it goes for the child since, and what helped.",
        stage=Stage.AFTERCARE,
        publishers=Publishers(AUTHORITIES | {Role.OWNING_FORCE, Role.INTERVIEW_PROVIDER}, confirmed=True),
        ring=False,
    ),
)
