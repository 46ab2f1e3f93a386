"""What a mailbox says of itself: that a message has been erased, or that some can no longer be read."""

from contracts.categories import Category
from contracts.events.base import ANYONE, Contract, EventData
from contracts.fields import leaf
from contracts.values import ShortText
from contracts.vocabulary import Stage

ERASED = "concordat.mailbox.erased.v1"
GAP = "concordat.feed.gap.v1"


class MailboxErased(EventData):
    """`concordat.mailbox.erased.v1`. Its data is empty: a tombstone says nothing of what stood there."""


class FeedGap(EventData):
    """`concordat.feed.gap.v1`"""

    asked_after: ShortText = leaf(
        Category.OPERATIONAL, "The position that the reader went on from, as `<generation>.<number>`."
    )
    kept_from: ShortText = leaf(
        Category.OPERATIONAL, "The first position that is kept, as `<generation>.<number>`; reading goes on there."
    )


CONTRACTS = (
    Contract(
        type=ERASED,
        data=MailboxErased,
        purpose="A message has been erased: this tombstone keeps its number, so that the numbers have no gap.",
        stage=Stage.GOVERNANCE,
        publishers=ANYONE,
        no_subject=True,
        derived=True,
        ring=False,
    ),
    Contract(
        type=GAP,
        data=FeedGap,
        purpose="The reader asked for messages that are kept no longer: it has not read everything.",
        stage=Stage.GOVERNANCE,
        publishers=ANYONE,
        no_subject=True,
        derived=True,
        ring=False,
    ),
)
