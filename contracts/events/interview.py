"""The return home interview: due 72 hours after the return, whoever closed what in between.

Source: DfE, Statutory guidance on children who run away or go missing from home or care (2014).
"""

from contracts.categories import Category, Whose
from contracts.coded import Coded
from contracts.events.base import ANYONE, Contract, EventData, Publishers
from contracts.events.interview_duty import INTERVIEWERS, InterviewDuty
from contracts.fields import group, leaf
from contracts.values import AgencyId, Code, Instant, Narrative, ShortText, Span, UniqueId
from contracts.vocabulary import DueStage, Stage


class RhiDue(EventData):
    """`concordat.rhi.due.v1`"""

    stage: DueStage = leaf(Category.OPERATIONAL, "Whether the clock has begun or has run out.")
    returned_at: Instant = leaf(Category.OPERATIONAL, "When the child returned.")
    due_at: Instant = leaf(Category.OPERATIONAL, "By when the interview must have been held.")
    responsible: AgencyId | None = leaf(
        Category.OPERATIONAL, "The authority that must offer the interview, if known.", default=None
    )


class RhiOverdue(EventData):
    """`concordat.rhi.overdue.v1`"""

    returned_at: Instant = leaf(Category.OPERATIONAL, "When the child returned.")
    due_at: Instant = leaf(Category.OPERATIONAL, "By when the interview should have been held.")
    hours_overdue: int = leaf(Category.OPERATIONAL, "Whole hours since it was due.", ge=0)
    responsible: AgencyId | None = leaf(
        Category.OPERATIONAL, "The authority that must offer the interview, if known.", default=None
    )
    offers: int = leaf(Category.OPERATIONAL, "How often an offer is on record.", ge=0)
    declines: int = leaf(Category.OPERATIONAL, "How often the child is recorded to have declined.", ge=0)
    attempts: int = leaf(Category.OPERATIONAL, "How often an attempt is on record.", ge=0)
    offer_again_at: Instant | None = leaf(
        Category.OPERATIONAL, "When the next offer is to be made, if that was recorded.", default=None
    )


class RhiCompleted(EventData):
    """`concordat.rhi.completed.v1`"""

    completed_at: Instant = leaf(Category.OPERATIONAL, "When the interview was held.")
    completed_between: Span | None = leaf(Category.OPERATIONAL, "Between when it was held.", default=None)
    episodes: tuple[UniqueId, ...] = leaf(
        Category.OPERATIONAL,
        "Every episode that the interview covers, this one included; without the list, this one alone.",
        default=(),
        max_length=50,
    )
    duty: InterviewDuty | None = group("Who had to hold it, and why they.", default=None)
    interviewer: ShortText | None = leaf(
        Category.OPERATIONAL, "Post of the interviewer.", default=None, whose=Whose.PROFESSIONAL, whereabouts=True
    )
    interviewer_agency: AgencyId | None = leaf(
        Category.OPERATIONAL, "The agency that the interviewer works for.", default=None, whereabouts=True
    )
    same_person: bool | None = leaf(
        Category.OPERATIONAL, "Whether it was somebody whom the child had talked with before.", default=None
    )
    independent: bool | None = leaf(
        Category.OPERATIONAL, "Whether the interviewer is independent of placement and authority.", default=None
    )
    seen_alone: bool | None = leaf(
        Category.OPERATIONAL, "Whether the child could speak without anybody else listening.", default=None
    )
    offers_made: int | None = leaf(
        Category.OPERATIONAL, "How often it was offered until it was held.", default=None, ge=1
    )
    late_reason: Coded[Code] | None = leaf(
        Category.OPERATIONAL, "Why it was later than 72 hours, as a code.", default=None, vocabulary="lateness_reason"
    )
    late_because: Narrative | None = leaf(Category.NARRATIVE, "Why it was later than 72 hours.", default=None)
    push_factors: Narrative | None = leaf(
        Category.NARRATIVE, "What the child wanted to get away from.", default=None, whereabouts=True
    )
    pull_factors: Narrative | None = leaf(Category.NARRATIVE, "What drew the child.", default=None, whereabouts=True)
    childs_voice: Narrative | None = leaf(
        Category.NARRATIVE, "What the child says, as theirs.", default=None, whereabouts=True
    )
    wishes: Narrative | None = leaf(
        Category.NARRATIVE, "What the child says would help.", default=None, whereabouts=True
    )
    share_wish: Coded[Code] | None = leaf(
        Category.NARRATIVE, "The child's view on who may read this, as a code.", default=None, vocabulary="share_wish"
    )
    share_view: Narrative | None = leaf(Category.NARRATIVE, "The child's view on who may read this.", default=None)
    harm_kinds: tuple[Coded[Code], ...] = leaf(
        Category.HEALTH, "Kinds of harm that came to the child.", default=(), max_length=20, vocabulary="harm_kind"
    )
    harm: Narrative | None = leaf(Category.HEALTH, "Harm that came to the child.", default=None)
    exploitation_kinds: tuple[Coded[Code], ...] = leaf(
        Category.CRIMINAL_JUSTICE,
        "Kinds of exploitation that there are signs of.",
        default=(),
        max_length=20,
        vocabulary="exploitation",
    )
    exploitation: Narrative | None = leaf(
        Category.CRIMINAL_JUSTICE, "Signs of exploitation.", default=None, whereabouts=True
    )
    associates: Narrative | None = leaf(
        Category.THIRD_PARTY, "Whom the child was with.", default=None, whereabouts=True
    )
    places: Narrative | None = leaf(Category.LOCATION, "Places that the child went to.", default=None, whereabouts=True)


class RhiShared(EventData):
    """`concordat.rhi.shared.v1`"""

    shared_at: Instant = leaf(Category.OPERATIONAL, "When it was shared.")
    completed_at: Instant | None = leaf(Category.OPERATIONAL, "When the interview was held.", default=None)
    episodes: tuple[UniqueId, ...] = leaf(
        Category.OPERATIONAL,
        "Every episode that the interview covers, this one included; without the list, this one alone.",
        default=(),
        max_length=50,
    )
    shared_with: tuple[AgencyId, ...] = leaf(
        Category.OPERATIONAL, "Agencies that it was shared with.", whereabouts=True, min_length=1, max_length=50
    )
    findings: tuple[Coded[Code], ...] = leaf(
        Category.OPERATIONAL,
        "Which parts of it were shared; without the list, all.",
        default=(),
        max_length=20,
        vocabulary="interview_finding",
    )
    wish_followed: bool | None = leaf(Category.OPERATIONAL, "Whether it was shared as the child wished.", default=None)
    wish_not_followed: Narrative | None = leaf(
        Category.NARRATIVE,
        "Why it was shared otherwise than the child wished, and how the child was told.",
        default=None,
    )


HOLDERS = Publishers(INTERVIEWERS, confirmed=True)

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
        type="concordat.rhi.overdue.v1",
        data=RhiOverdue,
        purpose="The time for the interview has passed and none is recorded: what has been tried so far.",
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
        publishers=HOLDERS,
        ring=False,
    ),
    Contract(
        type="concordat.rhi.shared.v1",
        data=RhiShared,
        purpose="Somebody shared what came of the interview by another way, and whether as the child wished.",
        stage=Stage.INTERVIEW,
        publishers=HOLDERS,
        ring=False,
    ),
)
