"""A word without a code: it stands in the code's place, and is nothing to reckon with."""

import pytest

from contracts.catalogue import CATALOGUE, leaves_of
from contracts.coded import MAX_UNMAPPED, Unmapped, known
from contracts.examples import examples_of
from contracts.parse import InvalidEvent, parse_event
from contracts.values import Kind
from contracts.vocabulary import RiskLevel

CHANGED = "concordat.risk.changed.v1"
STEERING = {
    "role": "whoever a word of no known meaning makes involved would be told by guess",
    "jurisdiction": "it decides whose definitions apply",
    "acknowledgement_action": "it is what the told matrix shows of a person",
    "due_stage": "the hub alone writes it",
    "reopening_reason": "it decides which facts of the episode still stand",
    None: "an event type names a contract",
}
"""Code lists that the hub itself acts on: here a word without a code is refused."""


def changed(level):
    document = examples_of(CHANGED).minimal
    document["data"]["risk"]["level"] = level
    return document


@pytest.mark.parametrize("event_type", sorted(CATALOGUE))
def test_every_code_takes_the_senders_own_word_unless_the_hub_acts_on_it(event_type):
    """An agency whose system knows a word that the contract does not can still send the event."""
    for leaf in leaves_of(event_type):
        if leaf.kind is Kind.CODE:
            assert leaf.takes_unmapped is (leaf.vocabulary not in STEERING), leaf.path
        else:
            assert not leaf.takes_unmapped


def test_the_word_comes_back_as_it_was_sent():
    """The original text is kept to the letter, in the place of the code that it was meant for."""
    event = parse_event(changed({"unmapped": " Grade 2 (amber)"}))
    assert event.plain() == {"risk": {"level": {"unmapped": " Grade 2 (amber)"}}}
    assert known(event.data.risk.level) is None


def test_a_code_is_a_code():
    """Where the sender has a code nothing changes; and no word is ever taken for one, not even a code's own."""
    assert known(parse_event(changed("high")).data.risk.level) is RiskLevel.HIGH
    assert known(parse_event(changed({"unmapped": "high"})).data.risk.level) is None
    assert known(None) is None
    assert Unmapped(unmapped="high") != RiskLevel.HIGH


@pytest.mark.parametrize(
    ("level", "pointer", "code"),
    [
        ("Grade 2", "/data/risk/level", "enum"),
        ([], "/data/risk/level", "enum"),
        (None, "/data/risk/level", "enum"),
        ({}, "/data/risk/level/unmapped", "missing"),
        ({"unmapped": ""}, "/data/risk/level/unmapped", "string_too_short"),
        ({"unmapped": "x" * (MAX_UNMAPPED + 1)}, "/data/risk/level/unmapped", "string_too_long"),
        ({"unmapped": 2}, "/data/risk/level/unmapped", "string_type"),
        ({"unmapped": "Grade 2", "code": "high"}, "/data/risk/level", "extra_forbidden"),
    ],
)
def test_anything_else_is_refused_at_the_field(level, pointer, code):
    """A bare word is not taken for an unmapped one: the sender must say that it knows no code."""
    with pytest.raises(InvalidEvent) as caught:
        parse_event(changed(level))
    assert [(fault.pointer, fault.code) for fault in caught.value.faults] == [(pointer, code)]
