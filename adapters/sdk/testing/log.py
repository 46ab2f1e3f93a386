"""A small transparency log with real hashes and signatures, so that verification is tested for real."""

from dataclasses import dataclass, field
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from contracts.canonical import b64url, canonical
from contracts.commitment import KEY_BYTES, commit
from contracts.ledger_entry import FORMAT
from contracts.merkle import hash_leaf, hash_node, roots_at
from contracts.signed_note import sign_note
from contracts.tiles import TILE_WIDTH, Tile
from contracts.tlog import Checkpoint, TlogProof
from contracts.transparency import VerifierKey


@dataclass
class MemoryLog:
    """Leaves in memory; a checkpoint covers what stood there when it was published."""

    origin: str
    key: Ed25519PrivateKey = field(default_factory=Ed25519PrivateKey.generate)
    leaves: list[bytes] = field(default_factory=list)
    size: int = 0
    """How many leaves the latest checkpoint covers."""

    def verifier_key(self) -> VerifierKey:
        return VerifierKey(self.origin, self.key.public_key().public_bytes_raw())

    def record(self, time: str, actor: str, recipient: str, values: dict[str, dict[str, Any]]) -> dict[str, Any]:
        """Append a `disclosed` entry that commits to the values; return the openings by name."""
        number = len(self.leaves)
        # A test's keys need not be secret, only different.
        keys = {name: hash_leaf(f"{number} {name}".encode())[:KEY_BYTES] for name in values}
        entry = {
            "format": FORMAT,
            "operation": "disclosed",
            "time": time,
            "actor": actor,
            "recipient": recipient,
            "commitments": {name: commit(keys[name], value) for name, value in values.items()},
            "nonce": b64url(hash_leaf(f"{number} nonce".encode())[:16]),
        }
        self.leaves.append(canonical(entry))
        return {name: {"key": b64url(keys[name]), "value": value} for name, value in values.items()}

    def publish(self) -> None:
        """Publish a checkpoint over everything recorded so far."""
        self.size = len(self.leaves)

    def checkpoint(self) -> str:
        """Return the latest checkpoint as a signed note."""
        hashes = [hash_leaf(leaf) for leaf in self.leaves[: self.size]]
        root = roots_at(hashes, [self.size])[self.size]
        return sign_note(Checkpoint(self.origin, self.size, root).format(), self.origin, self.key).format()

    def tile(self, tile: Tile) -> bytes:
        """Return the hashes of a tile: each the root of 256^level leaves."""
        each = TILE_WIDTH**tile.level
        hashes = [hash_leaf(leaf) for leaf in self.leaves[: self.size]]
        starts = range(tile.start * each, (tile.start + tile.width) * each, each)
        return b"".join(_root(hashes[start : start + each]) for start in starts)

    def proof(self, index: int) -> str | None:
        """Return the tlog-proof of a leaf, or None before a checkpoint covers it."""
        if index >= self.size:
            return None
        hashes = [hash_leaf(leaf) for leaf in self.leaves[: self.size]]
        return TlogProof(index, tuple(_path(index, hashes)), self.checkpoint()).format()


def _path(index: int, hashes: list[bytes]) -> list[bytes]:
    """PATH(m, D[n]) of RFC 6962 §2.1.1."""
    if len(hashes) == 1:
        return []
    split = 1 << (len(hashes) - 1).bit_length() - 1
    if index < split:
        return [*_path(index, hashes[:split]), _root(hashes[split:])]
    return [*_path(index - split, hashes[split:]), _root(hashes[:split])]


def _root(hashes: list[bytes]) -> bytes:
    if len(hashes) == 1:
        return hashes[0]
    split = 1 << (len(hashes) - 1).bit_length() - 1
    return hash_node(_root(hashes[:split]), _root(hashes[split:]))
