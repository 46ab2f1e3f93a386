"""One agency comes after another: renamed, merged, split. Old ids stay resolvable, also in the middle of a case."""

from contracts.categories import Category
from contracts.coded import Coded
from contracts.events.base import ANYONE, Contract, EventData
from contracts.fields import leaf
from contracts.values import AgencyId, AreaCode, Code, Instant
from contracts.vocabulary import Stage


class AgencySucceeded(EventData):
    """`concordat.agency.succeeded.v1`"""

    former: AgencyId = leaf(Category.OPERATIONAL, "The agency as it was.", whereabouts=True)
    successor: AgencyId = leaf(Category.OPERATIONAL, "The agency that takes its place.", whereabouts=True)
    how: Coded[Code] = leaf(Category.OPERATIONAL, "How the one comes after the other.", vocabulary="succession")
    takes_effect_at: Instant = leaf(
        Category.OPERATIONAL, "From when the successor holds every part and record of the former."
    )
    areas: tuple[AreaCode, ...] = leaf(
        Category.OPERATIONAL,
        "ONS GSS codes of the areas for which it does, where the former is split; without them, all.",
        default=(),
        max_length=100,
        whereabouts=True,
    )


CONTRACTS = (
    Contract(
        type="concordat.agency.succeeded.v1",
        data=AgencySucceeded,
        purpose="An agency's parts and records pass to its successor; its old name goes on being understood.",
        stage=Stage.GOVERNANCE,
        publishers=ANYONE,
        no_subject=True,
        derived=True,
        ring=False,
    ),
)
