"""Somebody has seen the child, or thinks so."""

from contracts.categories import Category
from contracts.coded import Coded
from contracts.events.base import ANYONE, Contract, EventData, Informant, Person
from contracts.fields import group, leaf
from contracts.values import AreaCode, Code, Instant, Narrative, Place, Reference, Span, Text
from contracts.vocabulary import Stage


class SightingReported(EventData):
    """`concordat.sighting.reported.v1`"""

    seen_at: Instant | None = leaf(Category.OPERATIONAL, "When the child was seen, at the best estimate.", default=None)
    seen_between: Span | None = leaf(Category.OPERATIONAL, "Between when the child was seen.", default=None)
    certainty: Coded[Code] | None = leaf(
        Category.OPERATIONAL, "How sure it is that it was the child.", default=None, vocabulary="sighting_certainty"
    )
    area: AreaCode | None = leaf(
        Category.LOCATION, "ONS GSS code of the area the child was seen in.", default=None, whereabouts=True
    )
    place: Place | None = leaf(Category.LOCATION, "Where the child was seen.", default=None, whereabouts=True)
    heading: Narrative | None = leaf(
        Category.LOCATION, "Which way and by what means the child went.", default=None, whereabouts=True
    )
    account: Narrative | None = leaf(Category.NARRATIVE, "What was seen.", default=None, whereabouts=True)
    clothing: Text | None = leaf(Category.IDENTITY, "What the child was wearing.", default=None)
    condition: Narrative | None = leaf(Category.HEALTH, "How the child seemed.", default=None)
    seen_with: Narrative | None = leaf(Category.THIRD_PARTY, "Who the child was with.", default=None)
    recording: Reference | None = leaf(
        Category.OPERATIONAL,
        "Reference of a recording, such as CCTV, and of who holds it.",
        default=None,
        whereabouts=True,
    )
    seen_by: Person | None = group("Who saw the child, in their post.", default=None)
    informant: Informant | None = group("Who else saw the child: family, a friend, the public.", default=None)


CONTRACTS = (
    Contract(
        type="concordat.sighting.reported.v1",
        data=SightingReported,
        purpose="The child has been seen, or somebody thinks so. Seen is not located.",
        stage=Stage.SEARCH,
        publishers=ANYONE,
    ),
)
