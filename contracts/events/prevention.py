"""Before a child goes missing: the standing placement record, and the plan for the day that they do."""

from contracts.categories import Category
from contracts.coded import Coded
from contracts.events.base import ANYONE, CARERS, Action, Contract, EventData, Involved, Publishers
from contracts.events.child import ChildIdentity
from contracts.fields import group, leaf
from contracts.values import AreaCode, AuthorityNumber, Closed, Code, Instant, Narrative, OfstedUrn, Place, Reference
from contracts.vocabulary import Role, Stage


class PlacedChild(ChildIdentity):
    """The child as the responsible authority's record has them."""

    local_reference: Reference = leaf(
        Category.IDENTITY, "The responsible authority's own reference for the child.", whereabouts=True
    )


class Placement(Closed):
    """Where the child is placed."""

    began_at: Instant = leaf(Category.OPERATIONAL, "When the placement began.")
    code: Coded[Code] | None = leaf(
        Category.OPERATIONAL, "SSDA903 placement code.", default=None, whereabouts=True, vocabulary="placement_code"
    )
    area: AreaCode | None = leaf(
        Category.LOCATION,
        "ONS GSS code of the area the placement lies in; the force that polices it owns an episode from there.",
        default=None,
        whereabouts=True,
    )
    provider: Coded[Code] | None = leaf(
        Category.OPERATIONAL,
        "SSDA903 code of who provides the placement.",
        default=None,
        whereabouts=True,
        vocabulary="placement_provider",
    )
    ofsted_urn: OfstedUrn | None = leaf(
        Category.OPERATIONAL, "Ofsted's number of the home or agency.", default=None, whereabouts=True
    )
    authority_number: AuthorityNumber | None = leaf(
        Category.LOCATION,
        "DfE number of the local authority that the placement lies in.",
        default=None,
        whereabouts=True,
    )
    address: Place | None = leaf(Category.LOCATION, "Address of the placement.", default=None, whereabouts=True)


class PlacementNotified(EventData):
    """`concordat.placement.notified.v1`"""

    child: PlacedChild = group("The child.")
    placement: Placement = group("The placement.")
    involved: tuple[Involved, ...] = group("Who is who for this child; confirmed by this record.", max_length=50)
    protected_whereabouts: bool = leaf(
        Category.PROTECTED_WHEREABOUTS, "Whether the child's or carer's whereabouts are protected.", default=False
    )


class PlacementEnded(EventData):
    """`concordat.placement.ended.v1`"""

    child: PlacedChild = group("The child.")
    ended_at: Instant = leaf(Category.OPERATIONAL, "When the placement ended.")
    planned: bool | None = leaf(Category.OPERATIONAL, "Whether the end was planned.", default=None)
    reason: Coded[Code] | None = leaf(
        Category.OPERATIONAL, "Why it ended.", default=None, vocabulary="placement_end_reason"
    )
    next_area: AreaCode | None = leaf(
        Category.LOCATION,
        "ONS GSS code of the area that the child moves to, where another placement follows.",
        default=None,
        whereabouts=True,
    )
    note: Narrative | None = leaf(
        Category.NARRATIVE, "What the next carers need to know of it.", default=None, whereabouts=True
    )


class PreventionPlanAgreed(EventData):
    """`concordat.prevention_plan.agreed.v1`"""

    child: PlacedChild = group("The child.")
    agreed_at: Instant = leaf(Category.OPERATIONAL, "When the plan was agreed.")
    agreed_by: tuple[Involved, ...] = group("Who agreed on it.", default=(), max_length=50)
    plan_reference: Reference | None = leaf(
        Category.OPERATIONAL, "Reference of the plan in its owner's records.", default=None, whereabouts=True
    )
    next_review_at: Instant | None = leaf(Category.OPERATIONAL, "When it must be reviewed.", default=None)
    triggers: Narrative | None = leaf(
        Category.NARRATIVE, "What comes before the child goes: places, people, days, moods.", default=None
    )
    first_steps: Narrative | None = leaf(
        Category.NARRATIVE, "What those who care for the child do when they are late.", default=None, whereabouts=True
    )
    places_to_check: Narrative | None = leaf(Category.LOCATION, "Where to look first.", default=None, whereabouts=True)
    people_to_ask: Narrative | None = leaf(Category.THIRD_PARTY, "Whom to ask first.", default=None, whereabouts=True)
    report_when: Narrative | None = leaf(
        Category.NARRATIVE, "From when on the child is reported missing to the police.", default=None
    )
    childs_voice: Narrative | None = leaf(
        Category.NARRATIVE, "What the child says would help, as theirs.", default=None
    )
    share_view: Narrative | None = leaf(Category.NARRATIVE, "The child's view on who may read the plan.", default=None)
    actions: tuple[Action, ...] = group("What each agency has taken on.", default=(), max_length=50)


CONTRACTS = (
    Contract(
        type="concordat.placement.notified.v1",
        data=PlacementNotified,
        purpose="The responsible authority records where a child is placed and who is who, before anything happens.",
        stage=Stage.PREVENTION,
        publishers=ANYONE,
        about_child=True,
        ring=False,
    ),
    Contract(
        type="concordat.placement.ended.v1",
        data=PlacementEnded,
        purpose="The responsible authority records that a placement is over, so that its carers and host hear no more.",
        stage=Stage.PREVENTION,
        publishers=Publishers(frozenset({Role.RESPONSIBLE_AUTHORITY}), confirmed=True),
        about_child=True,
        ring=False,
    ),
    Contract(
        type="concordat.prevention_plan.agreed.v1",
        data=PreventionPlanAgreed,
        purpose="Those who care for a child have agreed what keeps them from going, and what is done when they do.",
        stage=Stage.PREVENTION,
        publishers=Publishers(CARERS | {Role.RESPONSIBLE_AUTHORITY}, confirmed=True),
        about_child=True,
        ring=False,
    ),
)
