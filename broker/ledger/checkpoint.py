"""Signing of checkpoints (https://c2sp.org/tlog-checkpoint) and writing of offline proofs (https://c2sp.org/tlog-proof)."""

from collections.abc import Sequence

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from contracts.signed_note import VerifierKey, sign_note
from contracts.tlog import Checkpoint, TlogProof


class CheckpointSigner:
    """One log's origin and its Ed25519 key, which is named after the origin.

    The signer keeps no memory: that a root was committed, and that no two roots of one size are ever signed, is the
    business of whoever calls it. Raises MalformedError for an origin with spaces, plus signs or control characters.
    """

    def __init__(self, origin: str, key: Ed25519PrivateKey) -> None:
        self._key = key
        self.verifier_key = VerifierKey(origin, key.public_key().public_bytes_raw())

    @property
    def origin(self) -> str:
        return self.verifier_key.name

    @property
    def vkey(self) -> str:
        """The public key as text, for those who verify."""
        return self.verifier_key.format()

    def sign(self, size: int, root: bytes) -> str:
        """The signed checkpoint of a tree: a note with one signature and no extension lines."""
        return sign_note(Checkpoint(self.origin, size, root).format(), self.origin, self._key).format()


def tlog_proof(index: int, proof: Sequence[bytes], checkpoint: str) -> str:
    """The `.tlog-proof` file of entry `index`: its inclusion proof and the signed checkpoint that it leads to.

    Raises MalformedError for a checkpoint that is none.
    """
    return TlogProof.parse(TlogProof(index, tuple(proof), checkpoint).format()).format()
