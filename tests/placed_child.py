"""An invented child whose placement is on record: several agencies are confirmed, and each hears of the child."""

from typing import Any

from ulid import ULID

HOME, POLICE = "harbour-house", "northmere-police"
COUNCIL, HOST, HEALTH = "eastvale-council", "westmoor-council", "northmere-health"
HEARING = (POLICE, COUNCIL, HOST, HEALTH)
"""Who is told when the home reports the child missing: force, responsible authority, host authority, health."""


def _event(agency: str, event_type: str, data: dict[str, Any], **attributes: Any) -> dict[str, Any]:
    event = {
        "specversion": "1.0",
        "id": str(ULID()),
        "source": f"/agencies/{agency}",
        "type": event_type,
        "time": "2026-11-22T21:40:00Z",
        "datacontenttype": "application/json",
        "data": data,
    }
    return event | attributes


def placement() -> dict[str, Any]:
    """Eastvale says where the child lives, and who has a part in that. The receipt has the child's handle."""
    data = {
        "child": {"local_reference": f"EC-{ULID()}", "name": "Robin Quillfeather"},
        "placement": {"began_at": "2026-09-01T10:00:00Z", "area": "E10999002"},
        "involved": [
            {"agency": HOME, "role": "care_provider"},
            {"agency": HOST, "role": "host_authority"},
            {"agency": HEALTH, "role": "health"},
        ],
    }
    return _event(COUNCIL, "concordat.placement.notified.v1", data)


def missing(subject: str) -> dict[str, Any]:
    """Harbour House reports that this child, `child/<handle>`, has not come home."""
    data = {
        "child": {"handle": subject.removeprefix("child/"), "name": "Robin Quillfeather"},
        "reported_at": "2026-11-22T21:38:00Z",
        "last_seen": {"at": "2026-11-22T19:05:00Z"},
        "risk": {"level": "high"},
        "involved": [{"agency": COUNCIL, "role": "responsible_authority"}],
    }
    return _event(HOME, "concordat.episode.opened.v1", data, subject=f"episode/{ULID()}")
