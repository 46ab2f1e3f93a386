"""The report that a child is missing, who is involved, and how great the risk is."""

from contracts.categories import Category
from contracts.coded import Coded
from contracts.events.base import ANYONE, SEARCHERS, Contract, EventData, Involved, Person, Publishers
from contracts.fields import group, leaf
from contracts.values import (
    Closed,
    Day,
    Instant,
    Narrative,
    NhsNumber,
    PersonName,
    Place,
    Reference,
    ShortText,
    Text,
    UniqueId,
)
from contracts.vocabulary import Jurisdiction, RiskLevel, Role, Stage


class MissingChild(Closed):
    """The child as the reporter knows them. Nothing is required: an unknown identifier never blocks a report."""

    handle: UniqueId | None = leaf(
        Category.IDENTITY,
        "The hub's handle of the child, from a placement record that the reporter was told of.",
        default=None,
    )
    local_reference: Reference | None = leaf(Category.IDENTITY, "The reporter's own reference.", default=None)
    name: PersonName | None = leaf(Category.IDENTITY, "Full name.", default=None)
    known_as: PersonName | None = leaf(Category.IDENTITY, "Name the child answers to.", default=None)
    birth_date: Day | None = leaf(Category.IDENTITY, "Date of birth.", default=None)
    nhs_number: NhsNumber | None = leaf(Category.IDENTITY, "NHS number, if known.", default=None)
    description: Text | None = leaf(Category.IDENTITY, "What the child looks like.", default=None)
    health_needs: Narrative | None = leaf(
        Category.HEALTH, "Medication, conditions and needs that matter tonight.", default=None
    )


class LastSeen(Closed):
    """The last time that somebody saw the child."""

    at: Instant | None = leaf(Category.OPERATIONAL, "When the child was last seen.", default=None)
    place: Place | None = leaf(Category.LOCATION, "Where the child was last seen.", default=None, whereabouts=True)
    clothing: Text | None = leaf(Category.IDENTITY, "What the child was wearing.", default=None)
    seen_with: Narrative | None = leaf(Category.THIRD_PARTY, "Who the child was with.", default=None)


class Risk(Closed):
    """A risk assessment."""

    level: Coded[RiskLevel] = leaf(Category.OPERATIONAL, "Assessed level of risk.")
    previous: Coded[RiskLevel] | None = leaf(Category.OPERATIONAL, "The level before.", default=None)
    scheme: ShortText | None = leaf(Category.OPERATIONAL, "Name and version of the risk scheme.", default=None)
    assessed_at: Instant | None = leaf(Category.OPERATIONAL, "When it was assessed.", default=None)
    next_review_at: Instant | None = leaf(Category.OPERATIONAL, "When it must be reviewed.", default=None)
    rationale: Narrative | None = leaf(Category.NARRATIVE, "Why this level.", default=None)
    factors: Narrative | None = leaf(Category.NARRATIVE, "What raises or lowers the risk.", default=None)
    supplied_by: Person | None = group("Who supplied the information.", default=None)


class EpisodeOpened(EventData):
    """`concordat.episode.opened.v1`"""

    child: MissingChild = group("The child.")
    reported_at: Instant | None = leaf(Category.OPERATIONAL, "When the child was reported missing.", default=None)
    jurisdiction: Jurisdiction = leaf(Category.OPERATIONAL, "Whose definitions apply.", default=Jurisdiction.ENGLAND)
    last_seen: LastSeen | None = group("The last sighting.", default=None)
    circumstances: Narrative | None = leaf(Category.NARRATIVE, "What happened.", default=None)
    risk: Risk | None = group("The reporter's first view of the risk.", default=None)
    intervention_level: int | None = leaf(
        Category.OPERATIONAL, "Level of intervention, 1 to 3.", default=None, ge=1, le=3
    )
    reporter: Person | None = group("Who reports.", default=None)
    force_reference: Reference | None = leaf(
        Category.OPERATIONAL, "The force's own reference.", default=None, whereabouts=True
    )
    involved: tuple[Involved, ...] = group("Who is involved, as far as the reporter knows.", default=(), max_length=50)
    protected_whereabouts: bool = leaf(
        Category.PROTECTED_WHEREABOUTS, "Whether the child's or carer's whereabouts are protected.", default=False
    )


class RiskChanged(EventData):
    """`concordat.risk.changed.v1`"""

    risk: Risk = group("The new assessment.")
    intervention_level: int | None = leaf(
        Category.OPERATIONAL, "Level of intervention, 1 to 3.", default=None, ge=1, le=3
    )


class InvolvementAdded(EventData):
    """`concordat.involvement.added.v1`"""

    involved: tuple[Involved, ...] = group(
        "Who is involved, as far as the publisher knows.", min_length=1, max_length=50
    )
    reason: Narrative | None = leaf(Category.NARRATIVE, "Why they are involved.", default=None)


class InvolvementConfirmed(EventData):
    """`concordat.involvement.confirmed.v1`"""

    involved: tuple[Involved, ...] = group("Whose part is confirmed.", min_length=1, max_length=50)


CONTRACTS = (
    Contract(
        type="concordat.episode.opened.v1",
        data=EpisodeOpened,
        purpose="A child is missing: their whereabouts cannot be established.",
        stage=Stage.REPORT,
        publishers=ANYONE,
    ),
    Contract(
        type="concordat.risk.changed.v1",
        data=RiskChanged,
        purpose="The risk to the child has been assessed anew.",
        stage=Stage.REPORT,
        publishers=Publishers(SEARCHERS, confirmed=True),
    ),
    Contract(
        type="concordat.involvement.added.v1",
        data=InvolvementAdded,
        purpose="An agency says who else, or that it itself, is involved. A claim until a record holder confirms it.",
        stage=Stage.SEARCH,
        publishers=ANYONE,
    ),
    Contract(
        type="concordat.involvement.confirmed.v1",
        data=InvolvementConfirmed,
        purpose="The responsible authority or the owning force confirms who is involved, so that they may be told.",
        stage=Stage.SEARCH,
        publishers=Publishers(frozenset({Role.RESPONSIBLE_AUTHORITY, Role.OWNING_FORCE}), confirmed=True),
    ),
)
