"""What the examples are made of: one invented child, fictional agencies, fixed ids and one night in November."""

from dataclasses import dataclass
from typing import Any

EPISODE = "episode/01JD6QK3Z8T0V5W2N4Y6B8C0CX"
CHILD = "child/01JD6QK3Z8T0V5W2N4Y6B8C0CH"
DISCLOSURE = "01JD6QK3Z8T0V5W2N4Y6B8C0DS"

POLICE = "northmere-police"
COUNCIL = "eastvale-council"
HOST = "westmoor-council"
HOME = "harbour-house"
HEALTH = "northmere-health"
NEIGHBOUR = "southfold-police"
CHARITY = "bright-path"

PROVENANCE = {
    "reported_via": "phone",
    "reported_at": "2026-11-22T21:38:00Z",
    "obtained_at": "2026-11-22T21:30:00Z",
    "recorded_by": {"role": "duty senior", "desk": "night desk"},
    "on_behalf_of": CHARITY,
}
PLACE = {
    "words": "Invented Street bus station",
    "postcode": "ZZ9 9ZZ",
    "uprn": "100000000001",
    "point": {"latitude": 54.5, "longitude": -2.25},
    "area": "E06000999",
}
IDENTITY = {
    "name": "Robin Example",
    "known_as": "Rob",
    "birth_date": "2012-02-29",
    "birth_date_status": "confirmed",
    "nhs_number": "9434765919",
    "upn": "H801200001001",
    "pnc_id": "2026/0000001W",
}
SPAN = {"earliest": "2026-11-23T01:00:00Z", "latest": "2026-11-23T01:30:00Z"}
OTHER_EPISODE = "01JD6QK3Z8T0V5W2N4Y6B8C0CY"
OTHER_CHILD = "01JD6QK3Z8T0V5W2N4Y6B8C0CJ"
MADE = "01JD6QK3Z8T0V5W2N4Y6B8C0MA"
"""An id that a publisher minted for something that a later event names again."""
SIGNATORY = {"name": "Alex Placeholder", "post": "head of safeguarding"}
PERSON = {"name": "Sam Sample", "post": "duty senior", "telephone": "+44 1632 960001"}
INFORMANT = {"name": "Jo Invented", "relation": "friend", "telephone": "+44 1632 960003"}


_REQUIRED = ("specversion", "id", "source", "type", "subject")


@dataclass(frozen=True)
class Fault:
    """The fault that an invalid example must be refused for: RFC 6901 pointer and code."""

    pointer: str
    code: str


@dataclass(frozen=True)
class Examples:
    """Examples of one event type, as whole CloudEvents."""

    minimal: dict[str, Any]
    """No member that could be left out."""
    full: dict[str, Any]
    """Every member of the contract at least once."""
    invalid: dict[str, Any]
    """Refused, for `fault` alone."""
    fault: Fault


def account(text: str, *contains: str, basis: str = "fact") -> dict[str, Any]:
    """Return a narrative with every mark it can have."""
    return {"text": text, "contains": list(contains), "basis": basis}


def examples(
    source: str,
    event_type: str,
    *,
    subject: str | None = EPISODE,
    minimal: dict[str, Any],
    full: dict[str, Any],
    invalid: dict[str, Any],
    fault: Fault,
) -> Examples:
    """Put the data of three examples into envelopes.

    `source` is an agency id, or empty for the hub itself. What is about neither an episode nor a child has no subject.
    """
    envelope = {
        "specversion": "1.0",
        "id": "01JD6QK3Z8T0V5W2N4Y6B8C0D1",
        "source": f"/agencies/{source}" if source else "/hub",
        "type": event_type,
        **({} if subject is None else {"subject": subject}),
        "time": "2026-11-22T21:40:00Z",
        "datacontenttype": "application/json",
    }
    required = {name: envelope[name] for name in _REQUIRED if name in envelope}
    return Examples(
        minimal={**required, "data": minimal},
        full={**envelope, "data": {**full, "provenance": PROVENANCE}},
        invalid={**required, "data": invalid},
        fault=fault,
    )
