"""An example event made fresh: its own ids, and times that lie as they did, but today."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from contracts.envelope import rfc3339

_MOMENT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]+(?:Z|[+-][0-9]{2}:[0-9]{2})")
_NIGHT = datetime.fromisoformat("2026-11-22T21:40:00+00:00")
"""When the examples of the contracts happened."""


def fresh_example(
    event: dict[str, Any], agency: str | None, subject: str | None, now: datetime, new_id: Callable[[], str]
) -> dict[str, Any]:
    """Return the example as if it happened now: new id, new subject unless one is given, every time moved along.

    The handle of a child is left out: a hub gives its own.
    """
    shift = now.replace(microsecond=0) - _NIGHT
    kind = str(event.get("subject", "")).partition("/")[0]
    fresh = {
        "specversion": "1.0",
        "id": new_id(),
        "source": event["source"] if agency is None else f"/agencies/{agency}",
        "type": event["type"],
        **({"subject": subject or f"{kind}/{new_id()}"} if subject or kind else {}),
        "time": rfc3339(now),
        "datacontenttype": "application/json",
        "data": _moved(event["data"], shift),
    }
    child = fresh["data"].get("child")
    if isinstance(child, dict):
        child.pop("handle", None)
    if kind == "child" and subject is None:
        del fresh["subject"]
    return fresh


def _moved(value: Any, shift: timedelta) -> Any:
    if isinstance(value, dict):
        return {name: _moved(inner, shift) for name, inner in value.items()}
    if isinstance(value, list):
        return [_moved(inner, shift) for inner in value]
    if isinstance(value, str) and _MOMENT.fullmatch(value):
        return rfc3339(datetime.fromisoformat(value) + shift)
    return value
