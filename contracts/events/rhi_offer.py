"""Offering the return home interview, as often as it takes.

A child who declines once is not closed: offers are counted, say who makes them and whether the child knows that
person, and only an interview that was held stops the clock. Due, offered, accepted, declined, attempted, completed and
shared are kept apart, for each is another fact and only the last three are an interview's.
"""

from contracts.categories import Category, Whose
from contracts.coded import Coded
from contracts.events.base import CARERS, Contract, EventData, Publishers
from contracts.events.interview_duty import INTERVIEWERS, InterviewDuty
from contracts.fields import group, leaf
from contracts.values import AgencyId, Code, Instant, Narrative, Place, ShortText, Span, UniqueId
from contracts.vocabulary import Role, Stage


class RhiOffered(EventData):
    """`concordat.rhi.offered.v1`"""

    offered_at: Instant = leaf(Category.OPERATIONAL, "When it was offered to the child.")
    offered_between: Span | None = leaf(Category.OPERATIONAL, "Between when it was offered.", default=None)
    episodes: tuple[UniqueId, ...] = leaf(
        Category.OPERATIONAL,
        "Every episode that the interview would cover, this one included; without the list, this one alone.",
        default=(),
        max_length=50,
    )
    offer_number: int | None = leaf(
        Category.OPERATIONAL, "Which offer since the return this is: 1 for the first.", default=None, ge=1
    )
    duty: InterviewDuty | None = group("Who must hold it, and why they.", default=None)
    offered_by: ShortText | None = leaf(
        Category.OPERATIONAL, "Who made the offer, by post.", default=None, whose=Whose.PROFESSIONAL, whereabouts=True
    )
    channel: Coded[Code] | None = leaf(
        Category.OPERATIONAL, "How it reached the child.", default=None, whereabouts=True, vocabulary="offer_channel"
    )
    interviewer: ShortText | None = leaf(
        Category.OPERATIONAL,
        "Post of whoever would interview.",
        default=None,
        whose=Whose.PROFESSIONAL,
        whereabouts=True,
    )
    interviewer_agency: AgencyId | None = leaf(
        Category.OPERATIONAL, "The agency that the interviewer works for.", default=None, whereabouts=True
    )
    same_person: bool | None = leaf(
        Category.OPERATIONAL, "Whether it would be somebody whom the child has talked with before.", default=None
    )
    choice_of_person: bool | None = leaf(
        Category.OPERATIONAL, "Whether the child could choose the interviewer.", default=None
    )
    independent: bool | None = leaf(
        Category.OPERATIONAL, "Whether the interviewer is independent of placement and authority.", default=None
    )
    proposed_at: Instant | None = leaf(Category.OPERATIONAL, "When the interview would be.", default=None)
    answer_by: Instant | None = leaf(Category.OPERATIONAL, "Until when an answer is awaited.", default=None)


class RhiAccepted(EventData):
    """`concordat.rhi.accepted.v1`"""

    accepted_at: Instant = leaf(Category.OPERATIONAL, "When the child said yes.")
    accepted_between: Span | None = leaf(Category.OPERATIONAL, "Between when the child said yes.", default=None)
    offer_number: int | None = leaf(Category.OPERATIONAL, "Which offer the child took.", default=None, ge=1)
    appointment_at: Instant | None = leaf(Category.OPERATIONAL, "When the interview will be.", default=None)
    place: Place | None = leaf(Category.LOCATION, "Where it will be.", default=None, whereabouts=True)
    interviewer: ShortText | None = leaf(
        Category.OPERATIONAL, "Post of the interviewer.", default=None, whose=Whose.PROFESSIONAL, whereabouts=True
    )
    interviewer_agency: AgencyId | None = leaf(
        Category.OPERATIONAL, "The agency that the interviewer works for.", default=None, whereabouts=True
    )
    wishes: Narrative | None = leaf(
        Category.NARRATIVE,
        "What the child asks for: whom, where, with whom beside them.",
        default=None,
        whereabouts=True,
    )


