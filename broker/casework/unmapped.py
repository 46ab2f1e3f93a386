"""Codes that the sender had no word of the contract for: accepted, not guessed, and said."""

from collections.abc import Iterator
from typing import Any

from contracts.catalogue import leaves_of
from contracts.disclosure import Caution
from contracts.parse import ParsedEvent


def unmapped_codes(event: ParsedEvent) -> tuple[Caution, ...]:
    """Return a warning for each place of the event where the sender's own text stands for a code."""
    data = event.plain()
    return tuple(
        Caution(
            code="unmapped_code",
            pointer=pointer,
            detail="no code stands here but your own text, which the hub reads as not known: map it to a code",
        )
        for leaf in leaves_of(event.contract.type)
        if leaf.takes_unmapped
        for pointer in _texts(data, leaf.path.split("."), "/data")
    )


def _texts(value: Any, steps: list[str], pointer: str) -> Iterator[str]:
    """Yield the pointer (RFC 6901) to each unmapped text at a contract path below a value."""
    if not steps:
        if isinstance(value, dict):
            yield pointer
        return
    name, many = steps[0].removesuffix("[]"), steps[0].endswith("[]")
    if not isinstance(value, dict) or name not in value:
        return
    if not many:
        yield from _texts(value[name], steps[1:], f"{pointer}/{name}")
        return
    for place, item in enumerate(value[name]):
        yield from _texts(item, steps[1:], f"{pointer}/{name}/{place}")
