"""A folder of evidence, as `concordat-verify` reads it: what a hub committed to, kept where the hub cannot change it.

The layout is that of contracts.evidence.folder.
"""

import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from broker.cli.remote import Remote, segment
from contracts.signed_note import VerifierKey, decode_text
from contracts.tiles import tiles_of
from contracts.tlog import Checkpoint, open_checkpoint


@dataclass(frozen=True)
class Saved:
    """What was put into the folder."""

    checkpoint: Checkpoint
    entries: int
    receipts: int


def save_evidence(
    remote: Remote, folder: Path, disclosure_ids: Iterable[str], receipts: Iterable[Mapping[str, Any]]
) -> Saved:
    """Fetch and keep everything that proves these disclosures and receipts; wait for the checkpoint that covers them.

    The folder is made readable by its owner only, because openings hold personal data. Raises RefusedByHub for an id
    that is not the reader's to see, Ended if the hub does not answer, OSError, and VerificationError for a checkpoint
    that the hub's own key has not signed.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    kept = [dict(receipt) for receipt in receipts]
    # What was told is proved by the disclosures' entries, that it was accepted by the receipt's own.
    ids = dict.fromkeys([*disclosure_ids, *(str(receipt["entry"]) for receipt in kept)])
    for identifier in ids:
        base = f"/v1/disclosures/{segment(identifier)}"
        _write(folder / "entries" / f"{identifier}.json", remote.fetch(f"{base}/entry"))
        _write(folder / "openings" / f"{identifier}.json", remote.fetch(f"{base}/opening"))
        _write(folder / "proofs" / f"{identifier}.tlog-proof", remote.fetch(f"{base}/proof"))
    for receipt in kept:
        _write(folder / "receipts" / f"{receipt['entry']}.json", json.dumps(receipt, ensure_ascii=False).encode())
    # Last, so that the newest checkpoint is no older than any that a proof leads to.
    key = remote.fetch("/v1/ledger/verifier-key")
    note = remote.fetch("/v1/ledger/checkpoint")
    checkpoint = open_checkpoint(decode_text(note), VerifierKey.parse(decode_text(key).removesuffix("\n")))
    _write(folder / "verifier-key", key)
    _write(folder / "checkpoint", note)
    for tile in tiles_of(checkpoint.size):
        _write(folder / "tile" / tile.path(), remote.fetch(f"/v1/ledger/tile/{tile.path()}"))
    return Saved(checkpoint, len(ids), len(kept))


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(content)
