"""Random octets and ids: never the same twice, in the form that others read, whatever thread asks."""

import threading
import time

from ulid import ULID

from broker.ports.chance import Octets, new_id
from contracts.identifiers import is_unique_id


def test_an_id_is_a_ulid_of_this_moment():
    """Another's library reads the hub's ids back, with the time at which they were minted."""
    before = time.time_ns() // 1_000_000
    minted = new_id()
    after = time.time_ns() // 1_000_000
    assert is_unique_id(minted)
    assert str(ULID.from_str(minted)) == minted
    assert before <= ULID.from_str(minted).milliseconds <= after


def test_ids_of_one_moment_differ_and_later_ones_sort_after():
    """A thousand events of one millisecond do not share an id; order of text is order of time."""
    assert len({new_id() for _ in range(5000)}) == 5000
    first = new_id()
    moment = time.time_ns() // 1_000_000
    while time.time_ns() // 1_000_000 == moment:
        pass
    assert first < new_id()


def test_octets_are_given_out_once():
    """Of small draws and large ones, across the end of a page and across threads, none gives octets of another."""
    octets, drawn, lock = Octets(), [], threading.Lock()

    def draw():
        mine = [octets(count) for count in (16, 12, 5000, 32) * 200]
        with lock:
            drawn.extend(mine)

    threads = [threading.Thread(target=draw) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [len(one) for one in drawn] == [16, 12, 5000, 32] * 800
    assert len(set(drawn)) == len(drawn)
