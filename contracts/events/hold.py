"""Legal hold: what the publisher controls is kept whatever its time, until two people lift the hold."""

from typing import Annotated

from pydantic import AfterValidator

from contracts.categories import Category
from contracts.coded import Coded
from contracts.events.base import ANYONE, Contract, EventData
from contracts.events.decision import Signatory
from contracts.fields import group, leaf
from contracts.values import Code, Instant, Narrative, Reference, UniqueId
from contracts.vocabulary import Stage


def _two_people(signatories: tuple[Signatory, ...]) -> tuple[Signatory, ...]:
    if len(set(signatories)) != len(signatories):
        raise ValueError("two people lift a hold: name two")
    return signatories


class HoldPlaced(EventData):
    """`concordat.hold.placed.v1`"""

    hold: UniqueId = leaf(Category.OPERATIONAL, "The publisher's id of the hold, which lifting names.")
    placed_at: Instant = leaf(Category.OPERATIONAL, "When it was placed.")
    ground: Coded[Code] = leaf(Category.CRIMINAL_JUSTICE, "Why records must be kept.", vocabulary="hold_ground")
    reference: Reference | None = leaf(
        Category.CRIMINAL_JUSTICE, "Reference of the inquiry, case or request.", default=None, whereabouts=True
    )
    reason: Narrative | None = leaf(Category.NARRATIVE, "What it is about.", default=None, whereabouts=True)
    review_at: Instant | None = leaf(
        Category.OPERATIONAL, "When it is looked at again; it stands until it is lifted.", default=None
    )
    placed_by: Signatory = group("Who decided it.")


class HoldLifted(EventData):
    """`concordat.hold.lifted.v1`"""

    hold: UniqueId = leaf(Category.OPERATIONAL, "The hold that is lifted.")
    lifted_at: Instant = leaf(Category.OPERATIONAL, "When it was decided.")
    reason: Narrative = leaf(Category.NARRATIVE, "Why the records need not be kept any longer.")
    lifted_by: Annotated[tuple[Signatory, ...], AfterValidator(_two_people)] = group(
        "The two people who decided it.", min_length=2, max_length=2, json_schema_extra={"uniqueItems": True}
    )


CONTRACTS = (
    Contract(
        type="concordat.hold.placed.v1",
        data=HoldPlaced,
        purpose="Nothing that the publisher controls of this episode or child is erased while the hold stands.",
        stage=Stage.GOVERNANCE,
        publishers=ANYONE,
        either_subject=True,
        ring=False,
    ),
    Contract(
        type="concordat.hold.lifted.v1",
        data=HoldLifted,
        purpose="A hold ends by the decision of two people, and records are erased when their time has come.",
        stage=Stage.GOVERNANCE,
        publishers=ANYONE,
        either_subject=True,
        ring=False,
    ),
)
