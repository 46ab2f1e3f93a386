"""A request of the child, or for the child, to see what is held (UK GDPR Art 15; DPA 2018 s.45)."""

from contracts.categories import Category
from contracts.coded import Coded
from contracts.events.base import ANYONE, Contract, EventData, Person
from contracts.fields import group, leaf
from contracts.values import Code, Day, Instant, Narrative, UniqueId
from contracts.vocabulary import Stage


class AccessRequestReceived(EventData):
    """`concordat.access_request.received.v1`"""

    request: UniqueId = leaf(Category.OPERATIONAL, "The publisher's id of the request, which its answer names.")
    received_at: Instant = leaf(Category.OPERATIONAL, "When it was received.")
    made_by: Coded[Code] = leaf(Category.OPERATIONAL, "Who makes it.", vocabulary="requester")
    requester: Narrative | None = leaf(
        Category.THIRD_PARTY, "Who makes it, where it is not the child, and on what footing.", default=None
    )
    identity_checked: bool | None = leaf(Category.OPERATIONAL, "Whether it is certain who makes it.", default=None)
    asks_for: Narrative | None = leaf(Category.NARRATIVE, "What is asked for; without it, everything.", default=None)
    from_day: Day | None = leaf(Category.OPERATIONAL, "First day of what is asked for.", default=None)
    until_day: Day | None = leaf(Category.OPERATIONAL, "Last day of what is asked for.", default=None)
    clarification_asked_at: Instant | None = leaf(
        Category.OPERATIONAL, "When the clock was stopped to ask what is meant.", default=None
    )
    clarified_at: Instant | None = leaf(
        Category.OPERATIONAL, "When the answer came and the clock went on.", default=None
    )
    due_at: Instant = leaf(Category.OPERATIONAL, "By when it must be answered: one month, unless the clock stopped.")
    handled_by: Person | None = group("Whom to speak to about it.", default=None)


class AccessRequestAnswered(EventData):
    """`concordat.access_request.answered.v1`"""

    request: UniqueId = leaf(Category.OPERATIONAL, "The request that is answered.")
    answered_at: Instant = leaf(Category.OPERATIONAL, "When it was answered.")
    result: Coded[Code] = leaf(Category.OPERATIONAL, "How it was answered.", vocabulary="access_result")
    left_out: tuple[Coded[Code], ...] = leaf(
        Category.OPERATIONAL,
        "Why something was left out.",
        default=(),
        max_length=20,
        vocabulary="exemption",
    )
    reason: Narrative | None = leaf(Category.NARRATIVE, "What was left out, and why.", default=None)
    child_supported: bool | None = leaf(
        Category.OPERATIONAL, "Whether somebody went through it with the child.", default=None
    )
    answered_by: Person | None = group("Who decided it.", default=None)


CONTRACTS = (
    Contract(
        type="concordat.access_request.received.v1",
        data=AccessRequestReceived,
        purpose="Somebody asks to see what is held about the child: the month for the answer runs.",
        stage=Stage.GOVERNANCE,
        publishers=ANYONE,
        either_subject=True,
        ring=False,
    ),
    Contract(
        type="concordat.access_request.answered.v1",
        data=AccessRequestAnswered,
        purpose="A request to see what is held was answered.",
        stage=Stage.GOVERNANCE,
        publishers=ANYONE,
        either_subject=True,
        ring=False,
    ),
)
