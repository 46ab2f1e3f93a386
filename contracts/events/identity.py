"""Whether two records are of one child: said, confirmed, disputed and undone by those who keep the records.

A likeness of name or birth date is a hint that leads a person to look. It is never a ground, and no system confirms:
a confirmation names the person who looked. Where two children were taken for one, a separation says which of the
episodes belong to whom and since when the mistake lasted, which is what a recall of the disclosures needs.
"""

from contracts.categories import Category
from contracts.coded import Coded
from contracts.events.base import AUTHORITIES, SEARCHERS, Contract, EventData, Person, Publishers
from contracts.events.decision import Signatory
from contracts.fields import group, leaf
from contracts.values import Closed, Code, Instant, Narrative, UniqueId
from contracts.vocabulary import Role, Stage


class IdentityAsserted(EventData):
    """`concordat.identity.asserted.v1`"""

    assertion: UniqueId = leaf(Category.OPERATIONAL, "The publisher's id of the assertion, which others name.")
    same_as: UniqueId = leaf(Category.IDENTITY, "The hub's handle under which the same child is said to stand.")
    asserted_at: Instant = leaf(Category.OPERATIONAL, "When it was asserted.")
    grounds: tuple[Coded[Code], ...] = leaf(
        Category.IDENTITY,
        "What it rests on. Name and birth date are no grounds.",
        default=(),
        max_length=20,
        vocabulary="identity_ground",
    )
    hints: tuple[Coded[Code], ...] = leaf(
        Category.IDENTITY,
        "What led a person to look. Without a ground the assertion is a question to that record's holder.",
        default=(),
        max_length=20,
        vocabulary="identity_hint",
    )
    account: Narrative | None = leaf(Category.IDENTITY, "What was compared, and how.", default=None)
    asserted_by: Person | None = group("Who looked.", default=None)


class IdentityConfirmed(EventData):
    """`concordat.identity.confirmed.v1`"""

    assertion: UniqueId = leaf(Category.OPERATIONAL, "The assertion that is confirmed.")
    same_as: UniqueId = leaf(Category.IDENTITY, "The hub's handle under which the same child stands.")
    confirmed_at: Instant = leaf(Category.OPERATIONAL, "When it was confirmed.")
    grounds: tuple[Coded[Code], ...] = leaf(
        Category.IDENTITY, "What it rests on.", min_length=1, max_length=20, vocabulary="identity_ground"
    )
    confirmed_by: Signatory = group("The person of the other record's holder who looked.")
    account: Narrative | None = leaf(Category.IDENTITY, "What was compared, and how.", default=None)


class IdentityDisputed(EventData):
    """`concordat.identity.disputed.v1`"""

    assertion: UniqueId = leaf(Category.OPERATIONAL, "The assertion that is disputed.")
    same_as: UniqueId = leaf(Category.IDENTITY, "The hub's handle under which another child is said to stand.")
    disputed_at: Instant = leaf(Category.OPERATIONAL, "When it was disputed.")
    reason: Narrative = leaf(Category.IDENTITY, "Why the records may be of two children.")
    disputed_by: Person | None = group("Whom to speak to about it.", default=None)


class EpisodeBelongs(Closed):
    """Which of two children an episode is of."""

    episode: UniqueId = leaf(Category.OPERATIONAL, "The episode.")
    child: UniqueId = leaf(Category.IDENTITY, "The hub's handle of the child that it is of.")


class IdentitySeparated(EventData):
    """`concordat.identity.separated.v1`"""

    assertion: UniqueId | None = leaf(
        Category.OPERATIONAL, "The assertion that turned out wrong, if there was one.", default=None
    )
    separated_from: UniqueId = leaf(Category.IDENTITY, "The hub's handle of the other child.")
    separated_at: Instant = leaf(Category.OPERATIONAL, "When they were told apart.")
    mixed_since: Instant = leaf(
        Category.OPERATIONAL,
        "Since when one may have been taken for the other: what was disclosed of either from then on is recalled.",
    )
    episodes: tuple[EpisodeBelongs, ...] = group(
        "Every episode of either that is known, with the child that it is of.", max_length=200
    )
    events: tuple[UniqueId, ...] = leaf(
        Category.OPERATIONAL,
        "The publisher's own events that told of the wrong child; without the list, all in that time.",
        default=(),
        max_length=500,
    )
    action: Coded[Code] = leaf(
        Category.OPERATIONAL, "What recipients must do with what is recalled.", vocabulary="recall_action"
    )
    reason: Narrative = leaf(Category.IDENTITY, "How it was found out.")
    separated_by: Signatory = group("The person who decided it.")


KEEPERS = Publishers(SEARCHERS | AUTHORITIES | {Role.HEALTH, Role.EDUCATION, Role.YOUTH_JUSTICE}, confirmed=True)

CONTRACTS = (
    Contract(
        type="concordat.identity.asserted.v1",
        data=IdentityAsserted,
        purpose="A record holder says, or asks, whether two records are of one child.",
        stage=Stage.GOVERNANCE,
        publishers=KEEPERS,
        either_subject=True,
        ring=False,
    ),
    Contract(
        type="concordat.identity.confirmed.v1",
        data=IdentityConfirmed,
        purpose="The holder of the other record has looked and confirms that both are of one child.",
        stage=Stage.GOVERNANCE,
        publishers=KEEPERS,
        either_subject=True,
        ring=False,
    ),
    Contract(
        type="concordat.identity.disputed.v1",
        data=IdentityDisputed,
        purpose="A record holder does not agree that both records are of one child.",
        stage=Stage.GOVERNANCE,
        publishers=KEEPERS,
        either_subject=True,
    ),
    Contract(
        type="concordat.identity.separated.v1",
        data=IdentitySeparated,
        purpose="Two children had been taken for one: what was told of the wrong child is recalled.",
        stage=Stage.GOVERNANCE,
        publishers=KEEPERS,
        either_subject=True,
    ),
)
