"""What every event contract has: provenance, and the marks that say who may publish it and when somebody must ring."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from contracts.categories import Category, Whose
from contracts.coded import Coded
from contracts.conversion import Conversion
from contracts.fields import group, leaf, leaves
from contracts.governance import IN_USE, STEWARDS, Lifecycle, Steward
from contracts.values import AgencyId, Closed, Instant, Narrative, PersonName, ShortText, Telephone
from contracts.vocabulary import ReportedVia, Role, Stage


class RecordedBy(Closed):
    """The post, not the person, that recorded the information."""

    role: ShortText = leaf(
        Category.OPERATIONAL,
        "Role of whoever recorded this, such as duty senior.",
        whereabouts=True,
        whose=Whose.PROFESSIONAL,
    )
    desk: ShortText | None = leaf(
        Category.OPERATIONAL,
        "Desk or team that answers for it.",
        default=None,
        whereabouts=True,
        whose=Whose.PROFESSIONAL,
    )


class Provenance(Closed):
    """How the information came to the publisher, and when."""

    reported_via: Coded[ReportedVia] | None = leaf(Category.OPERATIONAL, "How it reached the publisher.", default=None)
    reported_at: Instant | None = leaf(Category.OPERATIONAL, "When it reached the publisher.", default=None)
    obtained_at: Instant | None = leaf(Category.OPERATIONAL, "When it was seen or learned.", default=None)
    recorded_by: RecordedBy | None = group("Who recorded it, by post.", default=None)
    on_behalf_of: AgencyId | None = leaf(
        Category.OPERATIONAL, "The agency without a system for which this is published.", default=None, whereabouts=True
    )


class EventData(Closed):
    """The `data` of every event."""

    provenance: Provenance | None = group("Where the information comes from.", default=None)

    @cached_property
    def plain(self) -> dict[str, Any]:
        """The data as JSON, as `ParsedEvent.plain` gives it."""
        return self.model_dump(mode="json", exclude_none=True, exclude_unset=True)


class Involved(Closed):
    """One agency's part in an episode. Naming is a claim; a record holder confirms it."""

    agency: AgencyId = leaf(Category.OPERATIONAL, "The agency, by its name at the hub.", whereabouts=True)
    role: Role = leaf(Category.OPERATIONAL, "Its part in the episode.", whereabouts=True)
    acting_for: AgencyId | None = leaf(
        Category.OPERATIONAL,
        "The agency for which it acts in this part, if not for itself.",
        default=None,
        whereabouts=True,
    )


class Person(Closed):
    """Somebody who acts in their post and can be called back."""

    name: PersonName | None = leaf(Category.CONTACT, "Name of the person to speak to.", default=None, whereabouts=True)
    post: ShortText | None = leaf(Category.CONTACT, "Their post.", default=None, whereabouts=True)
    telephone: Telephone | None = leaf(Category.CONTACT, "Number to call back on.", default=None, whereabouts=True)


class Informant(Closed):
    """Somebody who acts in no post: a parent, a friend, a member of the public. Their data is a third party's."""

    name: PersonName | None = leaf(Category.THIRD_PARTY, "Name of the person.", default=None, whereabouts=True)
    relation: ShortText | None = leaf(
        Category.THIRD_PARTY, "How they stand to the child.", default=None, whereabouts=True
    )
    telephone: Telephone | None = leaf(Category.THIRD_PARTY, "Number to call back on.", default=None, whereabouts=True)


class Action(Closed):
    """Something that was agreed on: what, by whom, by when."""

    what: Narrative = leaf(Category.NARRATIVE, "What is to be done.", whereabouts=True)
    owner: AgencyId | None = leaf(Category.OPERATIONAL, "The agency that does it.", default=None, whereabouts=True)
    due_at: Instant | None = leaf(Category.OPERATIONAL, "By when.", default=None)


@dataclass(frozen=True)
class Publishers:
    """Who may publish an event type. With no roles, any registered agency may."""

    roles: frozenset[Role] = frozenset()
    confirmed: bool = False
    """Whether the role must be confirmed; a claimed one is enough for reports of facts, never for decisions."""


@dataclass(frozen=True)
class Contract:
    """One event type: its data and the rules that come with it."""

    data: type[EventData]
    type: str
    purpose: str
    stage: Stage
    publishers: Publishers
    about_child: bool = False
    """Whether the subject is a child rather than an episode."""
    either_subject: bool = False
    """Whether the subject is an episode or a child, as the publisher says."""
    no_subject: bool = False
    """Whether it has no subject: it is about an agency, a protocol or a mailbox."""
    derived: bool = False
    """Whether only the hub itself publishes it."""
    ring: bool = True
    """Whether an involved agency that is not told must be rung."""
    after_closing: bool = False
    """Whether a closed episode takes it, although its stage is one that closing ends."""
    steward: Steward | None = None
    """The board that answers for the definition, where it is not that of the stage."""
    lifecycle: Lifecycle = IN_USE
    """Where the type stands in its life."""
    converts: Conversion | None = None
    """How data passes between this contract and the major version before it."""

    def __post_init__(self) -> None:
        """Refuse to load with a leaf that lacks its category or definition (ContractError)."""
        for _ in leaves(self.data):
            pass

    @property
    def owner(self) -> Steward:
        """The board that answers for the definition."""
        return self.steward or STEWARDS[self.stage]

    @property
    def noun(self) -> str:
        """The type without its version, such as `concordat.risk.changed`."""
        return self.type.rpartition(".v")[0]

    @property
    def major(self) -> int:
        """The major version, as the type says it."""
        return int(self.type.rpartition(".v")[2])


ANYONE = Publishers()
SEARCHERS = frozenset({Role.OWNING_FORCE, Role.HOME_FORCE, Role.RECEIVING_FORCE})
CARERS = frozenset({Role.CARE_PROVIDER, Role.FOSTER_CARER, Role.FOSTERING_AGENCY, Role.SUPPORTED_ACCOMMODATION})
AUTHORITIES = frozenset({Role.RESPONSIBLE_AUTHORITY, Role.HOST_AUTHORITY, Role.OUT_OF_HOURS_TEAM})
