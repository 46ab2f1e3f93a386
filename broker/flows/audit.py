"""What a data protection officer asks: who was told what, why, and can it be proved?

A caller sees what its own agency disclosed (audit) or received (subscribe, audit); oversight sees every decision but no
values. To anybody else a disclosure does not exist.
"""

from dataclasses import dataclass, replace
from enum import Enum
from typing import Any

import orjson

from broker.flows.consult import Caller
from broker.flows.explain import sentences
from broker.flows.record import PAYLOAD
from broker.ledger.checkpoint import tlog_proof
from broker.ledger.proofs import inclusion
from broker.ports.records import DisclosureFilter, DisclosureRecord, EntryRecord
from broker.ports.store import View
from contracts.canonical import b64url
from contracts.disclosure import Opened, Opening
from contracts.envelope import rfc3339
from contracts.ledger_entry import Operation


class Side(Enum):
    """On which side of a disclosure a caller stands."""

    PUBLISHER = "publisher"
    RECIPIENT = "recipient"
    OVERSIGHT = "oversight"


class NotYet(Exception):
    """The entry is committed and not yet under a published checkpoint: ask again after the next one."""


_OPENS = {
    Side.PUBLISHER: (PAYLOAD, "full_detail"),
    Side.RECIPIENT: (PAYLOAD, "detail"),
    Side.OVERSIGHT: ("detail", "full_detail"),
}


@dataclass(frozen=True)
class Found:
    """An entry that the caller may see, from where it stands."""

    entry: EntryRecord
    side: Side
    disclosure: DisclosureRecord | None
    """None for an entry that is no disclosure, such as the acceptance of an event."""


def find(view: View, caller: Caller, entry_id: str) -> Found | None:
    """Find a disclosure, or another entry of the caller's own events, by its id; None if it is not for this caller."""
    entry, disclosure = view.entry(entry_id), view.disclosure(entry_id)
    if entry is None or entry.scope is None:
        return None
    owns = entry.scope.controller == caller.agency
    told = (
        disclosure is not None and disclosure.outcome is Operation.DISCLOSED and disclosure.recipient == caller.agency
    )
    if told and not (owns and caller.audits):
        return Found(entry, Side.RECIPIENT, disclosure)
    if owns and (caller.audits or disclosure is None):
        return Found(entry, Side.PUBLISHER, disclosure)
    return Found(entry, Side.OVERSIGHT, disclosure) if caller.oversees else None


def search(view: View, caller: Caller, wanted: DisclosureFilter) -> dict[str, Any]:
    """Answer a search within what the caller may see, newest first, as a page of `items` and `next`."""
    limited = replace(
        wanted,
        agency=None if caller.oversees else caller.agency,
        received_only=not (caller.oversees or caller.audits),
    )
    found = view.disclosures(limited)
    items = [summary(view, caller, one, _side(caller, one)) for one in found]
    if wanted.publisher is not None:
        # The filter must not tell a recipient who published what was given to it without a name.
        items = [item for item in items if item.get("publisher") == wanted.publisher]
    return {"items": items, "next": found[-1].id if len(found) == wanted.limit else None}


def _side(caller: Caller, disclosure: DisclosureRecord) -> Side:
    if disclosure.publisher == caller.agency and caller.audits:
        return Side.PUBLISHER
    if disclosure.recipient == caller.agency:
        return Side.RECIPIENT
    return Side.OVERSIGHT


def summary(view: View, caller: Caller, disclosure: DisclosureRecord, side: Side) -> dict[str, Any]:
    """Describe a disclosure without values.

    A recipient is not shown what the event had and it did not get, nor a publisher that its message did not name, nor
    the handle of a child whose record it was not told of: by that it could join what it was told under other names.
    """
    shown = _whole(disclosure, side)
    if side is Side.RECIPIENT:
        entry, child = view.entry(disclosure.id), disclosure.child
        actor = "" if entry is None else str(orjson.loads(entry.leaf)["actor"])
        if not actor.endswith(f"/agencies/{disclosure.publisher}"):
            shown.pop("publisher")
        if child is not None and "child" in shown and not view.knows(caller.agency, f"child/{child}"):
            shown.pop("child")
    return shown


