"""Examples of a request to see what is held."""

from contracts.examples.base import CHILD, COUNCIL, MADE, PERSON, Fault, account, examples

_RECEIVED = {
    "request": MADE,
    "received_at": "2027-03-01T09:00:00Z",
    "made_by": "child",
    "due_at": "2027-04-01T23:59:59Z",
}
_ANSWERED = {"request": MADE, "answered_at": "2027-03-29T09:00:00Z", "result": "given"}

EXAMPLES = {
    "concordat.access_request.received.v1": examples(
        COUNCIL,
        "concordat.access_request.received.v1",
        subject=CHILD,
        minimal=_RECEIVED,
        full={
            **_RECEIVED,
            "made_by": "representative",
            "requester": account("A solicitor, with Robin's signed authority.", "third_party"),
            "identity_checked": True,
            "asks_for": account("Everything about the winter of 2026.", "narrative"),
            "from_day": "2026-11-01",
            "until_day": "2027-02-28",
            "clarification_asked_at": "2027-03-02T09:00:00Z",
            "clarified_at": "2027-03-04T09:00:00Z",
            "handled_by": PERSON,
        },
        invalid={**_RECEIVED, "due_at": "2027-04-01"},
        fault=Fault("/data/due_at", "value_error"),
    ),
    "concordat.access_request.answered.v1": examples(
        COUNCIL,
        "concordat.access_request.answered.v1",
        subject=CHILD,
        minimal=_ANSWERED,
        full={
            **_ANSWERED,
            "result": "given_in_part",
            "left_out": ["third_party"],
            "reason": account("The names of other children.", "third_party"),
            "child_supported": True,
            "answered_by": PERSON,
        },
        invalid={**_ANSWERED, "left_out": "third_party"},
        fault=Fault("/data/left_out", "tuple_type"),
    ),
}
