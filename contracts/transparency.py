"""Everything that an agency needs to check the hub's ledger by itself; verification only, nothing here signs a log.

Three parts, each its own module: `merkle` (RFC 6962 trees), `signed_note` (C2SP notes and verifier keys) and `tlog`
(C2SP checkpoints and proofs). All of them raise the `VerificationError` family.
"""

from contracts.merkle import (
    EMPTY_ROOT,
    HASH_BYTES,
    hash_leaf,
    hash_node,
    root_from_inclusion,
    roots_at,
    verify_consistency,
    verify_inclusion,
)
from contracts.signed_note import Note, NoteSignature, VerifierKey
from contracts.tlog import Checkpoint, TlogProof, open_checkpoint, verify_tlog_proof
from contracts.verification_error import MalformedError, ProofError, SignatureError, VerificationError

__all__ = [
    "EMPTY_ROOT",
    "HASH_BYTES",
    "Checkpoint",
    "MalformedError",
    "Note",
    "NoteSignature",
    "ProofError",
    "SignatureError",
    "TlogProof",
    "VerificationError",
    "VerifierKey",
    "hash_leaf",
    "hash_node",
    "open_checkpoint",
    "root_from_inclusion",
    "roots_at",
    "verify_consistency",
    "verify_inclusion",
    "verify_tlog_proof",
]
