"""Bodies and their parts: codes that say who somebody is in an episode."""

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


class Standing(StrEnum):
    """How a recipient stands to an episode; what a clause's `recipient_is` speaks of."""

    OWNING = "owning"
    OFFERED = "offered"
    RESPONSIBLE = "responsible"
    HOSTING = "hosting"
    CARING = "caring"
    REPORTING = "reporting"
