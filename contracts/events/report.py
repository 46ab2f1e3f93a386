"""The report that a child is missing, and how great the risk is."""

from contracts.categories import Category
from contracts.coded import Coded
from contracts.events.base import ANYONE, SEARCHERS, Contract, EventData, Informant, Involved, Person, Publishers
from contracts.events.child import ChildIdentity
from contracts.fields import group, leaf
from contracts.values import (
    AgencyId,
    Closed,
    Code,
    Instant,
    Narrative,
    Place,
    Reference,
    ShortText,
    Span,
    Text,
    UniqueId,
)
from contracts.vocabulary import Jurisdiction, RiskLevel, Stage


class MissingChild(ChildIdentity):
    """The child as the reporter knows them. Nothing is required: an unknown identifier never blocks a report."""

    handle: UniqueId | None = leaf(
        Category.IDENTITY,
        "The hub's handle of the child, from a placement record that the reporter was told of.",
        default=None,
    )
    local_reference: Reference | None = leaf(
        Category.IDENTITY, "The reporter's own reference.", default=None, whereabouts=True
    )
    description: Text | None = leaf(Category.IDENTITY, "What the child looks like.", default=None)
    health_needs: Narrative | None = leaf(
        Category.HEALTH, "Medication, conditions and needs that matter tonight.", default=None
    )


class LastSeen(Closed):
    """The last time that somebody saw the child."""

    at: Instant | None = leaf(Category.OPERATIONAL, "When the child was last seen, at the best estimate.", default=None)
    between: Span | None = leaf(Category.OPERATIONAL, "Between when the child was last seen.", default=None)
    place: Place | None = leaf(Category.LOCATION, "Where the child was last seen.", default=None, whereabouts=True)
    heading: Narrative | None = leaf(
        Category.LOCATION, "Which way and by what means the child went.", default=None, whereabouts=True
    )
    clothing: Text | None = leaf(Category.IDENTITY, "What the child was wearing.", default=None)
    carrying: Text | None = leaf(
        Category.IDENTITY, "What the child had with them: bag, telephone, money.", default=None
    )
    seen_with: Narrative | None = leaf(Category.THIRD_PARTY, "Who the child was with.", default=None)


class Risk(Closed):
    """A risk assessment."""

    level: Coded[RiskLevel] = leaf(Category.OPERATIONAL, "Assessed level of risk.")
    previous: Coded[RiskLevel] | None = leaf(Category.OPERATIONAL, "The level before.", default=None)
    scheme: ShortText | None = leaf(
        Category.OPERATIONAL, "Name and version of the risk scheme.", default=None, whereabouts=True
    )
    assessed_at: Instant | None = leaf(Category.OPERATIONAL, "When it was assessed.", default=None)
    obtained_at: Instant | None = leaf(
        Category.OPERATIONAL, "When the information that it rests on was obtained.", default=None
    )
    next_review_at: Instant | None = leaf(Category.OPERATIONAL, "When it must be reviewed.", default=None)
    rationale: Narrative | None = leaf(Category.NARRATIVE, "Why this level.", default=None)
    factors: Narrative | None = leaf(Category.NARRATIVE, "What raises or lowers the risk.", default=None)
    health_factors: Narrative | None = leaf(
        Category.HEALTH, "What of the child's health raises or lowers the risk.", default=None
    )
    exploitation_factors: Narrative | None = leaf(
        Category.CRIMINAL_JUSTICE, "What points to exploitation or to offences.", default=None
    )
    supplied_by: Person | None = group("Who supplied the information, in their post.", default=None)
    told_by: Informant | None = group("Who else supplied it: family, a friend, the public.", default=None)


