"""RFC 6962 Merkle trees over SHA-256: hashing, and checking of inclusion and consistency proofs.

The checks follow RFC 9162 §2.1.3.2 and §2.1.4.2, which state for the same tree the algorithms that RFC 6962 leaves to
the reader.
"""

import hashlib
from collections.abc import Iterable, Iterator, MutableSequence, Sequence
from itertools import islice

from contracts.verification_error import ProofError

HASH_BYTES = 32
EMPTY_ROOT = hashlib.sha256(b"").digest()
"""MTH({}) of RFC 6962 §2.1."""

_LEAF = b"\x00"
_NODE = b"\x01"


def hash_leaf(data: bytes) -> bytes:
    """The hash of a leaf with these exact bytes (RFC 6962 §2.1)."""
    return hashlib.sha256(_LEAF + data).digest()


def hash_node(left: bytes, right: bytes) -> bytes:
    """The hash of an inner node over its two children (RFC 6962 §2.1)."""
    return hashlib.sha256(_NODE + left + right).digest()


def push_leaf(peaks: MutableSequence[bytes], size: int, leaf_hash: bytes) -> Iterator[tuple[int, int, bytes]]:
    """Add the leaf number `size` to `peaks`, the roots of the complete subtrees of a tree of that size, largest first.

    Yields (height, index at that height, hash) of each subtree that this leaf completes, from height 1 up. The new
    peak is in place once the iterator is exhausted.
    """
    height, node = 0, leaf_hash
    while size >> height & 1:
        node = hash_node(peaks.pop(), node)
        height += 1
        yield height, size >> height, node
    peaks.append(node)


def join_peaks(peaks: Sequence[bytes]) -> bytes:
    """The root of the tree with these complete subtrees, largest first."""
    if not peaks:
        return EMPTY_ROOT
    root = peaks[-1]
    for peak in reversed(peaks[:-1]):
        root = hash_node(peak, root)
    return root


def roots_at(leaf_hashes: Iterable[bytes], sizes: Iterable[int]) -> dict[int, bytes]:
    """The root at each of the sizes, in one walk over the leaf hashes.

    Raises ProofError when there are fewer leaves than the largest size asks for.
    """
    leaves, peaks, reached = iter(leaf_hashes), list[bytes](), 0
    roots = {}
    for size in sorted(set(sizes)):
        for leaf_hash in islice(leaves, size - reached):
            for _completed in push_leaf(peaks, reached, leaf_hash):
                pass
            reached += 1
        if reached != size:
            raise ProofError(f"only {reached} leaves are known of a tree of size {size}")
        roots[size] = join_peaks(peaks)
    return roots


def root_from_inclusion(leaf_hash: bytes, index: int, size: int, proof: Sequence[bytes]) -> bytes:
    """The root that an inclusion proof leads to (RFC 9162 §2.1.3.2).

    `index` is zero-based; `proof` runs from the leaf's sibling to the root's child. Raises ProofError when no tree of
    that size can have such a proof.
    """
    _check_hashes(leaf_hash, *proof)
    if not 0 <= index < size:
        raise ProofError("the entry's index lies outside the tree")
    _, root = _climb(leaf_hash, index, size - 1, proof)
    return root


def verify_inclusion(leaf_hash: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> None:
    """Check that the leaf stands at `index` in the tree of this size and root (RFC 6962 §2.1.1). Raises ProofError."""
    _check_hashes(root)
    if root_from_inclusion(leaf_hash, index, size, proof) != root:
        raise ProofError("the inclusion proof does not lead to the root: this entry is not in this tree at this index")


def verify_consistency(size1: int, root1: bytes, size2: int, root2: bytes, proof: Sequence[bytes]) -> None:
    """Check that the tree of size1 is a beginning of the tree of size2 (RFC 6962 §2.1.2, RFC 9162 §2.1.4.2).

    Raises ProofError. An empty tree is a beginning of every tree, and is proved by its size and root alone.
    """
    _check_hashes(root1, root2, *proof)
    if not 0 <= size1 <= size2:
        raise ProofError("a consistency proof runs from the smaller tree to the larger")
    if size1 in {0, size2}:
        _verify_trivial_consistency(size1, root1, size2, root2, proof)
        return
    path = list(proof)
    if size1 & (size1 - 1) == 0:
        path.insert(0, root1)  # A complete first tree is itself the start of the path and is left out of the proof.
    if not path:
        raise ProofError("the proof is shorter than its tree is high")
    here, last = size1 - 1, size2 - 1
    while here & 1:
        here, last = here >> 1, last >> 1
    old, new = _climb(path[0], here, last, path[1:])
    if old != root1:
        raise ProofError("the consistency proof does not lead to the earlier root")
    if new != root2:
        raise ProofError("the consistency proof does not lead to the later root: the log was rewritten or forked")


def _climb(start: bytes, here: int, last: int, path: Sequence[bytes]) -> tuple[bytes, bytes]:
    """From node `here` of a level whose last node is `last`, up to the top.

    Returns the root over what stands up to and including `start` (siblings on the left alone), and the root over all.
    """
    up_to_here = over_all = start
    for sibling in path:
        if last == 0:
            raise ProofError("the proof is longer than its tree is high")
        if here & 1 or here == last:
            up_to_here, over_all = hash_node(sibling, up_to_here), hash_node(sibling, over_all)
            # On the right edge there are levels without a sibling: climb past them.
            while here and not here & 1:
                here, last = here >> 1, last >> 1
        else:
            over_all = hash_node(over_all, sibling)
        here, last = here >> 1, last >> 1
    if last:
        raise ProofError("the proof is shorter than its tree is high")
    return up_to_here, over_all


def _verify_trivial_consistency(size1: int, root1: bytes, size2: int, root2: bytes, proof: Sequence[bytes]) -> None:
    if proof:
        raise ProofError("between trees of equal size, or from the empty tree, the consistency proof is empty")
    if size1 == size2 and root1 != root2:
        raise ProofError(f"two different roots for the same size {size1}: the log was forked")
    if (size1 == 0 and root1 != EMPTY_ROOT) or (size2 == 0 and root2 != EMPTY_ROOT):
        raise ProofError("the root of an empty tree is the hash of nothing")


def _check_hashes(*hashes: bytes) -> None:
    if any(len(value) != HASH_BYTES for value in hashes):
        raise ProofError(f"a tree hash has {HASH_BYTES} bytes")
