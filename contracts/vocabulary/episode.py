"""How a case goes: codes of risk, status, place of return and closing."""

from enum import StrEnum


class RiskLevel(StrEnum):
    """Risk of harm to a missing child; College of Policing scale. Ordered by `RISK_ORDER`."""

    VERY_LOW = "very_low"
    """No apparent risk of harm (formerly "absent")."""
    LOW = "low"
    """Harm is possible but minimal."""
    MEDIUM = "medium"
    """Harm is likely but not serious."""
    HIGH = "high"
    """Serious harm is very likely."""


RISK_ORDER = (RiskLevel.VERY_LOW, RiskLevel.LOW, RiskLevel.MEDIUM, RiskLevel.HIGH)


class EpisodeStatus(StrEnum):
    """Where an episode stands."""

    OPEN = "open"
    """Whereabouts cannot be established."""
    LOCATED = "located"
    """Found, not yet back in their home or care setting. Found is not returned."""
    RETURNED = "returned"
    """Back in their home or care setting: the return home interview clock runs from here."""
    CLOSED = "closed"
    """The search is over; interview and aftercare go on."""


class HandoverStage(StrEnum):
    """Where a handover between forces stands."""

    OFFERED = "offered"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    LAPSED = "lapsed"


class Jurisdiction(StrEnum):
    """Whose definitions and duties apply."""

    ENGLAND = "england"
    WALES = "wales"
    SCOTLAND = "scotland"


class Stage(StrEnum):
    """The stage of the journey that an event type belongs to."""

    PREVENTION = "prevention"
    REPORT = "report"
    SEARCH = "search"
    RETURNING = "returning"
    INTERVIEW = "interview"
    AFTERCARE = "aftercare"
    HANDOVER = "handover"
    GOVERNANCE = "governance"


class ReturnSetting(StrEnum):
    """Where a child came back to."""

    PLACEMENT = "placement"
    NEW_PLACEMENT = "new_placement"
    FAMILY_HOME = "family_home"
    OTHER = "other"


class ClosingReason(StrEnum):
    """Why an episode is closed."""

    LOCATED_AND_WELL = "located_and_well"
    LOCATED_WITH_CONCERNS = "located_with_concerns"
    REPORTED_IN_ERROR = "reported_in_error"
    DIED = "died"


class DueStage(StrEnum):
    """Whether a deadline has been set or has been reached."""

    SET = "set"
    """The clock has begun; `due_at` lies ahead."""
    REACHED = "reached"
    """`due_at` has come and what was due is not recorded as done."""


class ReopeningReason(StrEnum):
    """Why an episode is open again, which decides what of it still counts."""

    MISSING_AGAIN = "missing_again"
    LOCATED_IN_ERROR = "located_in_error"
    CLOSED_IN_ERROR = "closed_in_error"
