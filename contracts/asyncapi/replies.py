"""What a publisher hears: the receipt, or the problem."""

from typing import Any

from contracts.asyncapi import headers
from contracts.asyncapi.schemas import PROBLEM, RECEIPT, reference

_RECEIPT, _PROBLEM = "receipt", "problem"
REPLIES = (_RECEIPT, _PROBLEM)


def replies() -> dict[str, Any]:
    """Return the messages of both."""
    return {
        _RECEIPT: {
            "name": "receipt",
            "title": "Receipt",
            "summary": "Accepted: who has been told, who has not and why, and who must be rung.",
            "contentType": "application/json",
            "headers": reference(headers.REPLY),
            "payload": reference(RECEIPT),
            "examples": [
                {
                    "name": "receipt",
                    "headers": {"Concordat-Status": "201", "Content-Type": "application/json"},
                    "payload": RECEIPT_EXAMPLE,
                }
            ],
        },
        _PROBLEM: {
            "name": "problem",
            "title": "Problem",
            "summary": "Not accepted: why, and what to do.",
            "contentType": "application/problem+json",
            "headers": reference(headers.REPLY),
            "payload": reference(PROBLEM),
            "examples": [
                {
                    "name": "problem",
                    "headers": {"Concordat-Status": "409", "Content-Type": "application/problem+json"},
                    "payload": _PROBLEM_EXAMPLE,
                }
            ],
        },
    }


RECEIPT_EXAMPLE: dict[str, Any] = {
    "event_id": "01JD6QK3Z8T0V5W2N4Y6B8C0D1",
    "source": "//hub.northmere.example/agencies/northmere-police",
    "accepted_at": "2026-11-22T21:40:01.120Z",
    "subject": "episode/01JD6QK3Z8T0V5W2N4Y6B8C0CX",
    "episode": "01JD6QK3Z8T0V5W2N4Y6B8C0CX",
    "entry": "01JD6QK3Z8T0V5W2N4Y6B8C0E0",
    "told": [
        {
            "agency": "eastvale-council",
            "role": "responsible_authority",
            "disclosure_id": "01JD6QK3Z8T0V5W2N4Y6B8C0DS",
            "protocol": "northmere-missing-children@3",
            "released": 14,
            "transformed": 2,
            "withheld": 3,
        }
    ],
    "not_told": [
        {
            "agency": "harbour-house",
            "reason": "no_clause",
            "ring": True,
            "detail": "no clause of a protocol in force releases this event to care_provider",
        }
    ],
    "warnings": [{"code": "unmapped_code", "pointer": "/data/risk/level"}],
}
"""A receipt, for this document and for others'."""
_PROBLEM_EXAMPLE = {
    "type": "https://concordat.example/problems/id-reused",
    "title": "The id was used for other content",
    "status": 409,
    "detail": "give each event its own id",
    "instance": "urn:uuid:5bd9ac3e-1f9c-4d3a-9f0e-4f2f8d3e1a77",
}
