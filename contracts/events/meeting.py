"""Who is on duty for an episode, and what agencies agree on when they meet.

Source: Working together to safeguard children (strategy discussions); Children Act 1989, s.47.
"""

from contracts.categories import Category
from contracts.coded import Coded
from contracts.events.base import ANYONE, AUTHORITIES, SEARCHERS, Action, Contract, EventData, Person, Publishers
from contracts.fields import group, leaf
from contracts.values import AgencyId, Closed, Code, Instant, Narrative, PersonName, ShortText, UniqueId
from contracts.vocabulary import Role, Stage


class SpocAssigned(EventData):
    """`concordat.spoc.assigned.v1`"""

    person: Person = group("The single point of contact.")
    deputy: Person | None = group("Who stands in for them.", default=None)
    role: Role | None = leaf(
        Category.OPERATIONAL, "The part of the agency that they speak for.", default=None, whereabouts=True
    )
    began_at: Instant = leaf(Category.OPERATIONAL, "From when on they are on duty.")
    expires_at: Instant | None = leaf(
        Category.OPERATIONAL, "Until when they are on duty, if that is known.", default=None
    )
    hours: ShortText | None = leaf(Category.OPERATIONAL, "When they can be reached, in words.", default=None)


class Attendance(Closed):
    """One agency's place at a meeting."""

    agency: AgencyId = leaf(Category.OPERATIONAL, "The agency.", whereabouts=True)
    name: PersonName | None = leaf(Category.CONTACT, "Who came for it.", default=None, whereabouts=True)
    post: ShortText | None = leaf(Category.CONTACT, "Their post.", default=None, whereabouts=True)
    present: bool = leaf(Category.OPERATIONAL, "Whether it was there.", default=True, whereabouts=True)


class StrategyMeetingHeld(EventData):
    """`concordat.strategy_meeting.held.v1`"""

    meeting_id: UniqueId | None = leaf(Category.OPERATIONAL, "Id of the meeting.", default=None)
    kind: Coded[Code] | None = leaf(
        Category.OPERATIONAL, "What kind of meeting it was.", default=None, vocabulary="meeting_kind"
    )
    held_at: Instant = leaf(Category.OPERATIONAL, "When it was held.")
    chair: Person | None = group("Who chaired it.", default=None)
    attendance: tuple[Attendance, ...] = group("Who was asked and who came.", default=(), max_length=50)
    discussion: Narrative | None = leaf(
        Category.NARRATIVE, "What was said that others need to know.", default=None, whereabouts=True
    )
    childs_voice: Narrative | None = leaf(
        Category.NARRATIVE, "What the child wants the meeting to know, as theirs.", default=None
    )
    significant_harm: bool | None = leaf(
        Category.OPERATIONAL, "Whether the child is thought to suffer significant harm or be likely to.", default=None
    )
    section_47: bool | None = leaf(
        Category.OPERATIONAL, "Whether an enquiry under section 47 of the Children Act 1989 begins.", default=None
    )
    actions: tuple[Action, ...] = group("What was agreed on.", default=(), max_length=50)
    expected_at: Instant | None = leaf(Category.OPERATIONAL, "When those agencies meet again.", default=None)


CONTRACTS = (
    Contract(
        type="concordat.spoc.assigned.v1",
        data=SpocAssigned,
        purpose="An agency names the person who answers for it in this episode, and until when.",
        stage=Stage.SEARCH,
        publishers=ANYONE,
        ring=False,
        after_closing=True,
    ),
    Contract(
        type="concordat.strategy_meeting.held.v1",
        data=StrategyMeetingHeld,
        purpose="Agencies met over the child: who was there, what was agreed, and who does what by when.",
        stage=Stage.SEARCH,
        publishers=Publishers(SEARCHERS | AUTHORITIES, confirmed=True),
        after_closing=True,
    ),
)
