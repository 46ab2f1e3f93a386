"""Found, well, and back: three facts that must never be taken for one another."""

from contracts.categories import Category, Whose
from contracts.coded import Coded
from contracts.events.base import AUTHORITIES, CARERS, SEARCHERS, Contract, EventData, Publishers
from contracts.fields import leaf
from contracts.values import AreaCode, Instant, Narrative, Place, ShortText
from contracts.vocabulary import ClosingReason, ReturnSetting, Role, Stage

WITNESSES = SEARCHERS | CARERS | AUTHORITIES | {Role.REPORTING, Role.HEALTH, Role.EDUCATION, Role.CHARITY}


class ChildLocated(EventData):
    """`concordat.child.located.v1`"""

    located_at: Instant = leaf(Category.OPERATIONAL, "When the child was found.")
    found_by: ShortText | None = leaf(
        Category.OPERATIONAL, "Who found the child, by post.", default=None, whereabouts=True, whose=Whose.PROFESSIONAL
    )
    area: AreaCode | None = leaf(
        Category.LOCATION, "ONS GSS code of the area the child was found in.", default=None, whereabouts=True
    )
    place: Place | None = leaf(Category.LOCATION, "Where the child was found.", default=None, whereabouts=True)
    condition: Narrative | None = leaf(Category.HEALTH, "How the child is.", default=None)
    found_with: Narrative | None = leaf(Category.THIRD_PARTY, "Who the child was with.", default=None)


class WellbeingConfirmed(EventData):
    """`concordat.wellbeing.confirmed.v1`"""

    confirmed_at: Instant = leaf(Category.OPERATIONAL, "When the child was seen and spoken to.")
    confirmed_by: ShortText | None = leaf(
        Category.OPERATIONAL, "Who saw the child, by post.", default=None, whereabouts=True, whose=Whose.PROFESSIONAL
    )
    seen_in_person: bool = leaf(Category.OPERATIONAL, "Whether the child was seen in person.", default=True)
    concerns: Narrative | None = leaf(Category.HEALTH, "Injuries, distress or anything that needs care.", default=None)


class ChildReturned(EventData):
    """`concordat.child.returned.v1`"""

    returned_at: Instant = leaf(
        Category.OPERATIONAL,
        "When the child was back in their home or care setting; the interview clock runs from here.",
    )
    setting: Coded[ReturnSetting] = leaf(
        Category.OPERATIONAL, "What kind of place the child came back to.", whereabouts=True
    )
    place: Place | None = leaf(Category.LOCATION, "Where, if not the known placement.", default=None, whereabouts=True)
    condition: Narrative | None = leaf(Category.HEALTH, "How the child is.", default=None)


class EpisodeClosed(EventData):
    """`concordat.episode.closed.v1`"""

    closed_at: Instant = leaf(Category.OPERATIONAL, "When the owning force closed the episode.")
    reason: Coded[ClosingReason] = leaf(Category.OPERATIONAL, "Why it is closed.")
    outcome: Narrative | None = leaf(Category.NARRATIVE, "What is known of the episode now.", default=None)


CONTRACTS = (
    Contract(
        type="concordat.child.located.v1",
        data=ChildLocated,
        purpose="The child has been found. Found is not returned, and not yet known to be well.",
        stage=Stage.RETURNING,
        publishers=Publishers(WITNESSES),
    ),
    Contract(
        type="concordat.wellbeing.confirmed.v1",
        data=WellbeingConfirmed,
        purpose="The child's well-being, or otherwise, has been confirmed: the second fact that closing needs.",
        stage=Stage.RETURNING,
        publishers=Publishers(SEARCHERS | CARERS | AUTHORITIES | {Role.HEALTH}, confirmed=True),
    ),
    Contract(
        type="concordat.child.returned.v1",
        data=ChildReturned,
        purpose="The child is back in their home or care setting; the 72 hours for the interview run from here.",
        stage=Stage.RETURNING,
        publishers=Publishers(SEARCHERS | CARERS | AUTHORITIES, confirmed=True),
    ),
    Contract(
        type="concordat.episode.closed.v1",
        data=EpisodeClosed,
        purpose="The owning force ends the search. Interview and aftercare go on.",
        stage=Stage.RETURNING,
        publishers=Publishers(frozenset({Role.OWNING_FORCE}), confirmed=True),
        ring=False,
    ),
)
