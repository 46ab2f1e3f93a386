"""Hiding a batch's shape: its entries are shuffled among padding, so that order and number tell nothing."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from random import Random
from struct import unpack

MINIMUM = 16
"""Leaves in the smallest batch; larger ones have 32, 64, 128 …"""
LARGE = 512
WELL_FILLED = 0.7


@dataclass(frozen=True)
class Batch:
    """`leaves` as they are appended; `positions[i]` is where the i-th real leaf stands among them."""

    leaves: tuple[bytes, ...]
    positions: tuple[int, ...]


def padded_size(real: int, minimum: int = MINIMUM) -> int:
    """The least of `minimum`, 2 · `minimum`, 4 · `minimum` … that `real` leaves fit into."""
    size = minimum
    while size < real:
        size *= 2
    return size


def is_well_filled(real: int) -> bool:
    """Say whether a batch is large, and had better be appended than grow into mostly padding of the next size."""
    return real >= LARGE and real >= WELL_FILLED * padded_size(real)


def shuffle_and_pad(
    real: Sequence[bytes], padding: Callable[[], bytes], random: Random, minimum: int = MINIMUM
) -> Batch:
    """Lay out a batch. Pure but for `random`, which in production is `secrets.SystemRandom()`.

    `padding` makes one padding leaf per call, each with its own nonce. A batch without real leaves becomes `minimum` of
    padding: a caller that wants no cover entries does not call. Raises ValueError for a minimum below 1.
    """
    if minimum < 1:
        raise ValueError("a batch has at least one leaf")
    size = padded_size(len(real), minimum)
    # In the order of random numbers, drawn at once. Of 64 bits each: two alike, which would stand in their old order,
    # are not to be expected in the life of a hub.
    drawn = unpack(f"{size}Q", random.randbytes(8 * size))
    positions = sorted(range(size), key=drawn.__getitem__)[: len(real)]
    leaf_at = dict(zip(positions, real, strict=True))
    leaves = tuple(leaf_at[position] if position in leaf_at else padding() for position in range(size))
    return Batch(leaves, tuple(positions))
