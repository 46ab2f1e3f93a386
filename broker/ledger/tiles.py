"""The tiles that the hub serves (https://c2sp.org/tlog-tiles): names from the contracts, bytes from the store."""

from broker.ledger.proofs import NodeReader, read_nodes
from contracts.tiles import TILE_WIDTH, Tile, tiles_of, width_at

__all__ = ["TILE_WIDTH", "NoSuchTileError", "Tile", "read_tile", "tiles_of", "width_at"]


class NoSuchTileError(LookupError):
    """The tree of this size has no such tile (yet)."""


def read_tile(tile: Tile, size: int, read: NodeReader) -> bytes:
    """The tile's bytes: its hashes, one after another.

    `size` is that of the newest *published* checkpoint: entries beyond it are not to be seen. A partial tile of an
    earlier checkpoint is still served. Raises NoSuchTileError and NodesMissingError.
    """
    if tile.width > width_at(tile.level, tile.index, size):
        raise NoSuchTileError(f"tile {tile.path()} is not part of a tree of size {size}")
    return b"".join(read_nodes(read, tile.level, tile.start, tile.width))
