"""Found and not back: the child stays away, is held, is in hospital, or has died. No interview clock runs from here."""

from contracts.categories import Category, Whose
from contracts.coded import Coded
from contracts.events.base import AUTHORITIES, CARERS, SEARCHERS, Contract, EventData, Person, Publishers
from contracts.events.returning import WITNESSES
from contracts.fields import group, leaf
from contracts.values import AgencyId, AreaCode, Code, Instant, Narrative, Place, ShortText, Span
from contracts.vocabulary import Role, Stage


class ChildLocatedNotReturning(EventData):
    """`concordat.child.located_not_returning.v1`"""

    located_at: Instant = leaf(Category.OPERATIONAL, "When the child was found, at the best estimate.")
    located_between: Span | None = leaf(Category.OPERATIONAL, "Between when the child was found.", default=None)
    reason: Coded[Code] = leaf(
        Category.OPERATIONAL,
        "Why the child does not go back.",
        whereabouts=True,
        vocabulary="not_returning_reason",
    )
    place: Place | None = leaf(Category.LOCATION, "Where the child stays.", default=None, whereabouts=True)
    area: AreaCode | None = leaf(
        Category.LOCATION, "ONS GSS code of the area the child stays in.", default=None, whereabouts=True
    )
    host_authority: AgencyId | None = leaf(
        Category.OPERATIONAL, "The authority in whose area the child stays.", default=None, whereabouts=True
    )
    stays_with: Narrative | None = leaf(
        Category.THIRD_PARTY, "With whom the child stays.", default=None, whereabouts=True
    )
    childs_voice: Narrative | None = leaf(
        Category.NARRATIVE, "What the child says about it, as theirs.", default=None, whereabouts=True
    )
    safe_for_now: bool | None = leaf(
        Category.OPERATIONAL, "Whether whoever saw the child thinks them safe where they are.", default=None
    )
    arrangement: Narrative | None = leaf(
        Category.NARRATIVE,
        "What has been arranged until the child goes back or elsewhere.",
        default=None,
        whereabouts=True,
    )
    next_contact_at: Instant | None = leaf(
        Category.OPERATIONAL, "When somebody next sees or speaks to the child.", default=None
    )


class ChildDetained(EventData):
    """`concordat.child.detained.v1`"""

    detained_at: Instant = leaf(Category.OPERATIONAL, "When the child was detained, at the best estimate.")
    detained_between: Span | None = leaf(Category.OPERATIONAL, "Between when the child was detained.", default=None)
    ground: Coded[Code] | None = leaf(
        Category.CRIMINAL_JUSTICE,
        "On what ground the child is held.",
        default=None,
        whereabouts=True,
        vocabulary="detention_ground",
    )
    account: Narrative | None = leaf(
        Category.CRIMINAL_JUSTICE, "What is known of why the child is held.", default=None, whereabouts=True
    )
    held_by: AgencyId | None = leaf(
        Category.OPERATIONAL, "The force or body that holds the child.", default=None, whereabouts=True
    )
    station: ShortText | None = leaf(
        Category.LOCATION, "Police station, court or unit where the child is.", default=None, whereabouts=True
    )
    place: Place | None = leaf(Category.LOCATION, "Where that is.", default=None, whereabouts=True)
    contact: Person | None = group("Whom to speak to there.", default=None)
    appropriate_adult_present: bool | None = leaf(
        Category.OPERATIONAL, "Whether an appropriate adult is with the child.", default=None, whereabouts=True
    )
    accommodation_sought: bool | None = leaf(
        Category.OPERATIONAL,
        "Whether the authority was asked to accommodate the child (PACE 1984 s.38(6)).",
        default=None,
        whereabouts=True,
    )
    health: Narrative | None = leaf(
        Category.HEALTH, "Health needs that those who hold the child must know.", default=None
    )
    release_expected_at: Instant | None = leaf(
        Category.OPERATIONAL, "When the child is expected to be released.", default=None
    )


