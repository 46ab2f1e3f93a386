"""One honest night as a folder of evidence: a log of 600 entries, two disclosures of one event."""

import json
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from broker.ledger.checkpoint import CheckpointSigner, tlog_proof
from broker.ledger.proofs import inclusion
from broker.ledger.tiles import read_tile, tiles_of
from broker.ledger.tree import Frontier
from contracts.canonical import b64url
from contracts.commitment import commit
from contracts.ledger_entry import Commitments, LedgerEntry, Operation
from contracts.transparency import hash_leaf

HUB = "//hub.northmere.example"
ORIGIN = "hub.northmere.example/ledger"
NARRATIVE = "Wren Ashdown was last seen at the Northmere bus station"
EARLIER, SIZE = 16, 600
SIGNER = CheckpointSigner(ORIGIN, Ed25519PrivateKey.from_private_bytes(bytes(32)))
ACCEPTED, POLICE, COUNCIL = "01JDACCEPTED", "01JDPOLICE", "01JDCOUNCIL"
PLACES = {ACCEPTED: 3, POLICE: 9, COUNCIL: 300}
VALUES = {
    "payload": {"circumstances": NARRATIVE},
    "detail": {"clauses": ["search"]},
    "full_detail": {
        "fields": [{"name": "circumstances", "outcome": "released"}, {"name": "photo", "outcome": "withheld"}]
    },
}


def key_of(identifier: str, name: str) -> bytes:
    return hash_leaf(f"{identifier} {name}".encode())


def entry_of(identifier: str) -> LedgerEntry:
    time, nonce = "2026-11-22T21:40:01.120Z", b64url(hash_leaf(identifier.encode()))
    if identifier not in PLACES:
        return LedgerEntry(operation=Operation.PADDING, time=time, nonce=nonce)
    actor = f"{HUB}/agencies/harbour-house"
    if identifier == ACCEPTED:
        return LedgerEntry(operation=Operation.ACCEPTED, time=time, actor=actor, nonce=nonce)
    recipient = f"{HUB}/agencies/{'northmere-police' if identifier == POLICE else 'eastvale-council'}"
    commitments = Commitments(**{name: commit(key_of(identifier, name), value) for name, value in VALUES.items()})
    return LedgerEntry(
        operation=Operation.DISCLOSED, time=time, actor=actor, recipient=recipient, commitments=commitments, nonce=nonce
    )


def leaves_of_the_log() -> list[bytes]:
    at = {index: identifier for identifier, index in PLACES.items()}
    return [entry_of(at.get(index, f"padding {index}")).leaf() for index in range(SIZE)]


LEAVES = leaves_of_the_log()
HASHES = [hash_leaf(leaf) for leaf in LEAVES]
ROOTS = {size: Frontier().append(HASHES[:size])[0].root() for size in (EARLIER, SIZE)}


def read(tile_level: int, start: int, count: int) -> list[bytes]:
    if tile_level == 0:
        return HASHES[start : start + count]
    _, nodes = Frontier().append(HASHES)
    return [node.hash for node in nodes if node.level == tile_level][start : start + count]


def proof_of(identifier: str, size: int) -> str:
    return tlog_proof(PLACES[identifier], inclusion(PLACES[identifier], size, read), SIGNER.sign(size, ROOTS[size]))


def write_night(folder: Path) -> None:
    """What an honest hub hands out: two disclosures of one event, opened, with receipt, checkpoints and tiles."""
    files: dict[str, bytes | str] = {
        "verifier-key": SIGNER.vkey + "\n",
        "checkpoint": SIGNER.sign(SIZE, ROOTS[SIZE]),
        f"checkpoints/{EARLIER}": SIGNER.sign(EARLIER, ROOTS[EARLIER]),
    }
    files |= {f"tile/{tile.path()}": read_tile(tile, SIZE, read) for tile in tiles_of(SIZE)}
    for identifier in PLACES:
        files[f"entries/{identifier}.json"] = entry_of(identifier).leaf()
        files[f"proofs/{identifier}.tlog-proof"] = proof_of(identifier, EARLIER if identifier == POLICE else SIZE)
    for identifier in (POLICE, COUNCIL):
        opened = {name: {"key": b64url(key_of(identifier, name)), "value": value} for name, value in VALUES.items()}
        files[f"openings/{identifier}.json"] = json.dumps({"id": identifier, "commitments": opened})
    told = [
        {"agency": agency, "disclosure_id": identifier, "role": "r", "released": 1, "transformed": 0, "withheld": 1}
        for identifier, agency in ((POLICE, "northmere-police"), (COUNCIL, f"{HUB}/agencies/eastvale-council"))
    ]
    files["receipts/first.json"] = json.dumps({"event_id": "01JD", "entry": ACCEPTED, "told": told, "not_told": []})
    for path, content in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(content.encode() if isinstance(content, str) else content)


def remove(folder: Path) -> None:
    for path in sorted(folder.rglob("*"), reverse=True):
        path.rmdir() if path.is_dir() else path.unlink()
    folder.rmdir()
