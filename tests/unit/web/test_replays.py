"""A client assertion is good once, and is forgotten only when it could not be used any more."""

import pytest

from broker.web import replays
from broker.web.replays import MemoryReplays, TooManyAssertions


def test_an_assertion_is_first_once() -> None:
    """The same id of another agency is another assertion."""
    memory = MemoryReplays()
    assert memory.is_first("harbour-house", "a", expires=100, now=10)
    assert not memory.is_first("harbour-house", "a", expires=100, now=100)
    assert memory.is_first("bright-path", "a", expires=100, now=10)


def test_what_has_expired_makes_room(monkeypatch: pytest.MonkeyPatch) -> None:
    """A full memory refuses, rather than forget an assertion that still stands."""
    monkeypatch.setattr(replays, "MAX_REMEMBERED", 2)
    memory = MemoryReplays()
    assert memory.is_first("harbour-house", "a", expires=100, now=10)
    assert memory.is_first("harbour-house", "b", expires=200, now=10)
    with pytest.raises(TooManyAssertions):
        memory.is_first("harbour-house", "c", expires=300, now=100)
    assert memory.is_first("harbour-house", "c", expires=300, now=101)
    assert not memory.is_first("harbour-house", "b", expires=200, now=101)
