"""The public inclusion-proof vectors of transparency-dev/merkle: other people's trees, and other people's attacks."""

import json
from base64 import b64decode
from pathlib import Path

import pytest

from contracts.transparency import ProofError, verify_inclusion

VECTORS = Path(__file__).parent / "vectors" / "rfc6962" / "inclusion"
FILES = sorted(VECTORS.rglob("*.json"))


def test_every_vector_was_copied() -> None:
    """A vector that is lost on the way is not silently a test less."""
    assert len(FILES) == 98


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(VECTORS).with_suffix("")))
def test_inclusion(file: Path) -> None:
    """A genuine proof is accepted and each forged one refused, as the vector's authors say."""
    vector = json.loads(file.read_text())
    leaf_hash, root = b64decode(vector["leafHash"]), b64decode(vector["root"])
    proof = [b64decode(text) for text in vector["proof"] or []]

    def check() -> None:
        verify_inclusion(leaf_hash, vector["leafIdx"], vector["treeSize"], proof, root)

    if vector["wantErr"]:
        with pytest.raises(ProofError):
            check()
    else:
        check()