class ChildAdmitted(EventData):
    """`concordat.child.admitted.v1`"""

    admitted_at: Instant = leaf(Category.OPERATIONAL, "When the child came to hospital, at the best estimate.")
    admitted_between: Span | None = leaf(Category.OPERATIONAL, "Between when the child came to hospital.", default=None)
    hospital: AgencyId | None = leaf(
        Category.OPERATIONAL, "The health agency that has the child.", default=None, whereabouts=True
    )
    ward: ShortText | None = leaf(
        Category.LOCATION, "Hospital and ward, as they are called.", default=None, whereabouts=True
    )
    place: Place | None = leaf(Category.LOCATION, "Where the hospital is.", default=None, whereabouts=True)
    basis: Coded[Code] | None = leaf(
        Category.HEALTH,
        "On what basis the child is in hospital.",
        default=None,
        whereabouts=True,
        vocabulary="admission_basis",
    )
    condition: Narrative | None = leaf(Category.HEALTH, "What the child is there for, and how they are.", default=None)
    contact: Person | None = group("Whom to speak to there.", default=None)
    with_child: Narrative | None = leaf(Category.THIRD_PARTY, "Who is with the child.", default=None, whereabouts=True)
    discharge_expected_at: Instant | None = leaf(
        Category.OPERATIONAL, "When the child is expected to leave hospital.", default=None
    )


class ChildDied(EventData):
    """`concordat.child.died.v1`"""

    died_at: Instant | None = leaf(Category.OPERATIONAL, "When the child died, at the best estimate.", default=None)
    died_between: Span | None = leaf(Category.OPERATIONAL, "Between when the child died.", default=None)
    found_at: Instant | None = leaf(Category.OPERATIONAL, "When the child was found.", default=None)
    identified: bool = leaf(Category.IDENTITY, "Whether it is certain that it is this child.")
    confirmed_by: ShortText | None = leaf(
        Category.OPERATIONAL,
        "Who confirmed the death, by post.",
        default=None,
        whose=Whose.PROFESSIONAL,
        whereabouts=True,
    )
    place: Place | None = leaf(Category.LOCATION, "Where the child was found.", default=None, whereabouts=True)
    circumstances: Narrative | None = leaf(
        Category.NARRATIVE, "What is known of how the child died.", default=None, whereabouts=True
    )
    family_told: bool = leaf(
        Category.OPERATIONAL,
        "Whether the family has been told: until it has, nobody else may speak of it.",
        whose=Whose.THIRD_PARTY,
    )
    family_told_by: Narrative | None = leaf(
        Category.THIRD_PARTY, "Who of the family was told, and by whom.", default=None, whereabouts=True
    )
    coroner_told: bool | None = leaf(Category.OPERATIONAL, "Whether the coroner has been told.", default=None)
    contact: Person | None = group("Who answers for what happens next.", default=None)


CONTRACTS = (
    Contract(
        type="concordat.child.located_not_returning.v1",
        data=ChildLocatedNotReturning,
        purpose="The child has been found and does not go back to where they live, for now or at all.",
        stage=Stage.RETURNING,
        publishers=Publishers(WITNESSES),
    ),
    Contract(
        type="concordat.child.detained.v1",
        data=ChildDetained,
        purpose="The child has been found because they are held, by police, a court or another body.",
        stage=Stage.RETURNING,
        publishers=Publishers(SEARCHERS | AUTHORITIES | {Role.YOUTH_JUSTICE, Role.HOME_OFFICE}),
    ),
    Contract(
        type="concordat.child.admitted.v1",
        data=ChildAdmitted,
        purpose="The child has been found because they are in hospital.",
        stage=Stage.RETURNING,
        publishers=Publishers(SEARCHERS | AUTHORITIES | CARERS | {Role.HEALTH}),
    ),
    Contract(
        type="concordat.child.died.v1",
        data=ChildDied,
        purpose="The child has died: every clock stops and nobody is asked to interview.",
        stage=Stage.RETURNING,
        publishers=Publishers(SEARCHERS | {Role.RESPONSIBLE_AUTHORITY, Role.HEALTH}, confirmed=True),
    ),
)
