"""An episode as one agency may see it: made of what it published and what it was told, and of nothing else."""

from datetime import datetime
from typing import Any

import orjson

from broker.ports.records import Position
from broker.ports.store import View
from contracts.catalogue import HISTORY
from contracts.vocabulary import EpisodeStatus, ReopeningReason

_STATUS = {
    "concordat.episode.opened.v1": EpisodeStatus.OPEN,
    "concordat.child.located.v1": EpisodeStatus.LOCATED,
    "concordat.child.located_not_returning.v1": EpisodeStatus.LOCATED,
    "concordat.child.detained.v1": EpisodeStatus.LOCATED,
    "concordat.child.admitted.v1": EpisodeStatus.LOCATED,
    "concordat.child.returned.v1": EpisodeStatus.RETURNED,
    "concordat.episode.closed.v1": EpisodeStatus.CLOSED,
    "concordat.episode.cancelled.v1": EpisodeStatus.CLOSED,
}
_ORDER = (EpisodeStatus.OPEN, EpisodeStatus.LOCATED, EpisodeStatus.RETURNED, EpisodeStatus.CLOSED)
_REOPENED = "concordat.episode.reopened.v1"


def list_episodes(view: View, agency: str, cursor: str | None, limit: int) -> dict[str, Any]:
    """List the episodes that an agency published on or was told of, as a page of `items` and `next`."""
    subjects = view.subjects_of(agency, cursor, limit)
    items = []
    for subject in subjects:
        seen = _events(view, agency, subject)
        if seen:
            items.append(_head(subject, seen))
    return {"items": items, "next": subjects[-1] if len(subjects) == limit else None}


def episode_as_seen(view: View, agency: str, episode_id: str) -> dict[str, Any] | None:
    """Return one episode with all its events in order of their times; None if the agency knows nothing of it."""
    subject = f"episode/{episode_id}"
    seen = _events(view, agency, subject)
    return _head(subject, seen) | {"events": seen} if seen else None


def _head(subject: str, seen: list[dict[str, Any]]) -> dict[str, Any]:
    reached = _reached(seen)
    risks = [event["data"]["risk"]["level"] for event in seen if event["data"].get("risk", {}).get("level")]
    return {
        "episode": subject.removeprefix("episode/"),
        "status": max(reached, key=_ORDER.index).value if reached else None,
        "risk": risks[-1] if risks else None,
        "first_event": {"type": seen[0]["type"], "time": seen[0]["time"]},
        "last_event": {"type": seen[-1]["type"], "time": seen[-1]["time"]},
    }


def _reached(seen: list[dict[str, Any]]) -> list[EpisodeStatus]:
    """Return the statuses that the episode has come to since it was last open again."""
    reached: list[EpisodeStatus] = []
    for event in seen:
        if event["type"] == _REOPENED:
            kept = event["data"].get("reason") == ReopeningReason.CLOSED_IN_ERROR
            reached = [one for one in reached if kept and one is not EpisodeStatus.CLOSED] or [EpisodeStatus.OPEN]
        elif event["type"] in _STATUS:
            reached.append(_STATUS[event["type"]])
    return reached


def _events(view: View, agency: str, subject: str) -> list[dict[str, Any]]:
    """Return own and received events; a history is unfolded into the events that it tells of."""
    seen: list[dict[str, Any]] = []
    for event in view.events_about(subject):
        if event.controller == agency and event.content is not None and event.source.endswith(f"/agencies/{agency}"):
            document = orjson.loads(event.content)
            seen.append({"type": event.type, "time": document["time"], "own": True, "data": document["data"]})
    for told in view.received(agency, subject, None):
        mail = view.mail_of(told.id)
        if mail is None or mail.content is None:
            continue
        message = orjson.loads(mail.content)
        head = {"own": False, "disclosure_id": told.id, "sequence": str(Position(mail.generation, mail.number))}
        inner = message["data"]["events"] if told.type == HISTORY else [message]
        seen.extend(
            {"type": one["type"], "time": one["time"], "source": message["source"], **head, "data": one["data"]}
            for one in inner
        )
    return sorted(seen, key=lambda event: datetime.fromisoformat(str(event["time"]).upper()))
