"""Events about the sharing itself."""

from contracts.categories import Category, Whose
from contracts.events.base import ANYONE, Contract, EventData
from contracts.fields import group, leaf
from contracts.values import Closed, PersonName, ShortText, Text, UniqueId
from contracts.vocabulary import AcknowledgementAction, Stage


class AcknowledgedBy(Closed):
    """The person who acknowledges."""

    name: PersonName = leaf(Category.CONTACT, "Name of the person.")
    role: ShortText = leaf(Category.OPERATIONAL, "Their role.", whose=Whose.PROFESSIONAL)


class AcknowledgementGiven(EventData):
    """`concordat.acknowledgement.given.v1`"""

    disclosure_id: UniqueId | None = leaf(Category.OPERATIONAL, "The disclosure that is acknowledged.", default=None)
    up_to_sequence: ShortText | None = leaf(
        Category.OPERATIONAL, "Acknowledges all of the episode up to this place in the mailbox.", default=None
    )
    action: AcknowledgementAction = leaf(Category.OPERATIONAL, "What the person says they do.")
    by: AcknowledgedBy = group("Who acknowledges.")
    note: Text | None = leaf(Category.NARRATIVE, "Anything to add.", default=None)


CONTRACTS = (
    Contract(
        type="concordat.acknowledgement.given.v1",
        data=AcknowledgementGiven,
        purpose="A person has seen what their agency was told, and says what they do about it. Not mailed round.",
        stage=Stage.GOVERNANCE,
        publishers=ANYONE,
        ring=False,
    ),
)
