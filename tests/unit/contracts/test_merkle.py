"""RFC 6962 trees: every proof of every small tree holds, and no changed one does."""

import hashlib
from collections.abc import Sequence

import pytest

from broker.ledger.proofs import consistency, inclusion
from contracts.transparency import (
    EMPTY_ROOT,
    ProofError,
    hash_leaf,
    hash_node,
    roots_at,
    verify_consistency,
    verify_inclusion,
)

LEAVES = [hash_leaf(bytes([number])) for number in range(33)]


def mth(leaves: Sequence[bytes]) -> bytes:
    """RFC 6962 §2.1, word by word."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    return hashlib.sha256(b"\x01" + mth(leaves[:k]) + mth(leaves[k:])).digest()


def read(tile_level: int, start: int, count: int) -> list[bytes]:
    assert tile_level == 0
    return LEAVES[start : start + count]


def flipped(value: bytes, bit: int) -> bytes:
    return (int.from_bytes(value) ^ 1 << bit).to_bytes(len(value))


def test_roots_at_many_sizes_in_one_walk() -> None:
    """Each is the root that the RFC defines; a size beyond the leaves is an error."""
    assert roots_at(LEAVES, range(34)) == {size: mth(LEAVES[:size]) for size in range(34)}
    assert roots_at([], [0]) == {0: EMPTY_ROOT}
    with pytest.raises(ProofError):
        roots_at(LEAVES, [34])


@pytest.mark.parametrize("size", range(1, 34))
def test_every_inclusion_proof_and_no_changed_one(size: int) -> None:
    """Each leaf's proof holds; with any hash changed, dropped, added or swapped, or the index moved, it does not."""
    root = mth(LEAVES[:size])
    for index in range(size):
        proof = list(inclusion(index, size, read))
        verify_inclusion(LEAVES[index], index, size, proof, root)
        forgeries = [(LEAVES[index], proof[:-1])] if proof else []
        forgeries += [(LEAVES[index], [*proof, root]), (flipped(LEAVES[index], index), proof)]
        forgeries += [
            (LEAVES[index], [*proof[:at], flipped(proof[at], at * 7), *proof[at + 1 :]]) for at in range(len(proof))
        ]
        for leaf, forged in forgeries:
            with pytest.raises(ProofError):
                verify_inclusion(leaf, index, size, forged, root)
        for other in {-1, *range(size + 1)} - {index}:
            with pytest.raises(ProofError):
                verify_inclusion(LEAVES[index], other, size, proof, root)


def test_every_single_bit_of_an_inclusion_proof_counts() -> None:
    """Whichever bit of proof, leaf hash or root is flipped, the proof no longer holds."""
    size, index = 13, 9
    root, proof = mth(LEAVES[:size]), list(inclusion(index, size, read))
    for part in range(len(proof) + 2):
        for bit in range(256):
            parts = [LEAVES[index], root, *proof]
            parts[part] = flipped(parts[part], bit)
            with pytest.raises(ProofError):
                verify_inclusion(parts[0], index, size, parts[2:], parts[1])


@pytest.mark.parametrize("size2", range(34))
def test_every_consistency_proof_and_no_changed_one(size2: int) -> None:
    """Each earlier tree is proved a beginning of the later; no changed proof, root or size is accepted."""
    root2 = mth(LEAVES[:size2])
    for size1 in range(size2 + 1):
        root1, proof = mth(LEAVES[:size1]), list(consistency(size1, size2, read))
        verify_consistency(size1, root1, size2, root2, proof)
        forgeries = [(root1, root2, [*proof, root1]), (root1, root2, proof[:-1])]
        forgeries += [(flipped(root1, size2), root2, proof), (root1, flipped(root2, size1), proof)]
        forgeries += [
            (root1, root2, [*proof[:at], flipped(proof[at], at * 5), *proof[at + 1 :]]) for at in range(len(proof))
        ]
        for forged1, forged2, forged in forgeries:
            if (forged1, forged2, forged) == (root1, root2, proof) or (size1 == 0 < size2 and forged2 != root2):
                continue  # nothing was dropped from an empty proof; and an empty tree begins every tree
            with pytest.raises(ProofError):
                verify_consistency(size1, forged1, size2, forged2, forged)


def test_every_single_bit_of_a_consistency_proof_counts() -> None:
    """Whichever bit of proof or roots is flipped, the proof no longer holds."""
    size1, size2 = 6, 13
    proof = consistency(size1, size2, read)
    for part in range(len(proof) + 2):
        for bit in range(256):
            parts = [mth(LEAVES[:size1]), mth(LEAVES[:size2]), *proof]
            parts[part] = flipped(parts[part], bit)
            with pytest.raises(ProofError):
                verify_consistency(size1, parts[0], size2, parts[1], parts[2:])


def test_a_fork_of_the_same_size_is_named() -> None:
    """Two roots for one size are a fork; a shrinking log is no continuation."""
    with pytest.raises(ProofError, match="forked"):
        verify_consistency(3, mth(LEAVES[:3]), 3, mth(LEAVES[1:4]), [])
    with pytest.raises(ProofError, match="smaller tree to the larger"):
        verify_consistency(4, mth(LEAVES[:4]), 3, mth(LEAVES[:3]), [])
    with pytest.raises(ProofError):
        verify_consistency(0, mth(LEAVES[:1]), 3, mth(LEAVES[:3]), [])


def test_a_proof_higher_than_its_tree() -> None:
    """Extra levels are refused even where a root was made up to fit them."""
    one, two = LEAVES[:2]
    with pytest.raises(ProofError, match="longer"):
        verify_inclusion(one, 0, 1, [two], hash_node(two, one))
    with pytest.raises(ProofError, match="longer"):
        verify_consistency(1, one, 2, hash_node(LEAVES[2], hash_node(one, two)), [two, LEAVES[2]])


def test_hashes_have_32_bytes() -> None:
    """A short or long hash is refused before anything is computed."""
    for wrong in (b"", bytes(31), bytes(33)):
        with pytest.raises(ProofError):
            verify_inclusion(wrong, 0, 1, [], wrong)
        with pytest.raises(ProofError):
            verify_inclusion(LEAVES[0], 0, 2, [wrong], mth(LEAVES[:2]))
        with pytest.raises(ProofError):
            verify_consistency(1, LEAVES[0], 2, mth(LEAVES[:2]), [wrong])
