"""Which code list goes with which enumeration."""

from enum import StrEnum


def list_of(enumeration: type[StrEnum]) -> str:
    """Return the name of the list that defines the codes of an enumeration: `RiskLevel` has `risk_level`."""
    name = enumeration.__name__
    return "".join("_" + sign.lower() if sign.isupper() else sign for sign in name).removeprefix("_")
