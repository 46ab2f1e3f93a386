"""A place in an agency's mailbox: `<generation>.<number>`."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from typing import Self

_POSITION = re.compile(r"(0|[1-9][0-9]{0,17})\.(0|[1-9][0-9]{0,17})", re.ASCII)


@dataclass(frozen=True, order=True)
class Position:
    """Numbers run 1, 2, 3 … without gaps inside a generation; a restored hub starts a new generation."""

    generation: int
    number: int

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read the text form; ValueError if it is anything else."""
        match = _POSITION.fullmatch(text)
        if match is None:
            raise ValueError("a mailbox position is <generation>.<number>, both decimal")
        return cls(int(match[1]), int(match[2]))

    def __str__(self) -> str:
        return f"{self.generation}.{self.number}"

    def missed_before(self, later: "Position") -> int:
        """Return how many numbers lie between this position and a later one of the same generation."""
        return max(0, later.number - self.number - 1) if later.generation == self.generation else 0


@dataclass(frozen=True)
class MissingNumbers:
    """Numbers `first` to `last` of one generation that never came."""

    generation: int
    first: int
    last: int


def missing_numbers(received: Iterable[Position]) -> tuple[MissingNumbers, ...]:
    """Return the gaps between the positions that were received, in whatever order they came.

    An erased message arrives as a tombstone under its number, so a gap always means a message that was lost.
    What came before the first number received in a generation is not counted.
    """
    ordered = sorted(set(received))
    return tuple(
        MissingNumbers(earlier.generation, earlier.number + 1, later.number - 1)
        for earlier, later in pairwise(ordered)
        if earlier.missed_before(later)
    )
