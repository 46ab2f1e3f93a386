"""Who is involved with a child: claimed by anybody, confirmed by a record holder, ended when the part is over."""

from contracts.categories import Category
from contracts.events.base import ANYONE, Contract, EventData, Involved, Publishers
from contracts.fields import group, leaf
from contracts.values import Instant, Narrative
from contracts.vocabulary import Role, Stage


class InvolvementAdded(EventData):
    """`concordat.involvement.added.v1`"""

    involved: tuple[Involved, ...] = group(
        "Who is involved, as far as the publisher knows.", min_length=1, max_length=50
    )
    reason: Narrative | None = leaf(Category.NARRATIVE, "Why they are involved.", default=None)


class InvolvementConfirmed(EventData):
    """`concordat.involvement.confirmed.v1`"""

    involved: tuple[Involved, ...] = group("Whose part is confirmed.", min_length=1, max_length=50)


class InvolvementEnded(EventData):
    """`concordat.involvement.ended.v1`"""

    involved: tuple[Involved, ...] = group("Whose part has ended.", min_length=1, max_length=50)
    ended_at: Instant | None = leaf(Category.OPERATIONAL, "When it ended.", default=None)
    reason: Narrative | None = leaf(Category.NARRATIVE, "Why it ended.", default=None)


CONTRACTS = (
    Contract(
        type="concordat.involvement.added.v1",
        data=InvolvementAdded,
        purpose="An agency says who else, or that it itself, is involved. A claim until a record holder confirms it.",
        stage=Stage.SEARCH,
        publishers=ANYONE,
        after_closing=True,
    ),
    Contract(
        type="concordat.involvement.confirmed.v1",
        data=InvolvementConfirmed,
        purpose="The responsible authority or the owning force confirms who is involved, so that they may be told.",
        stage=Stage.SEARCH,
        publishers=Publishers(frozenset({Role.RESPONSIBLE_AUTHORITY, Role.OWNING_FORCE}), confirmed=True),
        after_closing=True,
    ),
    Contract(
        type="concordat.involvement.ended.v1",
        data=InvolvementEnded,
        purpose="An agency's part in the episode is over: said by itself, or by who could confirm it.",
        stage=Stage.SEARCH,
        publishers=ANYONE,
        after_closing=True,
    ),
)
