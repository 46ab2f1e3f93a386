"""A child who is not where they should be and has not been reported missing: waited for, rung, looked for."""

from contracts.categories import Category
from contracts.coded import Coded
from contracts.events.base import AUTHORITIES, CARERS, SEARCHERS, Contract, EventData, Involved, Person, Publishers
from contracts.events.report import MissingChild, Risk
from contracts.fields import group, leaf
from contracts.values import Code, Instant, Narrative, Place, Span
from contracts.vocabulary import Stage


class AbsenceNoted(EventData):
    """`concordat.absence.noted.v1`"""

    child: MissingChild = group("The child.")
    kind: Coded[Code] | None = leaf(
        Category.OPERATIONAL,
        "SSDA903 code of the absence: whether it is known where the child is.",
        default=None,
        whereabouts=True,
        vocabulary="absence_code",
    )
    noted_at: Instant = leaf(Category.OPERATIONAL, "When it was noted that the child is not there.")
    absent_at: Instant | None = leaf(
        Category.OPERATIONAL, "Since when the child is not there, at the best estimate.", default=None
    )
    absent_between: Span | None = leaf(Category.OPERATIONAL, "Between when the child went.", default=None)
    expected_at: Instant | None = leaf(Category.OPERATIONAL, "When the child is expected back.", default=None)
    expected_between: Span | None = leaf(Category.OPERATIONAL, "Between when the child is expected back.", default=None)
    intervention_level: int | None = leaf(
        Category.OPERATIONAL,
        "Level of intervention, 1 to 3.",
        default=None,
        vocabulary="intervention_level",
        ge=1,
        le=3,
    )
    next_review_at: Instant | None = leaf(
        Category.OPERATIONAL, "When the carers look again at whether the child is missing.", default=None
    )
    place: Place | None = leaf(
        Category.LOCATION, "Where the child is or is thought to be.", default=None, whereabouts=True
    )
    circumstances: Narrative | None = leaf(
        Category.NARRATIVE, "What happened, and what was agreed with the child.", default=None
    )
    steps_taken: Narrative | None = leaf(
        Category.NARRATIVE, "What has been done to reach the child.", default=None, whereabouts=True
    )
    risk: Risk | None = group("The carers' view of the risk.", default=None)
    noted_by: Person | None = group("Who noted it.", default=None)
    involved: tuple[Involved, ...] = group("Who should hear of it.", default=(), max_length=50)


CONTRACTS = (
    Contract(
        type="concordat.absence.noted.v1",
        data=AbsenceNoted,
        purpose="A child is not where they should be; those who care for them wait, try to reach them, and look again.",
        stage=Stage.REPORT,
        publishers=Publishers(CARERS | AUTHORITIES | SEARCHERS),
        about_child=True,
        ring=False,
    ),
)
