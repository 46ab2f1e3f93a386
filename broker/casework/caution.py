"""What can hardly be right: accepted all the same, and said."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from broker.casework.naming import values_at
from contracts.catalogue import leaves_of
from contracts.disclosure import Caution
from contracts.fields import Leaf
from contracts.identifiers import pnc_check_letter_holds
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


def cautions(event: ParsedEvent, now: datetime) -> tuple[Caution, ...]:
    """Return a warning for each time more than five minutes ahead of `now`, and for each PNC id that looks mistyped."""
    plain, event_type = event.plain(), event.contract.type
    return (
        *_in_future(event.envelope.time, plain, _in_the_past(event_type), now + CLOCK_SKEW),
        *_doubtful(plain, _pnc_ids(event_type)),
    )


@cache
def _in_the_past(event_type: str) -> tuple[Leaf, ...]:
    """The times of a type that are not meant to lie ahead."""
    return tuple(
        leaf for leaf in leaves_of(event_type) if leaf.kind in _EARLIEST and leaf.path.rpartition(".")[2] not in _AHEAD
    )


@cache
def _pnc_ids(event_type: str) -> tuple[Leaf, ...]:
    return tuple(leaf for leaf in leaves_of(event_type) if leaf.path.endswith("pnc_id"))


def _in_future(
    time: datetime | None, plain: dict[str, Any], leaves: tuple[Leaf, ...], limit: datetime
) -> Iterator[Caution]:
    detail = "this time has not come yet: check the clock that gave it"
    if time is not None and time > limit:
        yield Caution(code="time_in_future", pointer="/time", detail=detail)
    for leaf in leaves:
        earliest = _EARLIEST[leaf.kind]
        if any(datetime.fromisoformat(earliest(value)) > limit for value in values_at(plain, leaf.path)):
            yield Caution(code="time_in_future", pointer=_pointer(leaf), detail=detail)


def _doubtful(plain: dict[str, Any], leaves: tuple[Leaf, ...]) -> Iterator[Caution]:
    # The rule of the check letter is not published: an id against it may be right, and is taken.
    for leaf in leaves:
        if not all(map(pnc_check_letter_holds, values_at(plain, leaf.path))):
            yield Caution(
                code="doubtful_identifier",
                pointer=_pointer(leaf),
                detail="the check letter of this PNC id does not fit: check the id with whoever gave it",
            )


def _pointer(leaf: Leaf) -> str:
    return "/data/" + leaf.path.replace("[]", "").replace(".", "/")
