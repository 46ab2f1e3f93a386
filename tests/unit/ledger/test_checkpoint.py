"""What the hub signs, anyone with its key can verify."""

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from broker.ledger.checkpoint import CheckpointSigner, tlog_proof
from broker.ledger.proofs import inclusion
from broker.ledger.tree import Frontier
from contracts.transparency import (
    MalformedError,
    Note,
    SignatureError,
    TlogProof,
    VerifierKey,
    hash_leaf,
    open_checkpoint,
    verify_tlog_proof,
)

ORIGIN = "hub.northmere.example/ledger"
SIGNER = CheckpointSigner(ORIGIN, Ed25519PrivateKey.from_private_bytes(bytes(32)))


def test_a_signed_checkpoint() -> None:
    """Three lines and one signature, under a key named after the origin."""
    text = SIGNER.sign(5, bytes(32))
    assert text.split("\n")[:4] == [ORIGIN, "5", "A" * 43 + "=", ""]
    assert len(Note.parse(text).signatures) == 1
    checkpoint = open_checkpoint(text, VerifierKey.parse(SIGNER.vkey))
    assert (checkpoint.origin, checkpoint.size, checkpoint.root, checkpoint.extensions) == (ORIGIN, 5, bytes(32), ())


def test_another_hubs_key_does_not_open_it() -> None:
    """Neither another key nor the same key under another origin."""
    for other in (
        CheckpointSigner(ORIGIN, Ed25519PrivateKey.from_private_bytes(bytes([1]) * 32)),
        CheckpointSigner(ORIGIN + "/r1", Ed25519PrivateKey.from_private_bytes(bytes(32))),
    ):
        with pytest.raises(SignatureError):
            open_checkpoint(SIGNER.sign(5, bytes(32)), other.verifier_key)


def test_a_proof_from_tree_to_file() -> None:
    """An agency takes a proof file away and verifies it with the hub's key alone."""
    leaves = [b"one", b"two", b"three"]
    hashes = [hash_leaf(leaf) for leaf in leaves]
    frontier, _ = Frontier().append(hashes)
    path = inclusion(1, 3, lambda _level, start, count: hashes[start : start + count])
    file = tlog_proof(1, path, SIGNER.sign(3, frontier.root()))
    assert verify_tlog_proof(TlogProof.parse(file), b"two", VerifierKey.parse(SIGNER.vkey)).size == 3


def test_origins_and_checkpoints_that_cannot_be_written() -> None:
    """A name that no signature line can carry, or a proof to no checkpoint, is refused at once."""
    for origin in ("", "hub northmere", "hub+northmere", "hub\n"):
        with pytest.raises(MalformedError):
            CheckpointSigner(origin, Ed25519PrivateKey.from_private_bytes(bytes(32)))
    with pytest.raises(MalformedError):
        tlog_proof(0, [], "not a checkpoint")
    with pytest.raises(MalformedError):
        SIGNER.sign(-1, bytes(32))
