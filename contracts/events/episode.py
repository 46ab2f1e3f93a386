"""What becomes of an episode as a record: open again, cancelled, linked to another."""

from contracts.categories import Category
from contracts.coded import Coded
from contracts.events.base import AUTHORITIES, SEARCHERS, Contract, EventData, Person, Publishers
from contracts.fields import group, leaf
from contracts.values import Code, Instant, Narrative, Span, UniqueId
from contracts.vocabulary import ReopeningReason, Role, Stage

OWNER = Publishers(frozenset({Role.OWNING_FORCE}), confirmed=True)


class EpisodeReopened(EventData):
    """`concordat.episode.reopened.v1`"""

    reopened_at: Instant = leaf(Category.OPERATIONAL, "When the owning force opened it again.")
    reason: ReopeningReason = leaf(Category.OPERATIONAL, "Why it is open again.")
    missing_since: Instant | None = leaf(
        Category.OPERATIONAL, "When the child was last seen before going again, at the best estimate.", default=None
    )
    missing_between: Span | None = leaf(
        Category.OPERATIONAL, "Between when the child was last seen before going again.", default=None
    )
    account: Narrative | None = leaf(Category.NARRATIVE, "What happened.", default=None, whereabouts=True)
    reopened_by: Person | None = group("Who decided it.", default=None)


class EpisodeCancelled(EventData):
    """`concordat.episode.cancelled.v1`"""

    cancelled_at: Instant = leaf(Category.OPERATIONAL, "When it was cancelled.")
    reason: Coded[Code] = leaf(
        Category.OPERATIONAL, "Why there should have been none.", vocabulary="cancellation_reason"
    )
    kept_episode: UniqueId | None = leaf(
        Category.OPERATIONAL, "The episode that goes on in its place, if it was reported twice.", default=None
    )
    account: Narrative | None = leaf(Category.NARRATIVE, "How the mistake came about.", default=None, whereabouts=True)
    cancelled_by: Person | None = group("Who decided it.", default=None)


class EpisodeLinked(EventData):
    """`concordat.episode.linked.v1`"""

    other: UniqueId = leaf(Category.OPERATIONAL, "The other episode.")
    reason: Coded[Code] = leaf(
        Category.OPERATIONAL, "What the two have to do with each other.", vocabulary="link_reason"
    )
    account: Narrative | None = leaf(
        Category.THIRD_PARTY, "Why they are thought to belong together.", default=None, whereabouts=True
    )
    linked_by: Person | None = group("Who decided it.", default=None)


class EpisodeUnlinked(EventData):
    """`concordat.episode.unlinked.v1`"""

    other: UniqueId = leaf(Category.OPERATIONAL, "The other episode.")
    account: Narrative | None = leaf(
        Category.THIRD_PARTY, "Why they do not belong together after all.", default=None, whereabouts=True
    )
    unlinked_by: Person | None = group("Who decided it.", default=None)


_LINKERS = Publishers(SEARCHERS | AUTHORITIES, confirmed=True)

CONTRACTS = (
    Contract(
        type="concordat.episode.reopened.v1",
        data=EpisodeReopened,
        purpose="The search goes on: the child went again before they were back, or was not found after all.",
        stage=Stage.RETURNING,
        publishers=OWNER,
    ),
    Contract(
        type="concordat.episode.cancelled.v1",
        data=EpisodeCancelled,
        purpose="The episode should never have been opened: nobody searches and no interview is due.",
        stage=Stage.RETURNING,
        publishers=OWNER,
    ),
    Contract(
        type="concordat.episode.linked.v1",
        data=EpisodeLinked,
        purpose="Two episodes have to do with each other. A link lets nobody see more of either.",
        stage=Stage.RETURNING,
        publishers=_LINKERS,
        ring=False,
    ),
    Contract(
        type="concordat.episode.unlinked.v1",
        data=EpisodeUnlinked,
        purpose="Two episodes that were linked have nothing to do with each other.",
        stage=Stage.RETURNING,
        publishers=_LINKERS,
        ring=False,
    ),
)
