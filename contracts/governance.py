"""Who stewards the definition of an event type, and where it stands in its life."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from contracts.vocabulary import Stage


class Steward(StrEnum):
    """A board of the partnership that answers for a definition: it agrees changes and says when a version is retired.

    The boards are invented. A partnership that has others changes this list and `STEWARDS`, and nothing else.
    """

    POLICE = "police_contracts_board"
    CHILDRENS_SOCIAL_CARE = "childrens_social_care_contracts_board"
    CARE_PROVIDERS = "care_providers_contracts_board"
    HEALTH = "health_contracts_board"
    INFORMATION_GOVERNANCE = "information_governance_board"
    """The partnership's data protection officers together."""


STEWARDS: dict[Stage, Steward] = {
    Stage.PREVENTION: Steward.CARE_PROVIDERS,
    Stage.REPORT: Steward.POLICE,
    Stage.SEARCH: Steward.POLICE,
    Stage.RETURNING: Steward.POLICE,
    Stage.INTERVIEW: Steward.CHILDRENS_SOCIAL_CARE,
    Stage.AFTERCARE: Steward.CHILDRENS_SOCIAL_CARE,
    Stage.HANDOVER: Steward.POLICE,
    Stage.GOVERNANCE: Steward.INFORMATION_GOVERNANCE,
}
"""The board that stewards the events of a stage, unless a contract names another."""


class Status(StrEnum):
    """Where an event type stands in its life."""

    DRAFT = "draft"
    """Under consultation: it may change in any way, is never released, and a hub does not accept it."""
    ACTIVE = "active"
    """In use: it changes only by what the compatibility gate lets pass."""
    DEPRECATED = "deprecated"
    """Still accepted, and converted to its successor before anything is decided."""
    WITHDRAWN = "withdrawn"
    """No longer accepted. The definition stays, so that what was recorded under it can be read."""


@dataclass(frozen=True)
class Lifecycle:
    """Where an event type stands; raises ValueError if a deprecated one names no day and no successor."""

    status: Status = Status.ACTIVE
    since: date | None = None
    """The day from which it has stood so; needed for a deprecated and a withdrawn type."""
    successor: str | None = None
    """The event type to publish instead; needed for a deprecated type."""

    def __post_init__(self) -> None:
        if self.status in (Status.DEPRECATED, Status.WITHDRAWN) and self.since is None:
            raise ValueError(f"a {self.status} event type says since which day: give `since`")
        if self.status is Status.DEPRECATED and self.successor is None:
            raise ValueError("a deprecated event type says what to publish instead: give `successor`")

    @property
    def is_accepted(self) -> bool:
        """Whether a hub accepts events of this type."""
        return self.status in (Status.ACTIVE, Status.DEPRECATED)


IN_USE = Lifecycle()
