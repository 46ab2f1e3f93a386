"""Entries and the proofs that they stand in the log."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from contracts.evidence.finding import Finding, failed, verified
from contracts.evidence.folder import Folder
from contracts.evidence.heads import Heads
from contracts.ledger_entry import LedgerEntry
from contracts.merkle import hash_leaf
from contracts.signed_note import VerifierKey, decode_text
from contracts.tlog import TlogProof, verify_tlog_proof
from contracts.verification_error import ProofError, VerificationError


@dataclass
class Entries:
    """`read`: every well-formed entry by id; `proved`: the size of the checkpoint under which each was proved."""

    read: dict[str, LedgerEntry] = field(default_factory=dict)
    proved: dict[str, int] = field(default_factory=dict)

    def by_size(self) -> Counter[int]:
        return Counter(self.proved.values())

    def check_proofs(self, folder: Folder, heads: Heads, key: VerifierKey) -> Iterator[Finding]:
        """Each entry with the proof of its name. Every proof's own checkpoint joins `heads`."""
        for identifier, leaf in folder.entries.items():
            subject = f"entries/{identifier}.json"
            try:
                self.read[identifier] = LedgerEntry.from_leaf(leaf)
            except VerificationError as error:
                yield failed(subject, error)
        yield from self._refuse_entries_twice(folder)
        for identifier, data in folder.proofs.items():
            subject = f"proofs/{identifier}.tlog-proof"
            if identifier not in folder.entries:
                yield failed(subject, f"a proof of nothing: entries/{identifier}.json is missing")
                continue
            try:
                checkpoint = verify_tlog_proof(TlogProof.parse(decode_text(data)), folder.entries[identifier], key)
                heads.add(checkpoint)
            except VerificationError as error:
                yield failed(subject, error)
                continue
            if identifier in self.read:
                self.proved[identifier] = checkpoint.size
                yield verified(subject, f"the entry stands in the log under the checkpoint of size {checkpoint.size}")

    def withdraw(self, sizes: set[int]) -> None:
        """What was proved under checkpoints that turned out false was not proved."""
        self.proved = {identifier: size for identifier, size in self.proved.items() if size not in sizes}

    def check_leaves(self, folder: Folder, size: int, leaves: frozenset[bytes]) -> Iterator[Finding]:
        """Entries without a proof file: looked up among the leaves of the tiles, which lead to the signed root."""
        for identifier in self.read:
            if identifier in folder.proofs:
                continue
            subject = f"entries/{identifier}.json"
            if hash_leaf(folder.entries[identifier]) in leaves:
                self.proved[identifier] = size
                yield verified(subject, f"its hash is among the leaves of the checkpoint of size {size}")
            else:
                missing = f"not proved: proofs/{identifier}.tlog-proof is missing"
                yield failed(subject, ProofError(f"{missing} and the tiles do not have it" if leaves else missing))

    @staticmethod
    def _refuse_entries_twice(folder: Folder) -> Iterator[Finding]:
        first: dict[bytes, str] = {}
        for identifier, leaf in folder.entries.items():
            other = first.setdefault(leaf, identifier)
            if other != identifier:
                yield failed(f"entries/{identifier}.json", f"the same entry as {other}: one record shown as two")
