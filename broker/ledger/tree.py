"""The growing edge of the ledger's RFC 6962 tree: all that is needed to append, in a few hundred bytes."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self

from contracts.merkle import HASH_BYTES, hash_node, join_peaks
from contracts.tiles import TILE_HEIGHT
from contracts.tlog import MAX_SIZE

_SIZE_BYTES = 8


@dataclass(frozen=True)
class Node:
    """The root of a complete subtree of 256^level leaves: hash number `index` of that tile level (level ≥ 1)."""

    level: int
    index: int
    hash: bytes


@dataclass(frozen=True)
class Frontier:
    """A tree's size and the roots of its complete subtrees, largest first: one for each 1 in the size's binary digits.

    Raises ValueError where these do not fit together.
    """

    size: int = 0
    peaks: tuple[bytes, ...] = ()

    def __post_init__(self) -> None:
        if not 0 <= self.size <= MAX_SIZE:
            raise ValueError(f"a tree's size is from 0 to {MAX_SIZE}")
        if len(self.peaks) != self.size.bit_count() or any(len(peak) != HASH_BYTES for peak in self.peaks):
            raise ValueError("the frontier does not have the hashes that its size asks for")

    def root(self) -> bytes:
        """The tree's root, 32 bytes (RFC 6962 §2.1)."""
        return join_peaks(self.peaks)

    def append(self, leaf_hashes: Iterable[bytes]) -> tuple[Self, tuple[Node, ...]]:
        """The frontier after these leaves, and the nodes of tile levels ≥ 1 that they complete, in order of completion.

        A store keeps those nodes beside the leaf hashes (tile level 0): from them `proofs` and `tiles` read everything.
        """
        new, left, peaks, nodes = list(leaf_hashes), list(self.peaks), list[bytes](), list[Node]()
        size = self.size + len(new)
        # From height to height: `new` are the subtrees of this height, from number `first` on, that have no parent yet.
        first, height = self.size, 0
        while new:
            if first & 1:
                new.insert(0, left.pop())
            if len(new) & 1:
                peaks.append(new[-1])
            new = [hash_node(one, other) for one, other in zip(new[::2], new[1::2], strict=False)]
            first, height = first >> 1, height + 1
            if height % TILE_HEIGHT == 0:
                nodes += [Node(height // TILE_HEIGHT, index, value) for index, value in enumerate(new, first)]
        nodes.sort(key=lambda node: (node.index + 1 << node.level * TILE_HEIGHT, node.level))
        return type(self)(size, (*left, *reversed(peaks))), tuple(nodes)

    def to_bytes(self) -> bytes:
        """Eight bytes of size, big-endian, then the peaks."""
        return self.size.to_bytes(_SIZE_BYTES) + b"".join(self.peaks)

    @classmethod
    def from_bytes(cls, data: bytes) -> Self:
        """The inverse of `to_bytes`. Raises ValueError."""
        size, peaks = data[:_SIZE_BYTES], data[_SIZE_BYTES:]
        if len(size) != _SIZE_BYTES:
            raise ValueError("the frontier is cut off")
        hashes = (peaks[start : start + HASH_BYTES] for start in range(0, len(peaks), HASH_BYTES))
        return cls(int.from_bytes(size), tuple(hashes))
