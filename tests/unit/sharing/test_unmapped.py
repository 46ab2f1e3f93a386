"""A word without a code goes where the code would have gone, and nowhere else."""

import pytest

from contracts.disclosure import Outcome
from tests.unit.sharing.partnership import OPENED, book, clause, tell

GRADE = {"unmapped": "Grade 2, says Ada Test"}
RETURNED = "concordat.child.returned.v1"


def told(rules, data, event_type=OPENED, **parts):
    """What the home gets of an event, and what became of each of its fields."""
    _, redaction = tell(book(clause(**rules)), data, event_type=event_type, **parts)
    return redaction.data, {one.path: one.outcome for one in redaction.outcomes}


def risk(level):
    return {"child": {}, "risk": {"level": level}}


@pytest.mark.parametrize(
    "rules",
    [
        {"permit": [{"fields": ["risk.level"]}]},
        {"permit": [{"fields": ["risk.**"]}]},
        {"permit": [{"categories": ["operational"]}]},
    ],
)
def test_who_may_have_the_code_may_have_the_word(rules):
    """What releases the level releases the text in its place, whole."""
    assert told(rules, risk(GRADE)) == ({"risk": {"level": GRADE}}, {"risk.level": Outcome.RELEASED})
    assert told(rules, risk("high")) == ({"risk": {"level": "high"}}, {"risk.level": Outcome.RELEASED})


@pytest.mark.parametrize(
    "rules",
    [
        {"permit": [{"fields": ["risk.previous", "child.**"]}]},
        {"permit": [{"categories": ["narrative"]}]},
        {"permit": [{"fields": ["risk.**"]}], "forbid": [{"fields": ["risk.level"]}]},
        {"permit": [{"fields": ["risk.**"]}], "forbid": [{"categories": ["operational"]}]},
        {"permit": [{"fields": ["risk.**"]}], "limit": [{"categories": ["operational"], "transform": "mask"}]},
        {"permit": [{"fields": ["risk.level"], "transform": "mask"}]},
        {"permit": [{"fields": ["risk.level"], "transform": "initials"}]},
    ],
)
def test_where_the_code_is_withheld_so_is_the_word(rules):
    """No permit, a forbid, or a limit that a code cannot take: the text is not in what is given, in no form."""
    data, outcomes = told(rules, risk(GRADE))
    assert (data, outcomes) == ({}, {"risk.level": Outcome.WITHHELD})
    assert told(rules, risk("high")) == (data, outcomes)


def test_the_publisher_keeps_the_word_back_with_the_field():
    """A mark on the field, or on what would lie below it, keeps the text back."""
    rules = {"permit": [{"fields": ["risk.**"]}]}
    for mark in ("-field:risk.level", "-field:risk", "-field:risk.level.unmapped"):
        assert told(rules, risk(GRADE), audience=mark)[0] == {}


def test_a_flagged_childs_word_counts_as_its_place():
    """The kind of place that a flagged child came back to is protected, also in words that have no code."""
    rules = {
        "permit": [{"categories": ["operational", "protected_whereabouts"]}],
        "forbid": [{"categories": ["protected_whereabouts"], "absolute": True}],
    }
    data = {"returned_at": "2026-11-22T23:50:00Z", "setting": {"unmapped": "Nan's flat"}}
    given = {"returned_at": "2026-11-22T23:50:00Z"}
    assert told(rules, data, RETURNED, flagged=True)[0] == given
    assert told(rules, data, RETURNED, flagged=False)[0] == data
