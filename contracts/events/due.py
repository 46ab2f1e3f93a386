"""Whatever is due by a time: said when the clock begins, and when it has run out."""

from contracts.categories import Category
from contracts.coded import Coded
from contracts.events.base import ANYONE, Contract, EventData
from contracts.fields import leaf
from contracts.values import AgencyId, Code, Instant, UniqueId
from contracts.vocabulary import Stage


class DeadlineDue(EventData):
    """`concordat.deadline.due.v1`"""

    deadline: UniqueId = leaf(Category.OPERATIONAL, "The hub's id of the deadline.")
    kind: Coded[Code] = leaf(Category.OPERATIONAL, "What is due.", vocabulary="due_kind")
    began_at: Instant | None = leaf(Category.OPERATIONAL, "When the clock began.", default=None)
    due_at: Instant = leaf(Category.OPERATIONAL, "By when it must be done.")
    owner: AgencyId | None = leaf(
        Category.OPERATIONAL, "The agency that must do it, if known.", default=None, whereabouts=True
    )


class DeadlineMissed(EventData):
    """`concordat.deadline.missed.v1`"""

    deadline: UniqueId = leaf(Category.OPERATIONAL, "The hub's id of the deadline.")
    kind: Coded[Code] = leaf(Category.OPERATIONAL, "What was due.", vocabulary="due_kind")
    began_at: Instant | None = leaf(Category.OPERATIONAL, "When the clock began.", default=None)
    due_at: Instant = leaf(Category.OPERATIONAL, "By when it should have been done.")
    owner: AgencyId | None = leaf(
        Category.OPERATIONAL, "The agency that should have done it, if known.", default=None, whereabouts=True
    )


CONTRACTS = (
    Contract(
        type="concordat.deadline.due.v1",
        data=DeadlineDue,
        purpose="Something is due by a time. The interview has a type of its own, `concordat.rhi.due.v1`.",
        stage=Stage.GOVERNANCE,
        publishers=ANYONE,
        either_subject=True,
        derived=True,
        ring=False,
    ),
    Contract(
        type="concordat.deadline.missed.v1",
        data=DeadlineMissed,
        purpose="The time for something has passed and it is not recorded as done.",
        stage=Stage.GOVERNANCE,
        publishers=ANYONE,
        either_subject=True,
        derived=True,
        ring=False,
    ),
)
