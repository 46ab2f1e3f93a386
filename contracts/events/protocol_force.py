"""A protocol comes into force, and ends."""

from contracts.categories import Category
from contracts.coded import Coded
from contracts.events.base import ANYONE, Contract, EventData
from contracts.fields import leaf
from contracts.values import AgencyId, Code, Day, Instant, Reference, Sha256, ShortText
from contracts.vocabulary import Stage


class ProtocolActivated(EventData):
    """`concordat.protocol.activated.v1`"""

    protocol: Reference = leaf(Category.OPERATIONAL, "Name of the protocol.")
    version: int = leaf(Category.OPERATIONAL, "Its version.", ge=1)
    title: ShortText | None = leaf(Category.OPERATIONAL, "Its title.", default=None)
    fingerprint: Sha256 = leaf(Category.OPERATIONAL, "SHA-256 of its signed bytes.")
    activated_at: Instant = leaf(Category.OPERATIONAL, "When it was brought into force at this hub.")
    in_force_from: Day = leaf(Category.OPERATIONAL, "Its first day in Europe/London.")
    in_force_until: Day = leaf(Category.OPERATIONAL, "Its last day in Europe/London.")
    review_by: Day | None = leaf(Category.OPERATIONAL, "By which day it must be looked at again.", default=None)
    signed_by: tuple[AgencyId, ...] = leaf(
        Category.OPERATIONAL, "The parties that have signed: it binds these.", default=(), max_length=1000
    )


class ProtocolEnded(EventData):
    """`concordat.protocol.ended.v1`"""

    protocol: Reference = leaf(Category.OPERATIONAL, "Name of the protocol.")
    version: int = leaf(Category.OPERATIONAL, "Its version.", ge=1)
    ended_at: Instant = leaf(Category.OPERATIONAL, "From when it releases nothing.")
    reason: Coded[Code] = leaf(Category.OPERATIONAL, "Why it ended.", vocabulary="protocol_end")
    replaced_by: int | None = leaf(Category.OPERATIONAL, "The version that takes its place.", default=None, ge=1)
    withdrawn_by: AgencyId | None = leaf(Category.OPERATIONAL, "The party that withdrew.", default=None)


CONTRACTS = (
    Contract(
        type="concordat.protocol.activated.v1",
        data=ProtocolActivated,
        purpose="A version of a protocol is in force between those who have signed it.",
        stage=Stage.GOVERNANCE,
        publishers=ANYONE,
        no_subject=True,
        derived=True,
        ring=False,
    ),
    Contract(
        type="concordat.protocol.ended.v1",
        data=ProtocolEnded,
        purpose="A version of a protocol releases nothing any more: whoever relied on it must ring.",
        stage=Stage.GOVERNANCE,
        publishers=ANYONE,
        no_subject=True,
        derived=True,
        ring=False,
    ),
)