class RhiDeclined(EventData):
    """`concordat.rhi.declined.v1`"""

    declined_at: Instant = leaf(Category.OPERATIONAL, "When it was declined.")
    declined_between: Span | None = leaf(Category.OPERATIONAL, "Between when it was declined.", default=None)
    offer_number: int | None = leaf(Category.OPERATIONAL, "Which offer was declined.", default=None, ge=1)
    declined_by: Coded[Code] | None = leaf(Category.OPERATIONAL, "Who said no.", default=None, vocabulary="declined_by")
    reason: Coded[Code] | None = leaf(
        Category.OPERATIONAL, "Why, as a code.", default=None, vocabulary="decline_reason"
    )
    childs_voice: Narrative | None = leaf(
        Category.NARRATIVE, "What the child says about it, as theirs.", default=None, whereabouts=True
    )
    would_talk_to: Narrative | None = leaf(
        Category.NARRATIVE, "Whom the child would rather talk to, when or where.", default=None, whereabouts=True
    )
    told_whom: ShortText | None = leaf(
        Category.OPERATIONAL, "Who asked the child, by post.", default=None, whose=Whose.PROFESSIONAL, whereabouts=True
    )
    offer_again_at: Instant | None = leaf(Category.OPERATIONAL, "When it will be offered again.", default=None)
    offer_again_by: AgencyId | None = leaf(
        Category.OPERATIONAL, "The agency that will offer it again.", default=None, whereabouts=True
    )


class RhiAttempted(EventData):
    """`concordat.rhi.attempted.v1`"""

    attempted_at: Instant = leaf(Category.OPERATIONAL, "When it was attempted.")
    attempted_between: Span | None = leaf(Category.OPERATIONAL, "Between when it was attempted.", default=None)
    outcome: Coded[Code] = leaf(
        Category.OPERATIONAL, "Why it did not become an interview.", vocabulary="attempt_outcome"
    )
    interviewer: ShortText | None = leaf(
        Category.OPERATIONAL, "Post of the interviewer.", default=None, whose=Whose.PROFESSIONAL, whereabouts=True
    )
    interviewer_agency: AgencyId | None = leaf(
        Category.OPERATIONAL, "The agency that the interviewer works for.", default=None, whereabouts=True
    )
    place: Place | None = leaf(Category.LOCATION, "Where it was attempted.", default=None, whereabouts=True)
    account: Narrative | None = leaf(Category.NARRATIVE, "What happened.", default=None, whereabouts=True)
    next_attempt_at: Instant | None = leaf(Category.OPERATIONAL, "When it will be attempted again.", default=None)


_OFFERERS = Publishers(INTERVIEWERS | CARERS | {Role.ADVOCATE}, confirmed=True)

CONTRACTS = (
    Contract(
        type="concordat.rhi.offered.v1",
        data=RhiOffered,
        purpose="The child was offered an interview: the first time or again. The clock runs on.",
        stage=Stage.INTERVIEW,
        publishers=_OFFERERS,
        ring=False,
    ),
    Contract(
        type="concordat.rhi.accepted.v1",
        data=RhiAccepted,
        purpose="The child agreed to an interview, which has still to be held.",
        stage=Stage.INTERVIEW,
        publishers=_OFFERERS,
        ring=False,
    ),
    Contract(
        type="concordat.rhi.declined.v1",
        data=RhiDeclined,
        purpose="The child did not want an interview this time: it stays due, and is offered again.",
        stage=Stage.INTERVIEW,
        publishers=_OFFERERS,
        ring=False,
    ),
    Contract(
        type="concordat.rhi.attempted.v1",
        data=RhiAttempted,
        purpose="Somebody came to interview the child and no interview came of it: it stays due.",
        stage=Stage.INTERVIEW,
        publishers=_OFFERERS,
        ring=False,
    ),
)
