"""What is known of a child before they are missing, kept ready, and given to the police when they are.

Source: the Philomena Protocol. Part 1 is kept by the care provider or the responsible authority and moves with the
child to a new placement; Part 2, what the child wore and where they were last seen, is made at the report. The police
receive either only once the child is reported missing: no clause for a force covers `concordat.profile.updated.v1`.
"""

from contracts.categories import Category, Whose
from contracts.events.base import CARERS, Contract, EventData, Publishers
from contracts.events.child import ChildIdentity
from contracts.events.report import LastSeen
from contracts.fields import group, leaf
from contracts.values import (
    AgencyId,
    Closed,
    Day,
    Instant,
    Narrative,
    OdsCode,
    PersonName,
    Place,
    Reference,
    Sha256,
    ShortText,
    Telephone,
    Text,
    UniqueId,
)
from contracts.vocabulary import Role, Stage


class ProfiledChild(ChildIdentity):
    """The child, and how to speak with them."""

    local_reference: Reference | None = leaf(
        Category.IDENTITY, "The publisher's own reference.", default=None, whereabouts=True
    )
    first_language: ShortText | None = leaf(Category.IDENTITY, "Language the child speaks best.", default=None)
    communication: Narrative | None = leaf(
        Category.HEALTH, "How the child makes themselves understood, and what they find hard.", default=None
    )


class Appearance(Closed):
    """What the child looks like."""

    height_cm: int | None = leaf(Category.IDENTITY, "Height in centimetres.", default=None, ge=30, le=250)
    build: ShortText | None = leaf(Category.IDENTITY, "Build.", default=None)
    hair: ShortText | None = leaf(Category.IDENTITY, "Colour and style of hair.", default=None)
    eyes: ShortText | None = leaf(Category.IDENTITY, "Colour of eyes, glasses.", default=None)
    skin: ShortText | None = leaf(
        Category.IDENTITY, "Complexion, as the child or those who know them say it.", default=None
    )
    marks: Text | None = leaf(Category.IDENTITY, "Scars, tattoos, piercings.", default=None)
    usual_clothing: Text | None = leaf(Category.IDENTITY, "What the child usually wears.", default=None)


class Photograph(Closed):
    """A photograph that one of the agencies holds; the picture itself is not sent in an event."""

    reference: Reference = leaf(Category.IDENTITY, "Reference under which it is held.", whereabouts=True)
    held_by: AgencyId | None = leaf(Category.OPERATIONAL, "The agency that holds it.", default=None, whereabouts=True)
    taken_on: Day | None = leaf(Category.IDENTITY, "Day on which it was taken.", default=None)
    sha256: Sha256 | None = leaf(
        Category.IDENTITY, "SHA-256 of the file, so that whoever receives it knows it for the same.", default=None
    )


class Associate(Closed):
    """Somebody the child knows, whom those who look for them may ask."""

    name: PersonName | None = leaf(Category.THIRD_PARTY, "Name of the person.", default=None)
    relation: ShortText | None = leaf(Category.THIRD_PARTY, "How they stand to the child.", default=None)
    telephone: Telephone | None = leaf(Category.THIRD_PARTY, "Their number.", default=None, whereabouts=True)
    address: Place | None = leaf(Category.THIRD_PARTY, "Where they live.", default=None, whereabouts=True)
    concern: Narrative | None = leaf(
        Category.THIRD_PARTY, "Why there is concern about them, if there is.", default=None
    )


class FrequentedPlace(Closed):
    """A place that the child goes to."""

    place: Place = leaf(Category.LOCATION, "The place.", whereabouts=True)
    why: ShortText | None = leaf(Category.LOCATION, "What draws the child there.", default=None, whereabouts=True)
    found_before: bool | None = leaf(
        Category.LOCATION, "Whether the child was found there before.", default=None, whereabouts=True
    )


class Handset(Closed):
    """A telephone or other device of the child's."""

    number: Telephone | None = leaf(Category.CONTACT, "Its number.", default=None, whose=Whose.CHILD, whereabouts=True)
    make: ShortText | None = leaf(Category.IDENTITY, "Make and colour.", default=None)
    network: ShortText | None = leaf(Category.IDENTITY, "The company that connects it.", default=None)


class OnlineAccount(Closed):
    """An account of the child's on a service."""

    service: ShortText = leaf(Category.CONTACT, "The service.", whose=Whose.CHILD)
    handle: ShortText = leaf(Category.CONTACT, "Name of the account there.", whose=Whose.CHILD, whereabouts=True)


