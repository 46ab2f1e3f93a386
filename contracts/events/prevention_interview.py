"""The prevention interview: police speak with a child who is back. It is not the return home interview.

Formerly the safe and well check. What the child tells police here is passed on to those who help; it neither replaces
the independent interview nor stops its clock.
"""

from contracts.categories import Category, Whose
from contracts.coded import Coded
from contracts.events.base import SEARCHERS, Contract, EventData, Publishers
from contracts.fields import leaf
from contracts.values import AgencyId, Code, Instant, Narrative, ShortText, Span
from contracts.vocabulary import Stage


class PreventionInterviewCompleted(EventData):
    """`concordat.prevention_interview.completed.v1`"""

    completed_at: Instant = leaf(Category.OPERATIONAL, "When it was held, at the best estimate.")
    completed_between: Span | None = leaf(Category.OPERATIONAL, "Between when it was held.", default=None)
    force: AgencyId | None = leaf(
        Category.OPERATIONAL, "The force whose officer held it.", default=None, whereabouts=True
    )
    interviewer: ShortText | None = leaf(
        Category.OPERATIONAL,
        "Post of the officer who held it.",
        default=None,
        whose=Whose.PROFESSIONAL,
        whereabouts=True,
    )
    seen_how: Coded[Code] | None = leaf(
        Category.OPERATIONAL, "How the child was seen or heard.", default=None, vocabulary="seen_how"
    )
    seen_alone: bool | None = leaf(
        Category.OPERATIONAL, "Whether the child could speak without anybody else listening.", default=None
    )
    childs_voice: Narrative | None = leaf(
        Category.NARRATIVE, "What the child says, as theirs.", default=None, whereabouts=True
    )
    reasons: Narrative | None = leaf(
        Category.NARRATIVE, "Why the child went, as far as they say.", default=None, whereabouts=True
    )
    harm: Narrative | None = leaf(Category.HEALTH, "Harm that came to the child.", default=None)
    offences: Narrative | None = leaf(
        Category.CRIMINAL_JUSTICE,
        "Offences against the child, or that the child speaks of.",
        default=None,
        whereabouts=True,
    )
    associates: Narrative | None = leaf(
        Category.THIRD_PARTY, "Whom the child was with.", default=None, whereabouts=True
    )
    places: Narrative | None = leaf(Category.LOCATION, "Places that the child went to.", default=None, whereabouts=True)
    passed_to: tuple[AgencyId, ...] = leaf(
        Category.OPERATIONAL, "Agencies that concerns were passed to.", default=(), whereabouts=True, max_length=50
    )
    advice: Narrative | None = leaf(
        Category.NARRATIVE, "What may keep the child from going missing again.", default=None, whereabouts=True
    )


CONTRACTS = (
    Contract(
        type="concordat.prevention_interview.completed.v1",
        data=PreventionInterviewCompleted,
        purpose="Police have spoken with the child after the return; the return home interview is still due.",
        stage=Stage.RETURNING,
        publishers=Publishers(SEARCHERS, confirmed=True),
        ring=False,
    ),
)
