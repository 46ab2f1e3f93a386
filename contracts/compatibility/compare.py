"""What a change of one contract would break, for publishers, for recipients and for protocols that are in force."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from contracts.compatibility.attributes import of_attributes
from contracts.compatibility.describe import Description
from contracts.compatibility.fields import of_fields
from contracts.compatibility.finding import Finding, Side
from contracts.compatibility.forms import Unjudgeable, opened
from contracts.compatibility.members import NONE, members
from contracts.compatibility.schema import Gap, gaps, whole


def compare(before: Description, after: Description) -> list[Finding]:
    """Return what would break if `before`, which has been released, became `after` within its major version."""
    found = [*of_attributes(before, after), *of_fields(before, after), *_of_schema(before, after)]
    event_type = str(before["type"])
    return sorted({Finding(event_type, side, place, message) for side, place, message in found})


def _of_schema(before: Description, after: Description) -> Iterator[tuple[Side, str, str]]:
    try:
        older, newer = whole(before["schema"]), whole(after["schema"])
    except Unjudgeable as error:
        for side in (Side.PUBLISHER, Side.RECIPIENT):
            yield side, "schema", f"the gate cannot judge {error}: write the schema without it"
        return
    for gap in _each_once(gaps(older, newer)):
        yield Side.PUBLISHER, _place(gap), f"the hub would refuse {gap.what}, which it accepted before"
    for gap in _each_once(gaps(newer, opened(older))):
        yield Side.RECIPIENT, _place(gap), f"a reader would meet {gap.what}, which could not come before"
    yield from _of_defaults(before["schema"], after["schema"])


def _of_defaults(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[tuple[Side, str, str]]:
    """Yield what would be understood otherwise: the absence of a member says what its default says."""
    later = {member.path: member for member in members(after)}
    for member in members(before):
        now = later.get(member.path)
        if now is None or member.required or now.required:
            continue
        if member.default is not now.default and (
            NONE in (member.default, now.default) or member.default != now.default
        ):
            words = "the absence of this member would say something else than it said"
            yield Side.PUBLISHER, member.path, f"{words}: those who leave it out would be taken to mean it"
            yield Side.RECIPIENT, member.path, f"{words}: those who read it would not know"


def _each_once(found: Iterable[Gap]) -> Iterable[Gap]:
    return dict.fromkeys(found)


def _place(gap: Gap) -> str:
    place = gap.place.removeprefix("data.")
    return place or "schema"