class Money(Closed):
    """A bank account or card, whose use may show that the child is alive and where."""

    institution: ShortText = leaf(Category.IDENTITY, "The bank or company.")
    reference: Reference | None = leaf(
        Category.IDENTITY, "What identifies the account there; never a PIN or password.", default=None
    )


class Travel(Closed):
    """How the child gets about."""

    usual: Narrative | None = leaf(
        Category.LOCATION, "Routes and means that the child uses.", default=None, whereabouts=True
    )
    card: Reference | None = leaf(Category.IDENTITY, "Number of a travel card.", default=None, whereabouts=True)
    vehicle: ShortText | None = leaf(
        Category.IDENTITY, "Bicycle, or vehicle with its registration.", default=None, whereabouts=True
    )


class EarlierEpisode(Closed):
    """A former time that the child was missing."""

    episode: UniqueId | None = leaf(Category.OPERATIONAL, "Its id, if the hub knows it.", default=None)
    missing_at: Instant = leaf(Category.OPERATIONAL, "From when on the child was missing.")
    found_at: Instant | None = leaf(Category.OPERATIONAL, "When they were found.", default=None)
    found_place: Place | None = leaf(Category.LOCATION, "Where they were found.", default=None, whereabouts=True)
    learned: Narrative | None = leaf(Category.NARRATIVE, "What was learned from it.", default=None, whereabouts=True)


class Profile(Closed):
    """Part 1."""

    child: ProfiledChild = group("The child.")
    appearance: Appearance | None = group("What the child looks like.", default=None)
    photo: Photograph | None = group("A recent photograph.", default=None)
    vulnerabilities: Narrative | None = leaf(
        Category.NARRATIVE, "What makes harm to the child more likely or worse.", default=None
    )
    medical: Narrative | None = leaf(
        Category.HEALTH, "Conditions, medication, and what happens without it.", default=None
    )
    gp_practice: OdsCode | None = leaf(
        Category.HEALTH, "ODS code of the practice that the child is registered with.", default=None, whereabouts=True
    )
    exploitation: Narrative | None = leaf(
        Category.CRIMINAL_JUSTICE, "Known or suspected exploitation, and by whom.", default=None, whereabouts=True
    )
    associates: tuple[Associate, ...] = group("People the child knows.", default=(), max_length=50)
    places: tuple[FrequentedPlace, ...] = group("Places the child goes to.", default=(), max_length=50)
    handsets: tuple[Handset, ...] = group("Telephones and devices.", default=(), max_length=10)
    accounts: tuple[OnlineAccount, ...] = group("Accounts on services.", default=(), max_length=20)
    money: tuple[Money, ...] = group("Bank accounts and cards.", default=(), max_length=10)
    travel: Travel | None = group("How the child gets about.", default=None)
    earlier: tuple[EarlierEpisode, ...] = group("Former times missing.", default=(), max_length=50)
    approach: Narrative | None = leaf(
        Category.NARRATIVE, "How to speak with the child when they are found, and what to avoid.", default=None
    )
    childs_voice: Narrative | None = leaf(Category.NARRATIVE, "What the child says of it, as theirs.", default=None)
    share_view: Narrative | None = leaf(Category.NARRATIVE, "The child's view on who may read this.", default=None)
    reviewed_on: Day | None = leaf(Category.OPERATIONAL, "Day on which it was last gone through.", default=None)


class ProfileUpdated(EventData):
    """`concordat.profile.updated.v1`"""

    profile: Profile = group("Part 1 as it stands, whole: it takes the place of the one before.")


class ProfileReleased(EventData):
    """`concordat.profile.released.v1`"""

    profile: Profile = group("Part 1 as it stands.")
    last_seen: LastSeen | None = group(
        "Part 2: when and where the child was last seen, and what they wore.", default=None
    )
    released_by: ShortText | None = leaf(
        Category.OPERATIONAL, "Post of whoever released it.", default=None, whose=Whose.PROFESSIONAL, whereabouts=True
    )


KEEPERS = CARERS | {Role.RESPONSIBLE_AUTHORITY}

CONTRACTS = (
    Contract(
        type="concordat.profile.updated.v1",
        data=ProfileUpdated,
        purpose="What is known of a child, kept ready by carers or authority; not for the police before a report.",
        stage=Stage.PREVENTION,
        publishers=Publishers(KEEPERS, confirmed=True),
        about_child=True,
        ring=False,
    ),
    Contract(
        type="concordat.profile.released.v1",
        data=ProfileReleased,
        purpose="The child is reported missing: what was kept ready goes to those who look, with what the child wore.",
        stage=Stage.REPORT,
        publishers=Publishers(KEEPERS | {Role.OUT_OF_HOURS_TEAM}),
    ),
)
