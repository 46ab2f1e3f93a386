"""Found, well, and back: three facts that must never be taken for one another."""

from contracts.categories import Category, Whose
from contracts.coded import Coded
from contracts.events.base import AUTHORITIES, CARERS, SEARCHERS, Contract, EventData, Person, Publishers
from contracts.fields import group, leaf
from contracts.values import AgencyId, AreaCode, Code, Instant, Narrative, Place, Reference, ShortText, Span
from contracts.vocabulary import ClosingReason, ReturnSetting, Role, Stage

WITNESSES = SEARCHERS | CARERS | AUTHORITIES | {Role.REPORTING, Role.HEALTH, Role.EDUCATION, Role.CHARITY}


class ChildLocated(EventData):
    """`concordat.child.located.v1`"""

    located_at: Instant = leaf(Category.OPERATIONAL, "When the child was found, at the best estimate.")
    located_between: Span | None = leaf(Category.OPERATIONAL, "Between when the child was found.", default=None)
    found_by: ShortText | None = leaf(
        Category.OPERATIONAL, "Who found the child, by post.", default=None, whose=Whose.PROFESSIONAL, whereabouts=True
    )
    finder: Coded[Code] | None = leaf(
        Category.OPERATIONAL,
        "What kind of person found the child.",
        default=None,
        whereabouts=True,
        vocabulary="finder",
    )
    found_by_agency: AgencyId | None = leaf(
        Category.OPERATIONAL, "The agency whose staff found the child.", default=None, whereabouts=True
    )
    area: AreaCode | None = leaf(
        Category.LOCATION, "ONS GSS code of the area the child was found in.", default=None, whereabouts=True
    )
    host_authority: AgencyId | None = leaf(
        Category.OPERATIONAL, "The authority in whose area the child was found.", default=None, whereabouts=True
    )
    place: Place | None = leaf(Category.LOCATION, "Where the child was found.", default=None, whereabouts=True)
    condition: Narrative | None = leaf(Category.HEALTH, "How the child is.", default=None)
    found_with: Narrative | None = leaf(Category.THIRD_PARTY, "Who the child was with.", default=None, whereabouts=True)
    cared_for_by: AgencyId | None = leaf(
        Category.OPERATIONAL, "The agency that looks after the child for now.", default=None, whereabouts=True
    )


class WellbeingConfirmed(EventData):
    """`concordat.wellbeing.confirmed.v1`"""

    confirmed_at: Instant = leaf(Category.OPERATIONAL, "When the child was seen and spoken to.")
    confirmed_between: Span | None = leaf(
        Category.OPERATIONAL, "Between when the child was seen and spoken to.", default=None
    )
    confirmed_by: ShortText | None = leaf(
        Category.OPERATIONAL, "Who saw the child, by post.", default=None, whose=Whose.PROFESSIONAL, whereabouts=True
    )
    confirmed_by_agency: AgencyId | None = leaf(
        Category.OPERATIONAL, "The agency whose staff saw the child.", default=None, whereabouts=True
    )
    seen_in_person: bool = leaf(Category.OPERATIONAL, "Whether the child was seen in person.", default=True)
    seen_how: Coded[Code] | None = leaf(
        Category.OPERATIONAL, "How the child was seen or heard.", default=None, vocabulary="seen_how"
    )
    seen_alone: bool | None = leaf(
        Category.OPERATIONAL, "Whether the child could speak without anybody else listening.", default=None
    )
    place: Place | None = leaf(Category.LOCATION, "Where the child was seen.", default=None, whereabouts=True)
    concerns: Narrative | None = leaf(Category.HEALTH, "Injuries, distress or anything that needs care.", default=None)
    needs_care: bool | None = leaf(Category.HEALTH, "Whether the child needs medical care.", default=None)


class ChildReturned(EventData):
    """`concordat.child.returned.v1`"""

    returned_at: Instant = leaf(
        Category.OPERATIONAL,
        "When the child was back in their home or care setting; the interview clock runs from here.",
    )
    returned_between: Span | None = leaf(
        Category.OPERATIONAL,
        "Between when the child came back; the clock runs from the best estimate all the same.",
        default=None,
    )
    setting: Coded[ReturnSetting] = leaf(
        Category.OPERATIONAL, "What kind of place the child came back to.", whereabouts=True
    )
    placement_code: Coded[Code] | None = leaf(
        Category.OPERATIONAL,
        "SSDA903 placement code of the setting.",
        default=None,
        whereabouts=True,
        vocabulary="placement_code",
    )
    cared_for_by: AgencyId | None = leaf(
        Category.OPERATIONAL, "The agency that looks after the child there.", default=None, whereabouts=True
    )
    host_authority: AgencyId | None = leaf(
        Category.OPERATIONAL,
        "The authority in whose area the setting lies, where it is not the responsible one.",
        default=None,
        whereabouts=True,
    )
    area: AreaCode | None = leaf(
        Category.LOCATION, "ONS GSS code of the area that the setting lies in.", default=None, whereabouts=True
    )
    place: Place | None = leaf(Category.LOCATION, "Where, if not the known placement.", default=None, whereabouts=True)
    brought_by: Coded[Code] | None = leaf(
        Category.OPERATIONAL,
        "What kind of person brought the child back.",
        default=None,
        whereabouts=True,
        vocabulary="finder",
    )
    condition: Narrative | None = leaf(Category.HEALTH, "How the child is.", default=None)
    childs_voice: Narrative | None = leaf(
        Category.NARRATIVE, "What the child said on coming back, as theirs.", default=None, whereabouts=True
    )


class EpisodeClosed(EventData):
    """`concordat.episode.closed.v1`"""

    closed_at: Instant = leaf(Category.OPERATIONAL, "When the owning force closed the episode.")
    reason: Coded[ClosingReason] = leaf(Category.OPERATIONAL, "Why it is closed.")
    outcome: Narrative | None = leaf(
        Category.NARRATIVE, "What is known of the episode now.", default=None, whereabouts=True
    )
    prevention_interview_held: bool | None = leaf(
        Category.OPERATIONAL, "Whether police held their prevention interview.", default=None
    )
    concerns_passed_to: tuple[AgencyId, ...] = leaf(
        Category.OPERATIONAL,
        "Agencies that the force passed concerns to.",
        default=(),
        whereabouts=True,
        max_length=50,
    )
    force_reference: Reference | None = leaf(
        Category.OPERATIONAL, "The owning force's reference.", default=None, whereabouts=True
    )
    closed_by: Person | None = group("Who decided to close it.", default=None)


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
