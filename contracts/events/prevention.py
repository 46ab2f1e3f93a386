"""Before a child goes missing: the standing placement record."""

from contracts.categories import Category
from contracts.coded import Coded
from contracts.events.base import ANYONE, Contract, EventData, Involved
from contracts.fields import group, leaf
from contracts.values import AreaCode, Closed, Day, Instant, NhsNumber, PersonName, Place, Reference
from contracts.vocabulary import PlacementCode, Stage


class PlacedChild(Closed):
    """The child as the responsible authority's record has them."""

    local_reference: Reference = leaf(Category.IDENTITY, "The responsible authority's own reference for the child.")
    name: PersonName | None = leaf(Category.IDENTITY, "Full name.", default=None)
    birth_date: Day | None = leaf(Category.IDENTITY, "Date of birth.", default=None)
    nhs_number: NhsNumber | None = leaf(Category.IDENTITY, "NHS number, if known.", default=None)


class Placement(Closed):
    """Where the child is placed."""

    began_at: Instant = leaf(Category.OPERATIONAL, "When the placement began.")
    code: Coded[PlacementCode] | None = leaf(
        Category.OPERATIONAL, "SSDA903 placement code.", default=None, whereabouts=True
    )
    area: AreaCode | None = leaf(
        Category.LOCATION,
        "ONS GSS code of the area the placement lies in; the force that polices it owns an episode from there.",
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
)
