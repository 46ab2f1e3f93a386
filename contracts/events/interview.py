"""The return home interview: due 72 hours after the return, whoever closed what in between.

Source: DfE, Statutory guidance on children who run away or go missing from home or care (2014).
"""

from contracts.categories import Category, Whose
from contracts.events.base import ANYONE, Contract, EventData, Publishers
from contracts.fields import leaf
from contracts.values import AgencyId, Instant, Narrative, ShortText
from contracts.vocabulary import DueStage, Role, Stage


class RhiDue(EventData):
    """`concordat.rhi.due.v1`"""

    stage: DueStage = leaf(Category.OPERATIONAL, "Whether the clock has begun or has run out.")
    returned_at: Instant = leaf(Category.OPERATIONAL, "When the child returned.")
    due_at: Instant = leaf(Category.OPERATIONAL, "By when the interview must have been held.")
    responsible: AgencyId | None = leaf(
        Category.OPERATIONAL, "The authority that must offer the interview, if known.", default=None
    )


class RhiCompleted(EventData):
    """`concordat.rhi.completed.v1`"""

    completed_at: Instant = leaf(Category.OPERATIONAL, "When the interview was held.")
    interviewer: ShortText | None = leaf(
        Category.OPERATIONAL, "Post of the interviewer.", default=None, whose=Whose.PROFESSIONAL
    )
    independent: bool | None = leaf(
        Category.OPERATIONAL, "Whether the interviewer is independent of placement and authority.", default=None
    )
    late_because: Narrative | None = leaf(Category.NARRATIVE, "Why it was later than 72 hours.", default=None)
    push_factors: Narrative | None = leaf(Category.NARRATIVE, "What the child wanted to get away from.", default=None)
    pull_factors: Narrative | None = leaf(Category.NARRATIVE, "What drew the child.", default=None)
    childs_voice: Narrative | None = leaf(Category.NARRATIVE, "What the child says, as theirs.", default=None)
    share_view: Narrative | None = leaf(Category.NARRATIVE, "The child's view on who may read this.", default=None)
    harm: Narrative | None = leaf(Category.HEALTH, "Harm that came to the child.", default=None)
    exploitation: Narrative | None = leaf(Category.CRIMINAL_JUSTICE, "Signs of exploitation.", default=None)
    associates: Narrative | None = leaf(Category.THIRD_PARTY, "Whom the child was with.", default=None)
    places: Narrative | None = leaf(Category.LOCATION, "Places that the child went to.", default=None, whereabouts=True)


CONTRACTS = (
    Contract(
        type="concordat.rhi.due.v1",
        data=RhiDue,
        purpose="A return home interview is due by a time, or that time has come without one.",
        stage=Stage.INTERVIEW,
        publishers=ANYONE,
        derived=True,
        ring=False,
    ),
    Contract(
        type="concordat.rhi.completed.v1",
        data=RhiCompleted,
        purpose="The interview was held, and what came of it.",
        stage=Stage.INTERVIEW,
        publishers=Publishers(
            frozenset({Role.RESPONSIBLE_AUTHORITY, Role.HOST_AUTHORITY, Role.INTERVIEW_PROVIDER}), confirmed=True
        ),
        ring=False,
    ),
)
