"""Every way to tamper with a folder of evidence is found by `concordat-verify`."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from broker.ledger.checkpoint import CheckpointSigner, tlog_proof
from broker.ledger.proofs import inclusion
from broker.ledger.tree import Frontier
from contracts.canonical import b64url
from contracts.commitment import commit
from contracts.ledger_entry import Commitments
from contracts.transparency import hash_leaf
from contracts.verify import MAX_FILE_BYTES
from tests.unit.contracts.evidence.night import (
    ACCEPTED,
    COUNCIL,
    EARLIER,
    HASHES,
    LEAVES,
    NARRATIVE,
    ORIGIN,
    PLACES,
    POLICE,
    ROOTS,
    SIGNER,
    SIZE,
    entry_of,
    proof_of,
    read,
    remove,
)

Check = Callable[..., tuple[int, str]]


def edit(file: Path, change: Callable[[Any], None]) -> None:
    document = json.loads(file.read_text())
    change(document)
    file.write_text(json.dumps(document))


def flip(file: Path, at: int = 40) -> None:
    data = bytearray(file.read_bytes())
    data[at] ^= 1
    file.write_bytes(data)


def other_log(night: Path) -> None:
    impostor = CheckpointSigner(ORIGIN, Ed25519PrivateKey.from_private_bytes(bytes([7]) * 32))
    (night / "checkpoint").write_text(impostor.sign(SIZE, ROOTS[SIZE]))


def forked_history(night: Path) -> None:
    forked = [hash_leaf(b"rewritten"), *HASHES[1:EARLIER]]
    (night / f"checkpoints/{EARLIER}").write_text(SIGNER.sign(EARLIER, Frontier().append(forked)[0].root()))
    (night / f"proofs/{POLICE}.tlog-proof").unlink()


def split_view(night: Path) -> None:
    forked = [*HASHES[:-1], hash_leaf(b"for your eyes only")]
    root = Frontier().append(forked)[0].root()
    path = inclusion(PLACES[COUNCIL], SIZE, lambda level, start, count: _read(forked, level, start, count))
    remove(night / "tile")
    (night / f"proofs/{COUNCIL}.tlog-proof").write_text(tlog_proof(PLACES[COUNCIL], path, SIGNER.sign(SIZE, root)))


def _read(hashes: list[bytes], level: int, start: int, count: int) -> list[bytes]:
    nodes = Frontier().append(hashes)[1]
    return hashes[start : start + count] if level == 0 else [node.hash for node in nodes][start : start + count]


def fork_shown_only_in_a_proof(night: Path) -> None:
    forked = [hash_leaf(b"rewritten"), *HASHES[1:32]]
    root = Frontier().append(forked)[0].root()
    path = inclusion(PLACES[POLICE], 32, lambda level, start, count: _read(forked, level, start, count))
    (night / f"proofs/{POLICE}.tlog-proof").write_text(tlog_proof(PLACES[POLICE], path, SIGNER.sign(32, root)))


def rolled_back_checkpoint(night: Path) -> None:
    (night / "checkpoint").write_text(SIGNER.sign(EARLIER, ROOTS[EARLIER]))
    remove(night / "tile")


def substituted_payload(night: Path) -> None:
    def change(opening: Any) -> None:
        opening["commitments"]["payload"]["value"]["circumstances"] = "Wren Ashdown was not seen"

    edit(night / f"openings/{POLICE}.json", change)


def opening_of_a_commitment_never_made(night: Path) -> None:
    opened = {
        "id": ACCEPTED,
        "commitments": {"payload": {"key": b64url(bytes(32)), "value": {"circumstances": NARRATIVE}}},
    }
    (night / f"openings/{ACCEPTED}.json").write_text(json.dumps(opened))


def opening_under_an_invented_name(night: Path) -> None:
    def change(opening: Any) -> None:
        opening["commitments"]["Wren Ashdown"] = opening["commitments"].pop("payload")

    edit(night / f"openings/{POLICE}.json", change)


def opening_that_says_two_things(night: Path) -> None:
    file = night / f"openings/{POLICE}.json"
    file.write_text(file.read_text().replace('"value": {', '"value": {"circumstances": "Wren Ashdown left", ', 1))


def opening_without_its_entry(night: Path) -> None:
    (night / f"entries/{POLICE}.json").unlink()
    (night / f"proofs/{POLICE}.tlog-proof").unlink()


def doctored_receipt(night: Path) -> None:
    edit(night / "receipts/first.json", lambda receipt: receipt["told"][0].update(withheld=0))


def receipt_naming_another_agency(night: Path) -> None:
    edit(night / "receipts/first.json", lambda receipt: receipt["told"][0].update(agency="southfold-police"))


def receipt_telling_by_an_entry_that_tells_nothing(night: Path) -> None:
    padding = entry_of("padding 5").leaf()
    path = inclusion(5, SIZE, read)
    (night / "entries/01JDPAD.json").write_bytes(padding)
    (night / "proofs/01JDPAD.tlog-proof").write_text(tlog_proof(5, path, SIGNER.sign(SIZE, ROOTS[SIZE])))
    edit(night / "receipts/first.json", lambda receipt: receipt["told"][0].update(disclosure_id="01JDPAD"))


def one_record_shown_as_two(night: Path) -> None:
    (night / "entries/01JDAGAIN.json").write_bytes(LEAVES[PLACES[POLICE]])
    (night / "proofs/01JDAGAIN.tlog-proof").write_text(proof_of(POLICE, SIZE))


def swapped_entries(night: Path) -> None:
    police, council = (night / f"entries/{identifier}.json" for identifier in (POLICE, COUNCIL))
    one, other = police.read_bytes(), council.read_bytes()
    police.write_bytes(other)
    council.write_bytes(one)


def backdated_entry(night: Path) -> None:
    file = night / f"entries/{POLICE}.json"
    file.write_bytes(file.read_bytes().replace(b"2026-11-22T21:40", b"2026-11-22T20:40"))


def prettified_entry(night: Path) -> None:
    file = night / f"entries/{POLICE}.json"
    file.write_text(json.dumps(json.loads(file.read_bytes()), indent=1))


def something_logged_that_is_no_entry(night: Path) -> None:
    leaf = b'{"circumstances":"Wren Ashdown"}'
    frontier, _ = Frontier().append([hash_leaf(leaf)])
    remove(night / "tile")
    (night / "entries/01JDODD.json").write_bytes(leaf)
    (night / "proofs/01JDODD.tlog-proof").write_text(tlog_proof(0, [], SIGNER.sign(1, frontier.root())))


def log_of_one(night: Path, detail: dict[str, Any]) -> None:
    """The hub itself logs a decision that does not fit: everything is signed and proved, and still wrong."""
    key = bytes(32)
    entry = entry_of(POLICE).model_copy(update={"commitments": Commitments(full_detail=commit(key, detail))})
    checkpoint = SIGNER.sign(1, hash_leaf(entry.leaf()))
    remove(night / "tile")
    remove(night / "checkpoints")
    for file in [*night.rglob(f"{COUNCIL}*"), *night.rglob(f"{ACCEPTED}*")]:
        file.unlink()
    (night / "checkpoint").write_text(checkpoint)
    (night / f"entries/{POLICE}.json").write_bytes(entry.leaf())
    (night / f"proofs/{POLICE}.tlog-proof").write_text(tlog_proof(0, [], checkpoint))
    opening = {"id": POLICE, "commitments": {"full_detail": {"key": b64url(key), "value": detail}}}
    (night / f"openings/{POLICE}.json").write_text(json.dumps(opening))


def detail_of_another_disclosure(night: Path) -> None:
    log_of_one(night, {"disclosure_id": COUNCIL})


def outcome_outside_the_list(night: Path) -> None:
    log_of_one(night, {"fields": [{"outcome": "released"}, {"outcome": "Wren Ashdown"}]})


def oversized_file(night: Path) -> None:
    with (night / "openings/01JDHUGE.json").open("wb") as file:
        file.truncate(MAX_FILE_BYTES + 1)


def unreadable_evidence(night: Path) -> None:
    (night / "entries/01JDGONE.json").symlink_to(night / "nowhere")


def evidence_behind_a_link(night: Path) -> None:
    (night / "tile").rename(night.parent / "elsewhere")
    (night / "tile").symlink_to(night.parent / "elsewhere")


def removed(path: str) -> Callable[[Path], None]:
    return lambda night: (night / path).unlink()


def flipped(path: str, at: int = 40) -> Callable[[Path], None]:
    return lambda night: flip(night / path, at)


def moved(old: str, new: str) -> Callable[[Path], None]:
    def move(night: Path) -> None:
        (night / new).parent.mkdir(parents=True, exist_ok=True)
        (night / old).rename(night / new)

    return move


ATTACKS: dict[str, tuple[Callable[[Path], None], str]] = {
    "checkpoint of an impostor": (other_log, "not signed by the verifier key"),
    "root changed after signing": (flipped("checkpoint", len(ORIGIN) + 8), "checkpoint"),
    "no checkpoint": (removed("checkpoint"), "fetch the hub's newest checkpoint"),
    "no key": (removed("verifier-key"), "give the log's key with --key"),
    "earlier checkpoint renamed": (moved(f"checkpoints/{EARLIER}", "checkpoints/17"), "named for another size"),
    "forked history": (forked_history, "the log was forked"),
    "split view": (split_view, "two different roots for size 600"),
    "fork shown only in a proof": (fork_shown_only_in_a_proof, "checkpoint of size 32"),
    "rolled back checkpoint": (rolled_back_checkpoint, "rolled back"),
    "leaf changed in a tile": (flipped("tile/0/001"), "the tiles lead to another root"),
    "tile removed": (removed("tile/0/001"), "tile/0/001 is missing"),
    "tile cut off": (lambda night: (night / "tile/0/001").write_bytes(b"x" * 32), "does not hold 256 hashes"),
    "upper tile changed": (flipped("tile/1/000.p/2"), "tile/1/000.p/2"),
    "partial tile that contradicts": (moved("tile/1/000.p/2", "tile/0/000.p/2"), "tile/0/000.p/2"),
    "backdated entry": (backdated_entry, "does not lead to the root"),
    "prettified entry": (prettified_entry, "not canonical JSON"),
    "swapped entries": (swapped_entries, "does not lead to the root"),
    "one record shown as two": (one_record_shown_as_two, "one record shown as two"),
    "something logged that is no entry": (something_logged_that_is_no_entry, "not in the format concordat-entry/1"),
    "entry removed": (removed(f"entries/{POLICE}.json"), "a proof of nothing"),
    "proof under another name": (
        moved(f"proofs/{POLICE}.tlog-proof", f"proofs/{COUNCIL}.tlog-proof"),
        "does not lead to the root",
    ),
    "proof's index changed": (
        lambda night: (night / f"proofs/{POLICE}.tlog-proof").write_text(
            proof_of(POLICE, SIZE).replace("index 9\n", "index 8\n")
        ),
        "does not lead to the root",
    ),
    "substituted payload": (substituted_payload, "the payload is not what the entry commits to"),
    "opening that says two things": (opening_that_says_two_things, "not an opening in its format"),
    "opening of a commitment never made": (
        opening_of_a_commitment_never_made,
        "a commitment that the entry does not have",
    ),
    "opening under an invented name": (opening_under_an_invented_name, "a commitment that the entry does not have"),
    "opening under another name": (
        moved(f"openings/{POLICE}.json", f"openings/{ACCEPTED}.json"),
        "for another entry than the file is named for",
    ),
    "opening without its entry": (opening_without_its_entry, "an opening of nothing"),
    "doctored receipt": (doctored_receipt, "not those of the recorded decision"),
    "receipt naming another agency": (receipt_naming_another_agency, "names another agency"),
    "receipt for an entry that tells nothing": (
        receipt_telling_by_an_entry_that_tells_nothing,
        "its entry records padding",
    ),
    "receipt that is none": (lambda night: (night / "receipts/first.json").write_text(NARRATIVE), "not a receipt"),
    "detail of another disclosure": (detail_of_another_disclosure, "the full_detail speaks of another disclosure"),
    "outcome outside the list": (outcome_outside_the_list, "neither released, transformed nor withheld"),
    "oversized file": (oversized_file, "could not be read"),
    "unreadable evidence": (unreadable_evidence, "could not be read"),
    "evidence behind a link": (evidence_behind_a_link, "could not be read"),
}


@pytest.mark.parametrize("attack", ATTACKS)
def test_tampering_is_found(attack: str, night: Path, check: Check) -> None:
    """Exit 4, a line that says what does not hold, and no word of success."""
    tamper, said_of_it = ATTACKS[attack]
    tamper(night)
    code, said = check()
    assert code == 4
    assert said_of_it in "\n".join(line for line in said.splitlines() if line.startswith("FAILED"))
    assert said.splitlines()[-1].startswith("NOT VERIFIED")


def test_a_forged_folder_with_its_own_key(check: Check) -> None:
    """All is consistent in itself; the key that the reader trusts gives it away."""
    trusted = CheckpointSigner(ORIGIN, Ed25519PrivateKey.from_private_bytes(bytes([7]) * 32)).vkey
    code, said = check("--key", trusted)
    assert code == 4
    assert "is not the key that is trusted" in said


def test_an_entry_under_a_forked_checkpoint_does_not_count(night: Path, check: Check) -> None:
    """Its proof leads to a signed root, but that root is not the log's: the entry is not called proved."""
    fork_shown_only_in_a_proof(night)
    code, said = check("--json")
    *findings, summary = map(json.loads, said.splitlines())
    assert code == 4
    assert summary["entries"] == {"600": 2}
    assert any(POLICE in finding["text"] and "not proved" in finding["text"] for finding in findings)
