"""Times that cannot be right yet: accepted, and said."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from broker.casework.naming import values_at
from contracts.catalogue import leaves_of
from contracts.disclosure import Caution
from contracts.parse import ParsedEvent
from contracts.values import Kind

CLOCK_SKEW = timedelta(minutes=5)
"""How far an agency's clock may run ahead before the hub remarks on it."""
# Times that are meant to lie ahead, by the last part of their path.
_AHEAD = frozenset(
    {
        "answer_by",
        "appointment_at",
        "began_at",
        "begins_at",
        "discharge_expected_at",
        "due_at",
        "ends_at",
        "expected_at",
        "expected_between",
        "expires_at",
        "next_attempt_at",
        "next_contact_at",
        "next_review_at",
        "offer_again_at",
        "proposed_at",
        "release_expected_at",
        "review_at",
        "takes_effect_at",
    }
)
# The earliest moment that a value of each kind of time can stand for.
_EARLIEST: dict[Kind, Callable[[Any], str]] = {
    Kind.INSTANT: str,
    Kind.SPAN: lambda span: str(span["earliest"]),
}


def in_future(event: ParsedEvent, now: datetime) -> tuple[Caution, ...]:
    """Return a warning for each time of the event that lies more than five minutes ahead of `now`."""
    limit = now + CLOCK_SKEW
    pointers = []
    if event.envelope.time is not None and event.envelope.time > limit:
        pointers.append("/time")
    plain = event.plain()
    for leaf in leaves_of(event.contract.type):
        if leaf.kind not in _EARLIEST or leaf.path.rpartition(".")[2] in _AHEAD:
            continue
        if any(datetime.fromisoformat(_EARLIEST[leaf.kind](value)) > limit for value in values_at(plain, leaf.path)):
            pointers.append("/data/" + leaf.path.replace("[]", "").replace(".", "/"))
    return tuple(
        Caution(
            code="time_in_future", pointer=pointer, detail="this time has not come yet: check the clock that gave it"
        )
        for pointer in pointers
    )
