"""Making an event that is right before it leaves."""

from datetime import datetime
from typing import Any

from ulid import ULID

from contracts.envelope import rfc3339
from contracts.parse import parse_event


def new_id() -> str:
    """Return a fresh ULID, for an event or an episode. It says when it was made and nothing else."""
    return str(ULID())


def compose(
    agency: str,
    event_type: str,
    data: dict[str, Any],
    *,
    time: datetime,
    subject: str | None = None,
    keep_back: str | None = None,
    actor: str | None = None,
) -> dict[str, Any]:
    """Return a CloudEvent from this agency, with a new id, checked against the contract of its type.

    `subject` is `episode/<id>` (`new_id()` for a new episode) or `child/<handle>`; `keep_back` is `concordataudience`
    and `actor` is `concordatactor`. Raises contracts.parse.InvalidEvent, which names every fault and no value.
    """
    event: dict[str, Any] = {
        "specversion": "1.0",
        "id": new_id(),
        "source": f"/agencies/{agency}",
        "type": event_type,
        "time": rfc3339(time),
        "datacontenttype": "application/json",
        "data": data,
    }
    optional = {"subject": subject, "concordataudience": keep_back, "concordatactor": actor}
    event.update({name: value for name, value in optional.items() if value is not None})
    parse_event(event)
    return event
