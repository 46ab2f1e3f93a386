"""What a change of a contract's own attributes would break: who may publish it, what it is about, where it stands."""

from collections.abc import Iterator

from contracts.compatibility.describe import Description
from contracts.compatibility.finding import Side
from contracts.governance import Status

Found = Iterator[tuple[Side, str, str]]


def of_attributes(before: Description, after: Description) -> Found:
    """Yield what would break with the attributes: side, attribute, and what would happen."""
    yield from _publishers(before, after)
    if before["about_child"] != after["about_child"]:
        yield Side.PUBLISHER, "about_child", "the hub would refuse the subject that is sent"
        yield Side.RECIPIENT, "about_child", "the event would be about something else: it could not be filed"
    if not before["derived"] and after["derived"]:
        yield Side.PUBLISHER, "derived", "agencies could no longer publish it"
    if before["derived"] and not after["derived"]:
        yield Side.RECIPIENT, "derived", "what only the hub could say, an agency could: its word would be taken for it"
    if before["ring"] and not after["ring"]:
        yield Side.PUBLISHER, "ring", "nobody would be asked to ring an agency that is not told"
    yield from _lifecycle(before, after)


def _publishers(before: Description, after: Description) -> Found:
    older, newer = before["publishers"], after["publishers"]
    was, will = set(older["roles"]), set(newer["roles"])
    if will and not was:
        yield Side.PUBLISHER, "publishers", "agencies without one of the roles could no longer publish it"
    elif will and was - will:
        yield Side.PUBLISHER, "publishers", f"{', '.join(sorted(was - will))} could no longer publish it"
    if was and not will:
        yield Side.RECIPIENT, "publishers", "any agency could say it, also one that has no part in the episode"
    elif older["confirmed"] and will - was:
        words = f"a decision could come from {', '.join(sorted(will - was))}, whose word did not count for it"
        yield Side.RECIPIENT, "publishers", words
    if not older["confirmed"] and newer["confirmed"]:
        yield Side.PUBLISHER, "publishers", "agencies whose part is only claimed could no longer publish it"
    if older["confirmed"] and not newer["confirmed"] and will:
        yield Side.RECIPIENT, "publishers", "a decision could come from an agency that only claims its part"


def _lifecycle(before: Description, after: Description) -> Found:
    was, will = Status(before["lifecycle"]["status"]), Status(after["lifecycle"]["status"])
    if was is will:
        return
    if will is Status.DRAFT:
        yield Side.PUBLISHER, "lifecycle", "what is in use would be refused: a draft is not accepted"
    if was is Status.ACTIVE and will is Status.WITHDRAWN:
        yield Side.PUBLISHER, "lifecycle", "it would be refused without notice: deprecate it first, and release that"
    if was is Status.WITHDRAWN:
        yield Side.RECIPIENT, "lifecycle", "readers have been told that it never comes again"
