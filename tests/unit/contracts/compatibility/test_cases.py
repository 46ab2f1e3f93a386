"""The table of hard cases is what the gate says, and what an independent validator bears out."""

import re
from typing import Any

import pytest
from jsonschema import Draft202012Validator, FormatChecker

from contracts.compatibility.cases import Case
from contracts.compatibility.compare import compare
from contracts.compatibility.finding import Side
from contracts.compatibility.forms import JUDGED
from contracts.compatibility_page import CASES, compatibility_page


def named(case: Case) -> str:
    return re.sub(r"\W+", "_", case.change)


def accepts(schema: dict[str, Any], data: object) -> bool:
    validator = Draft202012Validator(schema, format_checker=FormatChecker(formats=["date"]))
    return bool(validator.is_valid({"data": data}))


@pytest.mark.parametrize("case", CASES, ids=named)
def test_the_gate_says_what_the_table_says(case: Case) -> None:
    """Whoever plans a change reads in the table what the gate will say of it."""
    found = compare(case.before.description(), case.after.description())
    assert {finding.side for finding in found} == case.breaks


@pytest.mark.parametrize("case", [case for case in CASES if case.witness], ids=named)
def test_what_is_said_to_break_does_break(case: Case) -> None:
    """A verdict is no false alarm: there is data that one side may send and the other refuses."""
    before, after = case.before.description()["schema"], case.after.description()["schema"]
    for side, data in case.witness.items():
        assert side in case.breaks
        sender, receiver = (before, after) if side is Side.PUBLISHER else (after, before)
        assert accepts(sender, data)
        assert not accepts(receiver, data)


def test_the_table_speaks_of_every_keyword_that_the_gate_judges() -> None:
    """No keyword of JSON Schema is judged whose verdicts stand nowhere to be read and tested."""
    used: set[str] = set()

    def walk(schema: object) -> None:
        if isinstance(schema, dict):
            used.update(schema)
            for inner in schema.values():
                walk(inner)
        elif isinstance(schema, list):
            for inner in schema:
                walk(inner)

    for case in CASES:
        walk(case.before.description()["schema"])
        walk(case.after.description()["schema"])
    assert used >= JUDGED


def test_each_change_stands_once() -> None:
    """A reader who looks a change up finds one verdict."""
    assert len({case.change for case in CASES}) == len(CASES)
    assert all(f"| {case.change} |" in compatibility_page() for case in CASES)


def test_a_finding_says_for_whom_and_where() -> None:
    """The developer who widened a list is told that readers break, where, and by which code."""
    case = next(case for case in CASES if case.change == "a code is added to a list")
    (finding,) = compare(case.before.description(), case.after.description())
    assert str(finding) == (
        "concordat.case.made.v1 · value · breaks agencies that read it: "
        "a reader would meet the value very_high, which could not come before"
    )
