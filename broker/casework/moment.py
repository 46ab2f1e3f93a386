"""Times in stored state: ISO 8601 in UTC, to the microsecond, so that what is read back equals what was written."""

from datetime import UTC, datetime
from typing import overload


@overload
def written(moment: datetime) -> str: ...
@overload
def written(moment: None) -> None: ...
def written(moment: datetime | None) -> str | None:
    """Write a moment for storage; None stays None."""
    return None if moment is None else moment.astimezone(UTC).isoformat()


@overload
def read(text: str) -> datetime: ...
@overload
def read(text: None) -> None: ...
def read(text: str | None) -> datetime | None:
    """Read a stored moment; None stays None. ValueError if it is not ISO 8601."""
    return None if text is None else datetime.fromisoformat(text)
