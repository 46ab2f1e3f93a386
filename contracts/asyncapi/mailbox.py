"""The envelope of what a mailbox holds, and the messages in it that have no contract of their own."""

from typing import Any

from contracts.envelope import SUBJECT
from contracts.identifiers import UNIQUE_ID

ENVELOPE = "Received"
NOTICE = "Notice"
ERASED = "concordat.mailbox.erased.v1"
GAP = "concordat.feed.gap.v1"
TESTED = "concordat.endpoint.tested.v1"
SUFFIX = ".received"
"""After a type, or a name of its parts: that schema as it is received."""

POSITION = r"^[1-9][0-9]*\.[0-9]+$"
_HUB = r"^//[a-z0-9.:-]{1,253}/hub$"
_SOURCE = r"^//[a-z0-9.:-]{1,253}/(?:agencies/[a-z0-9]+(?:-[a-z0-9]+)*|hub)$"


def fixed() -> dict[str, Any]:
    """Return the schemas that do not follow from a contract."""
    return dict(_FIXED)


_TIME = {"type": "string", "format": "date-time", "description": "When it happened."}
_NUMBERED = {
    "specversion": {"type": "string", "const": "1.0", "description": "CloudEvents version."},
    "id": {
        "type": "string",
        "pattern": UNIQUE_ID,
        "description": "The disclosure's id: what makes a message the same message, and what an acknowledgement names.",
    },
    "source": {"type": "string", "pattern": _SOURCE, "description": "Who published, or the hub where that is hidden."},
    "type": {"type": "string", "description": "Event type with its version."},
    "subject": {
        "anyOf": [{"type": "string", "pattern": SUBJECT}, {"type": "null"}],
        "description": "What it is about: episode/<id> or child/<handle>; null if neither.",
    },
    "time": _TIME,
    "datacontenttype": {"type": "string", "const": "application/json", "description": "Content type of data."},
    "concordatsequence": {
        "type": "string",
        "pattern": POSITION,
        "description": "<generation>.<number> in the recipient's own mailbox: numbers of a generation have no gaps.",
    },
    "concordatprotocol": {
        "type": "string",
        "pattern": "^[a-z0-9-]+@[1-9][0-9]*$",
        "description": "The data-sharing protocol that released it: name@version.",
    },
}


def _envelope(description: str, names: tuple[str, ...], **more: Any) -> dict[str, Any]:
    members = {name: _NUMBERED[name] for name in names} | more
    return {"type": "object", "description": description, "required": list(names), "properties": members}


_FIXED: dict[str, Any] = {
    ENVELOPE: _envelope(
        "The envelope of a message. Ledger index, original id and trace of the publisher are never in it.",
        ("specversion", "id", "source", "type", "time", "datacontenttype", "concordatsequence"),
        concordatprotocol=_NUMBERED["concordatprotocol"],
        subject=_NUMBERED["subject"],
        data={"type": "object", "description": "What was released."},
    ),
    NOTICE: _envelope(
        "That there is something to fetch from the mailbox: ids and type, and no data.",
        ("specversion", "id", "type", "concordatsequence"),
        source={"type": "string", "pattern": _HUB, "description": "The hub: a notice names no publisher."},
        subject=_NUMBERED["subject"],
        time=_TIME,
    ),
    ERASED + SUFFIX: _envelope(
        "Stands for a message whose content has been erased, so that its number is not missed.",
        ("specversion", "id", "source", "type", "time", "datacontenttype", "concordatsequence"),
        type={"const": ERASED},
        data={"type": "object", "maxProperties": 0},
    ),
    GAP + SUFFIX: _envelope(
        "Comes first where reading cannot go on from the position asked for: it is older than what is kept, or of an "
        "earlier generation. It has no number of its own.",
        ("specversion", "id", "source", "type", "time", "datacontenttype"),
        type={"const": GAP},
        data={
            "type": "object",
            "required": ["asked_after", "kept_from"],
            "properties": {
                "asked_after": {"type": "string", "description": "The position that was asked for."},
                "kept_from": {"type": "string", "pattern": POSITION, "description": "The first that is still kept."},
            },
        },
    ),
    TESTED + SUFFIX: _envelope(
        "What `POST /v1/endpoints/{id}/test` sends: it is about nobody, and part of no mailbox.",
        ("specversion", "id", "source", "type", "time", "datacontenttype"),
        type={"const": TESTED},
        data={"type": "object", "maxProperties": 0},
    ),
}
