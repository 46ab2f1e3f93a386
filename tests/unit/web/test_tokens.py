"""An access token is verified once, and its time is asked every time."""

import pytest

from broker.ports.vault import MemoryVault
from broker.web import tokens as tokens_module
from broker.web.tokens import InvalidToken, Tokens


class _Machine:
    """The machine's clock, in Unix seconds."""

    now = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now


def _tokens(machine: _Machine) -> Tokens:
    return Tokens(MemoryVault(), "https://hub.northmere.example", 600, machine)


def test_a_token_that_was_good_a_moment_ago_expires_all_the_same() -> None:
    """What is remembered is that it was ours, never that it is good: at ten minutes to the second it is not."""
    machine = _Machine()
    tokens = _tokens(machine)
    text = tokens.issue("northmere-police", frozenset({"publish"}))
    machine.now += 599
    assert tokens.read(text) == tokens.read(text)
    assert tokens.read(text).agency == "northmere-police"
    machine.now += 1
    for _ in range(2):
        with pytest.raises(InvalidToken):
            tokens.read(text)


def test_one_changed_character_makes_it_another_token() -> None:
    """A token that was read opens the door to its own text alone: not to its claims under another signature."""
    tokens = _tokens(_Machine())
    text = tokens.issue("northmere-police", frozenset({"publish"}))
    tokens.read(text)
    place = text.rindex(".") + 1
    bent = text[:place] + ("A" if text[place] != "A" else "B") + text[place + 1 :]
    with pytest.raises(InvalidToken):
        tokens.read(bent)


def test_many_tokens_are_not_all_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """A caller that asks for a new token each time fills no memory, and what is forgotten is read again."""
    monkeypatch.setattr(tokens_module, "_MAX_READ", 8)
    tokens = _tokens(_Machine())
    first = tokens.issue("northmere-police", frozenset({"publish"}))
    session = tokens.read(first)
    for _ in range(20):
        tokens.read(tokens.issue("northmere-police", frozenset({"publish"})))
    assert len(tokens._read) == 8
    assert tokens.read(first) == session
