"""Code lists. Each code carries a plain definition: people of five professions read them."""

from enum import StrEnum


class Role(StrEnum):
    """An agency's part in one episode."""

    REPORTING = "reporting"
    OWNING_FORCE = "owning_force"
    HOME_FORCE = "home_force"
    RECEIVING_FORCE = "receiving_force"
    RESPONSIBLE_AUTHORITY = "responsible_authority"
    HOST_AUTHORITY = "host_authority"
    OUT_OF_HOURS_TEAM = "out_of_hours_team"
    CARE_PROVIDER = "care_provider"
    FOSTER_CARER = "foster_carer"
    FOSTERING_AGENCY = "fostering_agency"
    SUPPORTED_ACCOMMODATION = "supported_accommodation"
    HEALTH = "health"
    EDUCATION = "education"
    YOUTH_JUSTICE = "youth_justice"
    INTERVIEW_PROVIDER = "interview_provider"
    ADVOCATE = "advocate"
    TRAFFICKING_GUARDIAN = "trafficking_guardian"
    CHARITY = "charity"
    PARENTAL_RESPONSIBILITY = "parental_responsibility"
    HOME_OFFICE = "home_office"
    REGULATOR = "regulator"


class AgencyKind(StrEnum):
    """What sort of body an agency is."""

    POLICE_FORCE = "police_force"
    LOCAL_AUTHORITY = "local_authority"
    CHILDRENS_HOME = "childrens_home"
    FOSTERING_AGENCY = "fostering_agency"
    SUPPORTED_ACCOMMODATION = "supported_accommodation"
    HEALTH = "health"
    EDUCATION = "education"
    YOUTH_JUSTICE = "youth_justice"
    CHARITY = "charity"
    REGULATOR = "regulator"


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


class Standing(StrEnum):
    """How a recipient stands to an episode; what a clause's `recipient_is` speaks of."""

    OWNING = "owning"
    OFFERED = "offered"
    RESPONSIBLE = "responsible"
    HOSTING = "hosting"
    CARING = "caring"
    REPORTING = "reporting"


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


class PlacementCode(StrEnum):
    """SSDA903 placement codes used by the placement record."""

    SECURE_HOME = "K1"
    CHILDRENS_HOME = "K2"
    SUPPORTED_ACCOMMODATION = "K3"
    FOSTER_RELATIVE = "U1"
    FOSTER_RELATIVE_LONG_TERM = "U2"
    FOSTER_RELATIVE_PROSPECTIVE = "U3"
    FOSTER_LONG_TERM = "U4"
    FOSTER_ADOPTER = "U5"
    FOSTER = "U6"


class ReturnSetting(StrEnum):
    """Where a child came back to."""

    PLACEMENT = "placement"
    NEW_PLACEMENT = "new_placement"
    FAMILY_HOME = "family_home"
    OTHER = "other"


class AcknowledgementAction(StrEnum):
    """What a person says they do about what they were told."""

    SEEN = "seen"
    ACTING = "acting"
    ACTIONED = "actioned"
    CANNOT_ACT = "cannot_act"


class ReportedVia(StrEnum):
    """How information reached the publisher."""

    SYSTEM = "system"
    PHONE = "phone"
    IN_PERSON = "in_person"
    FORM = "form"


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
