"""The told matrix: who has been told, whose machine holds it, who has seen it, who acts; and who must be rung."""

from typing import Any

from broker.flows.parts import Parts
from broker.ports.records import DisclosureFilter, ToldRow
from broker.ports.store import View
from contracts.catalogue import CATALOGUE
from contracts.disclosure import NotToldReason
from contracts.envelope import rfc3339
from contracts.ledger_entry import Operation
from contracts.lineage import newest_of

MOST = 500


def matrix(view: View, reader: str, episode_id: str, parts: Parts) -> dict[str, Any] | None:
    """Return the matrix as one reader may see it; None if the reader has no part in such an episode.

    It has lines only for events that the reader published or received, and names only agencies that the reader named
    itself or was told of.
    """
    subject = f"episode/{episode_id}"
    rows = view.told(subject)
    own = {_event(row) for row in rows if reader in (row.agency, row.publisher)}
    known = _known(view, reader, episode_id)
    missed = _not_told(view, reader, episode_id, known)
    if not own and not missed and all(event.controller != reader for event in view.events_about(subject)):
        return None
    shown = [_line(row) for row in rows if _event(row) in own and (row.agency in known or row.agency == reader)]
    return {
        "episode": episode_id,
        "items": shown,
        "not_told": missed,
        "next": None,
        "as_of": rfc3339(parts.clock.now()),
    }


def _event(row: ToldRow) -> tuple[str, str, str]:
    """Return which event a line is about: each agency was told of it in the version of the type that it knows."""
    return row.event_source, row.event_id, newest_of(row.type)


def _known(view: View, reader: str, episode_id: str) -> frozenset[str]:
    known = view.knows(reader, f"episode/{episode_id}")
    episode = view.episode(episode_id)
    return known if episode is None or episode.child is None else known | view.knows(reader, f"child/{episode.child}")


def _line(row: ToldRow) -> dict[str, Any]:
    times = {
        "told_at": row.told_at,
        "delivered_at": row.delivered_at,
        "seen_at": row.seen_at,
        "acting_at": row.acting_at,
        "actioned_at": row.actioned_at,
    }
    return {
        "event": {"type": row.type, "time": rfc3339(row.event_time)},
        "agency": row.agency,
        "role": row.roles[0] if row.roles else None,
        "roles": list(row.roles),
    } | {name: None if at is None else rfc3339(at) for name, at in times.items()}


def _not_told(view: View, reader: str, episode_id: str, known: frozenset[str]) -> list[dict[str, Any]]:
    """Return the agencies that the reader's own events did not reach."""
    wanted = DisclosureFilter(
        agency=reader, publisher=reader, episode=episode_id, outcome=Operation.WITHHELD.value, limit=MOST
    )
    return [
        {
            "event": {"type": one.type, "time": rfc3339(one.event_time)},
            "agency": one.recipient,
            "role": one.roles[0] if one.roles else None,
            "reason": None if one.reason is None else one.reason.value,
            "ring": CATALOGUE[one.type].ring and one.reason is not NotToldReason.NARROWED_BY_PUBLISHER,
            "at": rfc3339(one.at),
        }
        for one in reversed(view.disclosures(wanted))
        if one.recipient in known
    ]
