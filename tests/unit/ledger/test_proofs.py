"""Proofs and tiles from stored nodes, in trees of one, two and three tile levels."""

from collections.abc import Sequence
from random import Random

import pytest

from broker.ledger.proofs import NodeReader, NodesMissingError, consistency, inclusion
from broker.ledger.tiles import NoSuchTileError, Tile, read_tile, tiles_of
from broker.ledger.tree import Frontier
from contracts.transparency import hash_leaf, roots_at, verify_consistency, verify_inclusion

SIZE = 66_100
SIZES = [1, 2, 255, 256, 257, 700, 65_535, 65_536, 65_537, 65_792, SIZE]


@pytest.fixture(scope="module")
def stored() -> dict[int, list[bytes]]:
    """What a store keeps, by tile level: leaf hashes, and the nodes that appending reported, in odd batches."""
    levels: dict[int, list[bytes]] = {0: [hash_leaf(number.to_bytes(4)) for number in range(SIZE)], 1: [], 2: []}
    frontier = Frontier()
    for start in range(0, SIZE, 999):
        frontier, nodes = frontier.append(levels[0][start : start + 999])
        for node in nodes:
            assert node.index == len(levels[node.level])
            levels[node.level].append(node.hash)
    return levels


@pytest.fixture(scope="module")
def roots(stored: dict[int, list[bytes]]) -> dict[int, bytes]:
    return roots_at(stored[0], SIZES)


@pytest.fixture
def read(stored: dict[int, list[bytes]]) -> NodeReader:
    def reader(tile_level: int, start: int, count: int) -> Sequence[bytes]:
        assert 1 <= count <= 256
        assert start // 256 == (start + count - 1) // 256
        return stored[tile_level][start : start + count]

    return reader


@pytest.mark.parametrize("size", SIZES)
def test_inclusion(size: int, read: NodeReader, roots: dict[int, bytes]) -> None:
    """First, last and many other entries are proved in trees on both sides of every tile's edge."""
    indexes = {0, size - 1, size // 2, *(Random(size).randrange(size) for _ in range(40))}  # noqa: S311 no secret
    indexes |= {edge for edge in (255, 256, 65_535, 65_536) if edge < size}
    for index in indexes:
        leaf_hash = hash_leaf(index.to_bytes(4))
        verify_inclusion(leaf_hash, index, size, inclusion(index, size, read), roots[size])


@pytest.mark.parametrize("size2", SIZES)
def test_consistency(size2: int, read: NodeReader, roots: dict[int, bytes]) -> None:
    """Every earlier checkpoint is proved to be a beginning of every later one."""
    for size1 in (size for size in SIZES if size <= size2):
        verify_consistency(size1, roots[size1], size2, roots[size2], consistency(size1, size2, read))


def test_questions_outside_the_tree(read: NodeReader) -> None:
    """An index or size that the tree does not have is an error, not a proof of something else."""
    for index, size in ((-1, 5), (5, 5), (0, 0)):
        with pytest.raises(ValueError, match="outside the tree"):
            inclusion(index, size, read)
    for size1, size2 in ((-1, 5), (6, 5)):
        with pytest.raises(ValueError, match="smaller tree"):
            consistency(size1, size2, read)


def test_a_store_that_lost_nodes(read: NodeReader) -> None:
    """Missing rows are said to be missing; no proof is made of the rest."""
    with pytest.raises(NodesMissingError, match="tile level"):
        inclusion(0, SIZE + 1, read)
    with pytest.raises(NodesMissingError):
        consistency(SIZE - 1, SIZE + 1, read)
    with pytest.raises(NodesMissingError):
        read_tile(Tile(0, SIZE // 256, SIZE % 256 + 1), SIZE + 1, read)


def test_every_tile_of_a_tree(read: NodeReader, stored: dict[int, list[bytes]]) -> None:
    """Read in the order of their names, the tiles hold each stored node of the published tree once."""
    for size in (1, 256, 700, SIZE):
        served = dict.fromkeys(range(3), b"")
        for tile in tiles_of(size):
            served[tile.level] += read_tile(tile, size, read)
        assert served == {level: b"".join(stored[level][: size >> 8 * level]) for level in range(3)}


def test_nothing_beyond_the_published_checkpoint_is_served(read: NodeReader) -> None:
    """Entries committed since the last checkpoint are not to be seen; an earlier, narrower tile still is."""
    assert len(read_tile(Tile(0, 2, 10), 700, read)) == 10 * 32
    for tile in (Tile(0, 2, 189), Tile(0, 2), Tile(0, 3, 1), Tile(1, 0, 3), Tile(2, 0, 1), Tile(63, 0, 1)):
        with pytest.raises(NoSuchTileError):
            read_tile(tile, 700, read)
