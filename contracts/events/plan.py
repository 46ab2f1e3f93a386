"""A plan for the child has changed, and which findings of an interview changed it."""

from contracts.categories import Category
from contracts.coded import Coded
from contracts.events.base import AUTHORITIES, CARERS, Contract, EventData, Person, Publishers
from contracts.fields import group, leaf
from contracts.values import Code, Instant, Narrative, UniqueId
from contracts.vocabulary import Role, Stage


class PlanUpdated(EventData):
    """`concordat.plan.updated.v1`"""

    updated_at: Instant = leaf(Category.OPERATIONAL, "When the plan was changed.")
    plan: Coded[Code] = leaf(Category.OPERATIONAL, "Which plan.", vocabulary="plan_kind")
    findings_used: tuple[Coded[Code], ...] = leaf(
        Category.OPERATIONAL,
        "Which findings of an interview the change rests on; an empty list says that none was used.",
        max_length=20,
        vocabulary="interview_finding",
    )
    episodes: tuple[UniqueId, ...] = leaf(
        Category.OPERATIONAL,
        "Every episode whose findings were used, this one included; without the list, this one alone.",
        default=(),
        max_length=50,
    )
    changes: Narrative | None = leaf(
        Category.NARRATIVE, "What is different in the plan.", default=None, whereabouts=True
    )
    findings_not_used: Narrative | None = leaf(
        Category.NARRATIVE, "Which findings were left aside, and why.", default=None, whereabouts=True
    )
    child_took_part: bool | None = leaf(
        Category.OPERATIONAL, "Whether the child took part in changing it.", default=None
    )
    childs_voice: Narrative | None = leaf(Category.NARRATIVE, "What the child says about it, as theirs.", default=None)
    review_at: Instant | None = leaf(Category.OPERATIONAL, "When the plan is next looked at.", default=None)
    updated_by: Person | None = group("Who answers for the plan.", default=None)


CONTRACTS = (
    Contract(
        type="concordat.plan.updated.v1",
        data=PlanUpdated,
        purpose="A plan for the child was changed, and which interview findings were used.",
        stage=Stage.AFTERCARE,
        publishers=Publishers(
            AUTHORITIES | CARERS | {Role.HEALTH, Role.EDUCATION, Role.YOUTH_JUSTICE, Role.OWNING_FORCE}, confirmed=True
        ),
        ring=False,
    ),
)
