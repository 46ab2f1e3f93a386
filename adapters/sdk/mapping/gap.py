"""What a mapping could not carry over: where and how often, never what it was."""

from dataclasses import dataclass, field
from enum import StrEnum


class GapKind(StrEnum):
    """What went wrong with one value, or what was settled for it."""

    UNMAPPED_CODE = "unmapped_code"
    UNREADABLE = "unreadable"
    NO_SUCH_TIME = "no_such_time"
    TWICE_THAT_DAY = "twice_that_day"
    ITEM_LEFT_OUT = "item_left_out"
    ABSENCE_WOULD_SPEAK = "absence_would_speak"
    AGAINST_CONTRACT = "against_contract"
    ASSUMED_TIME = "assumed_time"
    ASSUMED_OFFSET = "assumed_offset"
    ASSUMED_FLAG = "assumed_flag"


SENTENCES = {
    GapKind.UNMAPPED_CODE: "this word is not among the mapping's codes: add it",
    GapKind.UNREADABLE: "the value is not written as the mapping says; the field was left out",
    GapKind.NO_SUCH_TIME: "the clocks skipped this local time; the field was left out",
    GapKind.TWICE_THAT_DAY: "the clocks showed this local time twice; the field was left out: clock_change settles it",
    GapKind.ITEM_LEFT_OUT: "one of the item's values is not known, so the whole item was left out",
    GapKind.ABSENCE_WOULD_SPEAK: "without this field the event would say something else, so it was not made",
    GapKind.AGAINST_CONTRACT: "the event is against its contract and was not made",
    GapKind.ASSUMED_TIME: "the column has a day only; time_of_day was assumed",
    GapKind.ASSUMED_OFFSET: "the clocks showed this local time twice; clock_change settled it",
    GapKind.ASSUMED_FLAG: "this word is not among the mapping's codes; otherwise settled it: add the word",
}
SETTLED = frozenset({GapKind.ASSUMED_TIME, GapKind.ASSUMED_OFFSET, GapKind.ASSUMED_FLAG})
"""What the mapping itself decides: reported, and no failure."""


@dataclass(frozen=True)
class Gap:
    """One thing that was not carried over as it stood."""

    kind: GapKind
    rule: str
    """RFC 6901 pointer to the rule in the mapping document."""
    to: str
    """The contract path that the value was meant for, or the pointer at which an event is against its contract."""
    column: str | None = None
    kept: bool = False
    """Whether the event carries the original text."""
    detail: str | None = None
    """What the contract asks for, in its own fixed words."""
    word: str | None = field(default=None, repr=False, compare=False)
    """The word that has no code: it may say anything, so it is shown to nobody who has not asked for it."""