def _whole(disclosure: DisclosureRecord, side: Side) -> dict[str, Any]:
    kind, _, subject = disclosure.subject.partition("/")
    shown: dict[str, Any] = {
        "id": disclosure.id,
        "type": disclosure.type,
        "outcome": disclosure.outcome.value,
        "at": rfc3339(disclosure.at),
        "event_time": rfc3339(disclosure.event_time),
        kind: subject,
        "publisher": disclosure.publisher,
        "recipient": disclosure.recipient,
        "roles": list(disclosure.roles),
        "protocol": disclosure.protocol,
        "released": list(disclosure.released),
    }
    if disclosure.child is not None:
        shown["child"] = disclosure.child
    if disclosure.generation is not None:
        shown["sequence"] = f"{disclosure.generation}.{disclosure.number}"
    if side is not Side.RECIPIENT:
        shown |= {"event_id": disclosure.event_id, "withheld": list(disclosure.withheld)}
        shown |= {"reason": disclosure.reason.value} if disclosure.reason else {}
    return shown


def explanation(view: View, caller: Caller, entry_id: str) -> dict[str, Any] | None:
    """Explain a decision, field by field, with clause and legal basis, as data and in sentences."""
    found = find(view, caller, entry_id)
    if found is None or found.disclosure is None:
        return None
    name = "detail" if found.side is Side.RECIPIENT else "full_detail"
    kept = _sealed(found).get(name)
    if kept is None:
        return None
    detail = _value(view, kept)
    return {
        "disclosure": summary(view, caller, found.disclosure, found.side),
        "detail": detail,
        "sentences": sentences(detail),
    }


def opening(view: View, caller: Caller, entry_id: str) -> Opening | None:
    """Return the keys and values that open an entry's commitments for this caller, as far as they are still kept."""
    found = find(view, caller, entry_id)
    if found is None:
        return None
    opened = {}
    for name, kept in _sealed(found).items():
        if name not in _OPENS[found.side]:
            continue
        value = _payload(view, found) if name == PAYLOAD else _value(view, kept)
        if value is not None:
            opened[name] = Opened(key=b64url(bytes.fromhex(kept["key"])), value=value)
    return Opening(id=entry_id, commitments=opened)


def proof(view: View, caller: Caller, entry_id: str) -> str | None:
    """Return the C2SP tlog-proof of an entry under the latest checkpoint; NotYet before the next covers it."""
    found = find(view, caller, entry_id)
    if found is None:
        return None
    checkpoint = view.latest_checkpoint()
    if checkpoint is None or checkpoint.size <= found.entry.place:
        raise NotYet
    path = inclusion(found.entry.place, checkpoint.size, view.nodes)
    return tlog_proof(found.entry.place, path, checkpoint.note)


def _sealed(found: Found) -> dict[str, Any]:
    return {} if found.entry.opening is None else dict(orjson.loads(found.entry.opening))


def _value(view: View, kept: dict[str, Any]) -> dict[str, Any]:
    """Return the value that was committed to: as it is kept, or what is kept put into its form."""
    if "form" not in kept:
        return dict(kept["value"])
    form = view.form(bytes.fromhex(kept["form"]))
    if form is None:
        raise LookupError("the form of a detail is not kept: the database has lost rows of `forms`")
    return {**orjson.loads(form), **kept["value"]}


def _payload(view: View, found: Found) -> dict[str, Any] | None:
    """Return the value that the payload commitment was made over, from where it is kept."""
    if found.disclosure is not None:
        mail = view.mail_of(found.entry.id)
        content = None if mail is None else mail.content
    else:
        event = view.event_of_entry(found.entry.id)
        content = None if event is None else event.content
    return None if content is None else dict(orjson.loads(content)["data"])
