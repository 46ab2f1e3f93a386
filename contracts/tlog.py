"""Checkpoints and offline proofs of a transparency log (https://c2sp.org/tlog-checkpoint, https://c2sp.org/tlog-proof)."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

from contracts.merkle import HASH_BYTES, hash_leaf, verify_inclusion
from contracts.signed_note import Note, VerifierKey, b64, unb64
from contracts.verification_error import MalformedError, SignatureError

MAX_SIZE = 2**63 - 1
"""Entries a log can have: what every database and language can count."""

MAX_PROOF_HASHES = 63
"""The height of a tree of MAX_SIZE leaves."""

_DECIMAL = re.compile(r"0|[1-9][0-9]{0,18}", re.ASCII)
_PROOF_HEADER = "c2sp.org/tlog-proof@v1"
_FEWEST_LINES = 3


def parse_decimal(text: str) -> int:
    """An ASCII decimal without leading zeroes, up to MAX_SIZE. Raises MalformedError."""
    if not _DECIMAL.fullmatch(text) or int(text) > MAX_SIZE:
        raise MalformedError(f"not a decimal number without leading zeroes, at most {MAX_SIZE}")
    return int(text)


@dataclass(frozen=True)
class Checkpoint:
    """What a log signs: its origin, its size and the root of its tree.

        example.com/behind-the-sofa
        20852163
        CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=

    Concordat writes no extension lines; those of other logs are kept as they are.
    """

    origin: str
    size: int
    root: bytes
    extensions: tuple[str, ...] = ()

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read the text of a note, without its signatures. Raises MalformedError."""
        lines = text.split("\n")
        if lines.pop() or len(lines) < _FEWEST_LINES or not all(lines):
            raise MalformedError("a checkpoint is three or more lines, none of them empty: origin, size, root hash")
        origin, size, root, *extensions = lines
        return cls(origin, parse_decimal(size), _parse_hash(root), tuple(extensions))

    def format(self) -> str:
        return "".join(line + "\n" for line in (self.origin, str(self.size), b64(self.root), *self.extensions))


def open_checkpoint(text: str, key: VerifierKey) -> Checkpoint:
    """The checkpoint in a signed note, after its signature and origin were checked.

    A log's key carries the name of its origin, so a checkpoint of another log, or of this hub before a restore, is
    not taken for this one's. Raises MalformedError or SignatureError.
    """
    note = Note.parse(text)
    note.verify(key)
    checkpoint = Checkpoint.parse(note.text)
    if checkpoint.origin != key.name:
        raise SignatureError("the checkpoint's origin is not the log that the verifier key belongs to")
    return checkpoint


@dataclass(frozen=True)
class TlogProof:
    """An inclusion proof with the signed checkpoint that it leads to; verifiable offline with the log's key alone.

        c2sp.org/tlog-proof@v1
        index 73894
        gSKyXoYZUgZ6jduWYrkDOARinOMGJveXjgMkBTcdPlQ=

        example.com/fancylog
        109482
        sFodV/vSp5O8n9a8QpW6PRY97tfOSW5bsc2Xl/EQi08=

        — example.com/fancylog hI2DJw…

    `hashes` run from the leaf's sibling to the root's child; `checkpoint` is the signed note, verbatim; `extra` is not
    authenticated by anything.
    """

    index: int
    hashes: tuple[bytes, ...]
    checkpoint: str
    extra: bytes | None = None

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a tlog-proof. Raises MalformedError."""
        head, separator, checkpoint = text.partition("\n\n")
        lines = head.split("\n")
        if not separator or lines.pop(0) != _PROOF_HEADER:
            raise MalformedError(f"a proof starts with {_PROOF_HEADER} and has a blank line before its checkpoint")
        extra = unb64(lines.pop(0).removeprefix("extra ")) if lines and lines[0].startswith("extra ") else None
        if not lines or not lines[0].startswith("index "):
            raise MalformedError("the proof does not say its entry's index")
        index = parse_decimal(lines.pop(0).removeprefix("index "))
        if len(lines) > MAX_PROOF_HASHES:
            raise MalformedError("the proof has more hashes than any log is high")
        Checkpoint.parse(Note.parse(checkpoint).text)
        return cls(index, tuple(map(_parse_hash, lines)), checkpoint, extra)

    def format(self) -> str:
        extra = [] if self.extra is None else ["extra " + b64(self.extra)]
        return "\n".join(
            [_PROOF_HEADER, *extra, f"index {self.index}", *map(b64, self.hashes), "", self.checkpoint],
        )


def verify_tlog_proof(proof: TlogProof, leaf: bytes, key: VerifierKey) -> Checkpoint:
    """Check that the exact leaf bytes stand in the log under the proof's checkpoint; returns that checkpoint.

    Raises MalformedError, SignatureError or ProofError.
    """
    checkpoint = open_checkpoint(proof.checkpoint, key)
    verify_inclusion(hash_leaf(leaf), proof.index, checkpoint.size, proof.hashes, checkpoint.root)
    return checkpoint


def split_hashes(data: bytes) -> Sequence[bytes]:
    """Concatenated tree hashes, taken apart. Raises MalformedError when the last one is cut off."""
    if len(data) % HASH_BYTES:
        raise MalformedError(f"not a sequence of whole hashes of {HASH_BYTES} bytes")
    return [data[start : start + HASH_BYTES] for start in range(0, len(data), HASH_BYTES)]


def _parse_hash(line: str) -> bytes:
    value = unb64(line)
    if len(value) != HASH_BYTES:
        raise MalformedError(f"a tree hash has {HASH_BYTES} bytes")
    return value