class EpisodeOpened(EventData):
    """`concordat.episode.opened.v1`"""

    child: MissingChild = group("The child.")
    reported_at: Instant | None = leaf(Category.OPERATIONAL, "When the child was reported missing.", default=None)
    jurisdiction: Jurisdiction = leaf(
        Category.OPERATIONAL, "Whose definitions apply.", default=Jurisdiction.ENGLAND, whereabouts=True
    )
    last_seen: LastSeen | None = group("The last sighting.", default=None)
    circumstances: Narrative | None = leaf(Category.NARRATIVE, "What happened.", default=None)
    risk: Risk | None = group("The reporter's first view of the risk.", default=None)
    intervention_level: int | None = leaf(
        Category.OPERATIONAL,
        "Level of intervention, 1 to 3.",
        default=None,
        vocabulary="intervention_level",
        ge=1,
        le=3,
    )
    reporter: Person | None = group("Who reports, in their post.", default=None)
    informant: Informant | None = group(
        "Who told them, if nobody in a post: family, a friend, the public.", default=None
    )
    force_reference: Reference | None = leaf(
        Category.OPERATIONAL, "The force's own reference.", default=None, whereabouts=True
    )
    involved: tuple[Involved, ...] = group("Who is involved, as far as the reporter knows.", default=(), max_length=50)
    protected_whereabouts: bool = leaf(
        Category.PROTECTED_WHEREABOUTS, "Whether the child's or carer's whereabouts are protected.", default=False
    )


class RiskAssessed(EventData):
    """`concordat.risk.assessed.v1`"""

    risk: Risk = group("The assessment.")
    intervention_level: int | None = leaf(
        Category.OPERATIONAL,
        "Level of intervention that the assessor thinks right, 1 to 3.",
        default=None,
        vocabulary="intervention_level",
        ge=1,
        le=3,
    )


class RiskChanged(EventData):
    """`concordat.risk.changed.v1`"""

    risk: Risk = group("The new assessment.")
    intervention_level: int | None = leaf(
        Category.OPERATIONAL,
        "Level of intervention, 1 to 3.",
        default=None,
        vocabulary="intervention_level",
        ge=1,
        le=3,
    )


class ReportDeclined(EventData):
    """`concordat.report.declined.v1`"""

    declined_at: Instant = leaf(Category.OPERATIONAL, "When it was declined.")
    ground: Coded[Code] = leaf(
        Category.OPERATIONAL, "Why it is declined, in one word.", whereabouts=True, vocabulary="report_declined_ground"
    )
    reason: Narrative | None = leaf(Category.NARRATIVE, "Why it is declined, in words.", default=None, whereabouts=True)
    intervention_level: int | None = leaf(
        Category.OPERATIONAL,
        "Level of intervention that the force thinks right, 1 to 3.",
        default=None,
        vocabulary="intervention_level",
        ge=1,
        le=3,
    )
    next_review_at: Instant | None = leaf(
        Category.OPERATIONAL, "When the force looks at the report again.", default=None
    )
    suggested: AgencyId | None = leaf(
        Category.OPERATIONAL, "The force that should be asked instead.", default=None, whereabouts=True
    )
    force_reference: Reference | None = leaf(
        Category.OPERATIONAL, "The force's own reference.", default=None, whereabouts=True
    )
    declined_by: Person | None = group("Who decided, and whom to ring to challenge it.", default=None)


CONTRACTS = (
    Contract(
        type="concordat.episode.opened.v1",
        data=EpisodeOpened,
        purpose="A child is missing: their whereabouts cannot be established.",
        stage=Stage.REPORT,
        publishers=ANYONE,
    ),
    Contract(
        type="concordat.risk.assessed.v1",
        data=RiskAssessed,
        purpose="An agency says how it sees the risk, at any stage; the episode's own level stays as it is.",
        stage=Stage.REPORT,
        publishers=ANYONE,
        after_closing=True,
    ),
    Contract(
        type="concordat.risk.changed.v1",
        data=RiskChanged,
        purpose="The risk to the child has been assessed anew.",
        stage=Stage.REPORT,
        publishers=Publishers(SEARCHERS, confirmed=True),
    ),
    Contract(
        type="concordat.report.declined.v1",
        data=ReportDeclined,
        purpose="A police force does not take the report as one of a missing child, says why, and when it looks again.",
        stage=Stage.REPORT,
        publishers=Publishers(SEARCHERS),
    ),
)
