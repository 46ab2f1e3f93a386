"""Inclusion and consistency proofs (RFC 6962 §2.1.1, §2.1.2), read from the nodes that a store keeps."""

from collections.abc import Iterator, Sequence
from typing import Protocol

from contracts.merkle import hash_node, join_peaks
from contracts.tiles import TILE_HEIGHT


class NodesMissingError(LookupError):
    """The store did not return the nodes that a tree of this size has: its ledger tables are incomplete."""


class NodeReader(Protocol):
    """The store's reading port.

    Returns the `count` hashes of a tile level from number `start` on: level 0 the leaf hashes, level l ≥ 1 the nodes
    that `Frontier.append` reported. At most 256 are asked for at a time and they never cross a tile's edge.
    """

    def __call__(self, tile_level: int, start: int, count: int) -> Sequence[bytes]: ...


def read_nodes(read: NodeReader, tile_level: int, start: int, count: int) -> Sequence[bytes]:
    """What the reader returns, if it is as many as were asked for; raises NodesMissingError otherwise."""
    nodes = read(tile_level, start, count)
    if len(nodes) != count:
        raise NodesMissingError(
            f"tile level {tile_level}: {count} nodes from {start} on were asked for, the store has {len(nodes)}",
        )
    return nodes


def inclusion(index: int, size: int, read: NodeReader) -> tuple[bytes, ...]:
    """PATH(index, D[size]) of RFC 6962 §2.1.1, from the leaf's sibling to the root's child.

    Raises ValueError for an index outside the tree and NodesMissingError.
    """
    if not 0 <= index < size:
        raise ValueError("the index lies outside the tree")
    path, start, end = list[bytes](), 0, size
    while end - start > 1:
        middle = start + _left_part(end - start)
        if index < middle:
            path.append(_root(middle, end, read))
            end = middle
        else:
            path.append(_root(start, middle, read))
            start = middle
    return tuple(reversed(path))


def consistency(size1: int, size2: int, read: NodeReader) -> tuple[bytes, ...]:
    """PROOF(size1, D[size2]) of RFC 6962 §2.1.2; empty between equal sizes and from the empty tree.

    Raises ValueError unless 0 ≤ size1 ≤ size2, and NodesMissingError.
    """
    if not 0 <= size1 <= size2:
        raise ValueError("a consistency proof runs from the smaller tree to the larger")
    if size1 in {0, size2}:
        return ()
    proof, start, end = list[bytes](), 0, size2
    while end != size1:
        middle = start + _left_part(end - start)
        if size1 <= middle:
            proof.append(_root(middle, end, read))
            end = middle
        else:
            proof.append(_root(start, middle, read))
            start = middle
    if start:  # Otherwise the first tree is a subtree of its own, and the verifier has its root already.
        proof.append(_root(start, end, read))
    return tuple(reversed(proof))


def _left_part(width: int) -> int:
    """The largest power of two smaller than the width, which is at least 2."""
    return 1 << (width - 1).bit_length() - 1


def _root(start: int, end: int, read: NodeReader) -> bytes:
    """MTH(D[start:end]), where start is a multiple of the power of two that is not below the width."""
    return join_peaks([_complete(index, height, read) for index, height in _complete_subtrees(start, end)])


def _complete_subtrees(start: int, end: int) -> Iterator[tuple[int, int]]:
    """(Index at its height, height) of the complete subtrees that cover the range, largest first."""
    while start < end:
        height = (end - start).bit_length() - 1
        yield start >> height, height
        start += 1 << height


def _complete(index: int, height: int, read: NodeReader) -> bytes:
    """The root of a complete subtree, folded from the stored tile level below it."""
    tile_level, above = divmod(height, TILE_HEIGHT)
    nodes = read_nodes(read, tile_level, index << above, 1 << above)
    while len(nodes) > 1:
        nodes = [hash_node(nodes[i], nodes[i + 1]) for i in range(0, len(nodes), 2)]
    return nodes[0]
