"""The tiles of a transparency log (https://c2sp.org/tlog-tiles), of height 8: their names and which there are."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Self

from contracts.tlog import MAX_SIZE
from contracts.verification_error import MalformedError

TILE_HEIGHT = 8
TILE_WIDTH = 1 << TILE_HEIGHT
"""Hashes in a full tile."""

MAX_LEVEL = 63
"""The highest level that the standard lets a path name. No tree of MAX_SIZE leaves reaches beyond level 7."""

_LEVEL = re.compile(r"0|[1-9][0-9]?", re.ASCII)
_INDEX = re.compile(r"(x[0-9]{3}/){0,6}[0-9]{3}", re.ASCII)
_WIDTH = re.compile(r"[1-9][0-9]{0,2}", re.ASCII)
_GROUP = 1000


@dataclass(frozen=True, order=True)
class Tile:
    """`width` hashes in a row at tile level `level`, from number `index` * 256 on.

    At level 0 they are leaf hashes; at level l each is the root of 256^l leaves. Width 256 is a full tile, less a
    partial one. Raises MalformedError where a number is out of range.
    """

    level: int
    index: int
    width: int = TILE_WIDTH

    def __post_init__(self) -> None:
        if not 0 <= self.level <= MAX_LEVEL:
            raise MalformedError(f"a tile's level is from 0 to {MAX_LEVEL}")
        if not 0 <= self.index <= MAX_SIZE:
            raise MalformedError(f"a tile's index is from 0 to {MAX_SIZE}")
        if not 1 <= self.width <= TILE_WIDTH:
            raise MalformedError(f"a tile is from 1 to {TILE_WIDTH} hashes wide")

    @property
    def start(self) -> int:
        """The number, within its level, of the tile's first hash."""
        return self.index * TILE_WIDTH

    @classmethod
    def parse(cls, path: str) -> Self:
        """Read `<L>/<N>[.p/<W>]`, for example `0/x001/x234/067.p/8`. Raises MalformedError; each tile has one path."""
        level, _, rest = path.partition("/")
        number, partial, width = rest.partition(".p/")
        if not _LEVEL.fullmatch(level) or not _INDEX.fullmatch(number) or (partial and not _WIDTH.fullmatch(width)):
            raise MalformedError("a tile's path is <level>/<index>[.p/<width>], the index in groups such as x001/067")
        if partial and int(width) == TILE_WIDTH:
            raise MalformedError("a full tile's path has no width")
        tile = cls(int(level), int(number.replace("x", "").replace("/", "")), int(width) if partial else TILE_WIDTH)
        if tile.path() != path:
            raise MalformedError("a tile's index has no empty leading groups")
        return tile

    def path(self) -> str:
        """The inverse of `parse`."""
        rest, last = divmod(self.index, _GROUP)
        number = f"{last:03d}"
        while rest:
            rest, group = divmod(rest, _GROUP)
            number = f"x{group:03d}/{number}"
        return f"{self.level}/{number}" + (f".p/{self.width}" if self.width < TILE_WIDTH else "")


def width_at(level: int, index: int, size: int) -> int:
    """How many hashes the tile has in a tree of this size: 256 if full, 0 if it does not exist yet."""
    hashes = size >> TILE_HEIGHT * level
    return max(0, min(TILE_WIDTH, hashes - index * TILE_WIDTH))


def tiles_of(size: int) -> Iterator[Tile]:
    """Every tile of a tree of this size, level by level; the last one of a level may be partial, and none is empty."""
    level = 0
    while hashes := size >> TILE_HEIGHT * level:
        for index in range(-(-hashes // TILE_WIDTH)):
            yield Tile(level, index, width_at(level, index, size))
        level += 1
