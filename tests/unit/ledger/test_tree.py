"""The frontier: the same tree however its leaves arrive, and all nodes that a store must keep."""

import hashlib
from collections.abc import Sequence
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broker.ledger.tree import Frontier, Node
from contracts.transparency import hash_leaf

LEAVES = [hash_leaf(number.to_bytes(4)) for number in range(70_000)]


def mth(leaves: Sequence[bytes]) -> bytes:
    """RFC 6962 §2.1, word by word."""
    if len(leaves) < 2:
        return leaves[0] if leaves else hashlib.sha256(b"").digest()
    k = 1 << (len(leaves) - 1).bit_length() - 1
    return hashlib.sha256(b"\x01" + mth(leaves[:k]) + mth(leaves[k:])).digest()


@pytest.mark.parametrize("size", [*range(40), 255, 256, 257, 511, 512, 1000])
def test_the_root_is_that_of_rfc_6962(size: int) -> None:
    """Whatever the size, the frontier's root is the Merkle tree hash of all leaves."""
    frontier, _ = Frontier().append(LEAVES[:size])
    assert frontier.size == size
    assert frontier.root() == mth(LEAVES[:size])


@given(st.lists(st.integers(0, 1400), max_size=8))
def test_batches_do_not_matter(cuts: list[int]) -> None:
    """Appended at once or in any batches, the tree and the nodes to keep are the same."""
    frontier, nodes = Frontier(), list[Node]()
    for start, end in pairwise([0, *sorted(cuts), 1400]):
        frontier, more = frontier.append(LEAVES[start:end])
        nodes += more
    assert (frontier, tuple(nodes)) == Frontier().append(LEAVES[:1400])


def test_the_nodes_to_keep_of_a_large_tree() -> None:
    """Beyond 65,536 leaves there are nodes of two tile levels, each the root of its 256^level leaves."""
    frontier, nodes = Frontier().append(LEAVES)
    assert frontier.root() == mth(LEAVES)
    assert [(node.level, node.index) for node in nodes if node.level == 2] == [(2, 0)]
    assert [node.index for node in nodes if node.level == 1] == list(range(70_000 // 256))
    for node in (nodes[0], nodes[100], nodes[-1]):
        width = 256**node.level
        assert node.hash == mth(LEAVES[node.index * width : (node.index + 1) * width])
    assert nodes[256] == Node(2, 0, mth(LEAVES[:65_536]))


@pytest.mark.parametrize("size", [0, 1, 7, 256, 1000])
def test_a_frontier_survives_a_restart(size: int) -> None:
    """Its bytes bring back the same frontier, which grows on as if nothing had happened."""
    before, _ = Frontier().append(LEAVES[:size])
    after = Frontier.from_bytes(before.to_bytes())
    assert after == before
    assert after.append(LEAVES[size : size + 300]) == before.append(LEAVES[size : size + 300])


@pytest.mark.parametrize(
    "data",
    [b"", bytes(7), (1).to_bytes(8), (0).to_bytes(8) + bytes(32), (3).to_bytes(8) + bytes(63), b"\xff" * (8 + 64 * 32)],
)
def test_a_damaged_frontier_is_refused(data: bytes) -> None:
    """A frontier cut off or of another size does not become a tree."""
    with pytest.raises(ValueError, match=r"frontier|size"):
        Frontier.from_bytes(data)


def test_appending_leaves_the_old_frontier_alone() -> None:
    """A transaction that fails can go on from the frontier it started with."""
    before, _ = Frontier().append(LEAVES[:5])
    root = before.root()
    before.append(LEAVES[5:9])
    assert (before.size, before.root()) == (5, root)
