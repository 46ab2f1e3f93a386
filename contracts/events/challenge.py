"""One agency challenges what another decided, and is answered: on record, so that nobody fights it by telephone."""

from contracts.categories import Category
from contracts.coded import Coded
from contracts.events.base import ANYONE, Contract, EventData, Person
from contracts.fields import group, leaf
from contracts.values import AgencyId, Code, Instant, Narrative, UniqueId
from contracts.vocabulary import Stage


class ChallengeRaised(EventData):
    """`concordat.challenge.raised.v1`"""

    challenge: UniqueId = leaf(Category.OPERATIONAL, "The publisher's id of the challenge, which its answer names.")
    raised_at: Instant = leaf(Category.OPERATIONAL, "When it was raised.")
    about: Coded[Code] = leaf(Category.OPERATIONAL, "What is challenged.", vocabulary="challenge_about")
    to: AgencyId = leaf(Category.OPERATIONAL, "The agency that is asked to answer.", whereabouts=True)
    disclosure_id: UniqueId | None = leaf(
        Category.OPERATIONAL, "The disclosure by which the publisher heard of what it challenges.", default=None
    )
    level: Coded[Code] | None = leaf(
        Category.OPERATIONAL, "How far up it has gone.", default=None, vocabulary="escalation_level"
    )
    reason: Narrative = leaf(Category.NARRATIVE, "What is wrong with the decision.", whereabouts=True)
    asked: Narrative | None = leaf(Category.NARRATIVE, "What should be done instead.", default=None, whereabouts=True)
    answer_by: Instant | None = leaf(Category.OPERATIONAL, "By when an answer is needed.", default=None)
    raised_by: Person | None = group("Whom to speak to about it.", default=None)


class ChallengeAnswered(EventData):
    """`concordat.challenge.answered.v1`"""

    challenge: UniqueId = leaf(Category.OPERATIONAL, "The challenge that is answered.")
    answered_at: Instant = leaf(Category.OPERATIONAL, "When it was answered.")
    result: Coded[Code] = leaf(Category.OPERATIONAL, "How it was answered.", vocabulary="challenge_result")
    level: Coded[Code] | None = leaf(
        Category.OPERATIONAL, "At which level it was answered.", default=None, vocabulary="escalation_level"
    )
    reason: Narrative | None = leaf(Category.NARRATIVE, "Why it was so answered.", default=None, whereabouts=True)
    done: Narrative | None = leaf(Category.NARRATIVE, "What is done because of it.", default=None, whereabouts=True)
    answered_by: Person | None = group("Who decided it.", default=None)


CONTRACTS = (
    Contract(
        type="concordat.challenge.raised.v1",
        data=ChallengeRaised,
        purpose="An agency does not agree with what another decided, and asks it to look again.",
        stage=Stage.GOVERNANCE,
        publishers=ANYONE,
    ),
    Contract(
        type="concordat.challenge.answered.v1",
        data=ChallengeAnswered,
        purpose="The agency that was asked has looked again and says what comes of it.",
        stage=Stage.GOVERNANCE,
        publishers=ANYONE,
    ),
)
