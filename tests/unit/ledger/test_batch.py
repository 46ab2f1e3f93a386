"""A batch's size and order say nothing of who was told."""

from collections.abc import Iterator
from itertools import count
from random import Random
from secrets import SystemRandom

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broker.ledger.batch import padded_size, shuffle_and_pad


def padding() -> Iterator[bytes]:
    return (b"padding %d" % number for number in count())


@given(st.integers(0, 300), st.randoms(use_true_random=False))
def test_every_leaf_is_where_the_mapping_says(real: int, random: Random) -> None:
    """All real leaves are there once, at their positions; the rest is padding, no two alike."""
    leaves = [b"real %d" % number for number in range(real)]
    source = padding()
    batch = shuffle_and_pad(leaves, lambda: next(source), random)
    assert [batch.leaves[position] for position in batch.positions] == leaves
    assert len(set(batch.leaves)) == len(batch.leaves) == padded_size(real)
    assert sum(leaf.startswith(b"padding") for leaf in batch.leaves) == len(batch.leaves) - real


@pytest.mark.parametrize(("real", "size"), [(0, 16), (1, 16), (16, 16), (17, 32), (32, 32), (33, 64), (200, 256)])
def test_sizes_are_few(real: int, size: int) -> None:
    """An observer of the tree's growth sees 16, 32, 64 … and not how many agencies were told."""
    assert padded_size(real) == size


def test_every_order_is_equally_likely() -> None:
    """Over many batches, each leaf stands in each place about as often as in any other."""
    random, source, places = Random(1), padding(), [[0] * 4 for _ in range(3)]  # noqa: S311 a fixed seed, no secret
    for _ in range(4000):
        batch = shuffle_and_pad([b"a", b"b", b"c"], lambda: next(source), random, minimum=4)
        for leaf, position in enumerate(batch.positions):
            places[leaf][position] += 1
    assert all(880 < seen < 1120 for leaf in places for seen in leaf)


def test_the_systems_randomness_will_do() -> None:
    """Production passes `secrets.SystemRandom()`; two batches alike would be a chance of 1 in 16!."""
    leaves = [b"%d" % number for number in range(16)]
    batches = {shuffle_and_pad(leaves, bytes, SystemRandom()).leaves for _ in range(3)}
    assert len(batches) == 3


def test_a_batch_without_room_is_refused() -> None:
    """A minimum below one leaf would never be reached by doubling."""
    with pytest.raises(ValueError, match="at least one leaf"):
        shuffle_and_pad([b"a"], bytes, SystemRandom(), minimum=0)
