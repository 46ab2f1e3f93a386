"""Referrals after a return, and what became of them."""

from contracts.categories import Category
from contracts.coded import Coded
from contracts.events.base import AUTHORITIES, CARERS, SEARCHERS, Contract, EventData, Person, Publishers
from contracts.fields import group, leaf
from contracts.values import AgencyId, Code, Instant, Narrative, UniqueId
from contracts.vocabulary import Role, Stage

HELPERS = (
    AUTHORITIES
    | CARERS
    | SEARCHERS
    | {
        Role.HEALTH,
        Role.EDUCATION,
        Role.YOUTH_JUSTICE,
        Role.INTERVIEW_PROVIDER,
        Role.ADVOCATE,
        Role.TRAFFICKING_GUARDIAN,
        Role.CHARITY,
    }
)


class ReferralMade(EventData):
    """`concordat.referral.made.v1`"""

    referral: UniqueId = leaf(Category.OPERATIONAL, "The publisher's id of the referral, which its outcome names.")
    referred_at: Instant = leaf(Category.OPERATIONAL, "When the child was referred.")
    service: Coded[Code] = leaf(Category.OPERATIONAL, "The kind of help that is asked for.", vocabulary="referral_to")
    referred_to: AgencyId | None = leaf(
        Category.OPERATIONAL, "The agency that is asked.", default=None, whereabouts=True
    )
    reason: Narrative | None = leaf(Category.NARRATIVE, "Why the child is referred.", default=None, whereabouts=True)
    findings: tuple[Coded[Code], ...] = leaf(
        Category.OPERATIONAL,
        "Which findings of an interview it rests on.",
        default=(),
        max_length=20,
        vocabulary="interview_finding",
    )
    child_agrees: bool | None = leaf(Category.OPERATIONAL, "Whether the child agrees.", default=None)
    childs_voice: Narrative | None = leaf(Category.NARRATIVE, "What the child says about it, as theirs.", default=None)
    answer_by: Instant | None = leaf(Category.OPERATIONAL, "By when an answer is needed.", default=None)
    referred_by: Person | None = group("Whom to speak to about it.", default=None)


class ReferralOutcome(EventData):
    """`concordat.referral.outcome.v1`"""

    referral: UniqueId = leaf(Category.OPERATIONAL, "The referral that this is the outcome of.")
    decided_at: Instant = leaf(Category.OPERATIONAL, "When it was decided.")
    result: Coded[Code] = leaf(Category.OPERATIONAL, "What became of it.", vocabulary="referral_result")
    answered_by: AgencyId | None = leaf(
        Category.OPERATIONAL, "The agency that decided.", default=None, whereabouts=True
    )
    passed_on_to: AgencyId | None = leaf(
        Category.OPERATIONAL, "The agency that it was passed on to.", default=None, whereabouts=True
    )
    begins_at: Instant | None = leaf(Category.OPERATIONAL, "When the help begins.", default=None)
    account: Narrative | None = leaf(
        Category.NARRATIVE, "Why it was so decided, and what happens next.", default=None, whereabouts=True
    )
    contact: Person | None = group("Whom to speak to about it.", default=None)


CONTRACTS = (
    Contract(
        type="concordat.referral.made.v1",
        data=ReferralMade,
        purpose="The child was referred to a service that may help.",
        stage=Stage.AFTERCARE,
        publishers=Publishers(HELPERS, confirmed=True),
        ring=False,
    ),
    Contract(
        type="concordat.referral.outcome.v1",
        data=ReferralOutcome,
        purpose="What became of a referral, so that nobody takes a referral for help.",
        stage=Stage.AFTERCARE,
        publishers=Publishers(HELPERS, confirmed=True),
        ring=False,
    ),
)
