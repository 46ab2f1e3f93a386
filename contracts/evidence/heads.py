"""The signed checkpoints of one log that a folder holds, and whether they speak of one history."""

from collections.abc import Iterator, Mapping

from contracts.evidence.finding import Finding, failed, note, verified
from contracts.evidence.folder import Folder
from contracts.merkle import roots_at
from contracts.signed_note import VerifierKey, decode_text
from contracts.tiles import TILE_WIDTH, Tile, width_at
from contracts.tlog import Checkpoint, open_checkpoint, parse_decimal, split_hashes
from contracts.verification_error import MalformedError, ProofError, VerificationError


class Heads:
    """Checkpoints by size, each with a signature that holds; `newest` is the one in the file `checkpoint`.

    `refuted` are the sizes whose root the tiles contradict.
    """

    def __init__(self) -> None:
        self.newest: Checkpoint | None = None
        self.by_size: dict[int, Checkpoint] = {}
        self.refuted: set[int] = set()

    def add(self, checkpoint: Checkpoint) -> None:
        """Raises ProofError for a fork, and for a checkpoint larger than the newest (the log would have shrunk)."""
        if self.newest and checkpoint.size > self.newest.size:
            raise ProofError(
                f"signed for size {checkpoint.size}, but the file 'checkpoint' says size {self.newest.size}: "
                "the log was rolled back, or that file is not the newest; fetch the newest checkpoint",
            )
        known = self.by_size.setdefault(checkpoint.size, checkpoint)
        if known.root != checkpoint.root:
            raise ProofError(f"the log signed two different roots for size {checkpoint.size}: it was forked")

    def collect(self, folder: Folder, key: VerifierKey) -> Iterator[Finding]:
        """Open `checkpoint` and `checkpoints/`."""
        if folder.checkpoint is None:
            yield failed("checkpoint", "there is no such file: fetch the hub's newest checkpoint")
        else:
            try:
                self.newest = open_checkpoint(decode_text(folder.checkpoint), key)
                self.add(self.newest)
                yield verified("checkpoint", f"size {self.newest.size}, signed by the log's key")
            except VerificationError as error:
                yield failed("checkpoint", error)
        for name, data in folder.checkpoints.items():
            subject = f"checkpoints/{name}"
            try:
                earlier = open_checkpoint(decode_text(data), key)
                if earlier.size != parse_decimal(name):
                    raise MalformedError(f"the file is named for another size than it states, which is {earlier.size}")
                self.add(earlier)
                yield verified(subject, "signed by the log's key")
            except VerificationError as error:
                yield failed(subject, error)

    def compare(self, tiles: Mapping[Tile, bytes]) -> Iterator[Finding]:
        """The fork check: every checkpoint's root, recomputed from the leaf hashes in the tiles."""
        if not self.newest:
            return
        if not tiles and self.newest.size:
            if len(self.by_size) > 1:
                yield note("tile", "no tiles: each checkpoint is signed, that one continues the other was not checked")
            return
        try:
            leaves = leaf_hashes(tiles, self.newest.size)
        except VerificationError as error:
            yield failed("tile", error)
            return
        roots = roots_at(leaves, self.by_size)
        for size, checkpoint in sorted(self.by_size.items()):
            subject = f"checkpoint of size {size}"
            if roots[size] == checkpoint.root:
                yield verified(subject, "its root is that of the tiles' leaves")
            else:
                self.refuted.add(size)
                yield failed(subject, "the tiles lead to another root: a tile was changed or the log was forked")
        yield from _compare_tiles(tiles, leaves, self.newest.size)


def leaf_hashes(tiles: Mapping[Tile, bytes], size: int) -> list[bytes]:
    """The leaf hashes of the first `size` entries, from level-0 tiles. Raises MalformedError or ProofError."""
    widest: dict[int, Tile] = {}
    for tile in tiles:
        if tile.level == 0 and tile.width >= widest.get(tile.index, tile).width:
            widest[tile.index] = tile
    leaves: list[bytes] = []
    for index in range(-(-size // TILE_WIDTH)):
        needed = width_at(0, index, size)
        found = widest.get(index)
        if not found or found.width < needed:
            missing = Tile(0, index, needed).path()
            raise ProofError(f"tile/{missing} is missing: fetch it, or take all tiles away to skip the fork check")
        leaves += _hashes(found, tiles[found])[:needed]
    return leaves


def _hashes(tile: Tile, data: bytes) -> list[bytes]:
    hashes = split_hashes(data)
    if len(hashes) != tile.width:
        raise MalformedError(f"tile/{tile.path()} does not hold {tile.width} hashes")
    return list(hashes)


def _compare_tiles(tiles: Mapping[Tile, bytes], leaves: list[bytes], size: int) -> Iterator[Finding]:
    levels = [leaves]
    while len(levels[-1]) >= TILE_WIDTH:
        below = levels[-1]
        starts = range(0, len(below) - TILE_WIDTH + 1, TILE_WIDTH)
        levels.append([roots_at(below[start : start + TILE_WIDTH], [TILE_WIDTH])[TILE_WIDTH] for start in starts])
    for tile, data in sorted(tiles.items()):
        subject = f"tile/{tile.path()}"
        if tile.width > width_at(tile.level, tile.index, size):
            yield note(subject, "reaches beyond the newest checkpoint: the part beyond was not checked")
        elif data != b"".join(levels[tile.level][tile.start : tile.start + tile.width]):
            yield failed(subject, "its hashes do not follow from the leaves of the tiles: a tile was changed")
        else:
            yield verified(subject, "follows from the leaves")
