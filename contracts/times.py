"""Times and days as they are written: RFC 3339, always with an offset, in the years of the living.

The years 1900 to 2099 keep every moment inside what a database and another time zone can hold.
"""

import re
from datetime import UTC, date, datetime

_YEARS = range(1900, 2100)
_DAY = r"(?:19|20)[0-9]{2}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])"
_TIME = r"(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:\.[0-9]{1,9})?"
_OFFSET = r"(?:[Zz]|[+-](?:[01][0-9]|2[0-3]):[0-5][0-9])"

DAY = f"^{_DAY}$"
TIMESTAMP = f"^{_DAY}[Tt]{_TIME}{_OFFSET}$"

_WRITTEN_DAY = re.compile(_DAY)
_WRITTEN_TIMESTAMP = re.compile(f"{_DAY}[Tt]{_TIME}{_OFFSET}")


def read_timestamp(value: object) -> object:
    """Read text as a moment (RFC 3339, section 5.6) and pass on anything else; ValueError if it is no such text."""
    # pydantic alone would take a Unix time in quotes, a space for the T, and a time without seconds.
    if not isinstance(value, str):
        return value
    if _WRITTEN_TIMESTAMP.fullmatch(value) is None:
        raise ValueError("a time is written 2026-11-22T21:40:00Z, or with an offset such as +01:00; years 1900 to 2099")
    try:
        return datetime.fromisoformat(value.upper())
    except ValueError:
        raise ValueError("there is no such day") from None


def read_day(value: object) -> object:
    """Read text as a calendar day `YYYY-MM-DD` and pass on anything else; ValueError if it is no such text."""
    if not isinstance(value, str):
        return value
    if _WRITTEN_DAY.fullmatch(value) is None:
        raise ValueError("a day is written 2026-11-22; years 1900 to 2099")
    try:
        return date.fromisoformat(value)
    except ValueError:
        raise ValueError("there is no such day") from None


def in_utc(moment: datetime) -> datetime:
    """Return the same moment in UTC; ValueError if it then lies outside the years 1900 to 2099."""
    try:
        moment = moment.astimezone(UTC)
    except OverflowError:
        raise ValueError("a time lies in the years 1900 to 2099") from None
    if moment.year not in _YEARS:
        raise ValueError("a time lies in the years 1900 to 2099, in UTC")
    return moment
