"""What is said, and how far it can be relied on."""

from enum import StrEnum


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


class Basis(StrEnum):
    """How far a statement can be relied on."""

    FACT = "fact"
    ASSESSMENT = "assessment"
    HEARSAY = "hearsay"


class BirthDateStatus(StrEnum):
    """How far a date of birth can be relied on."""

    CONFIRMED = "confirmed"
    """Seen in a document or held by a record that was checked."""
    CLAIMED = "claimed"
    """Said by the child or somebody else, not checked."""
    DISPUTED = "disputed"
    """Another date is held by another record, or the age is under assessment."""
