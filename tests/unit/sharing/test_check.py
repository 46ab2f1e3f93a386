"""What is doubtful in a protocol before anybody signs it."""

import pytest

from broker.sharing.check import ProtocolWarning, check
from broker.sharing.document import parse_protocol
from broker.sharing.tree import ProtocolFault
from tests.unit.sharing.partnership import SAMPLE


def test_the_published_sample_has_nothing_to_reconsider() -> None:
    """The protocol of the interface description checks clean."""
    assert check(parse_protocol(SAMPLE)) == ()


@pytest.mark.parametrize(
    ("find", "write", "line", "column", "says", "wrong"),
    [
        ("concordat.child.*", "concordat.chidl.*", 18, 62, "no contract has an event type", True),
        ("concordat.risk.changed.v1", "concordat.risk.changed.v9", 18, 35, "no contract has an event type", True),
        ('"last_seen.at"', '"last_sene.at"', 21, 31, "no field", False),
        ("categories: [third_party, criminal_justice]", 'fields: ["child.nmae"]', 27, 20, "no field", True),
        ("categories: [identity]", 'fields: ["risk.level"]', 25, 46, "withheld by it", False),
        ("transform: coarse_location", "transform: year", 22, 51, "nothing is released", False),
        ("to: { role: care_provider }", "to: { agency: westmoor-council }", 17, 19, "not named among", False),
        ("to: { role: care_provider }", "to: { class: schools }", 17, 18, "not among the parties", False),
        ("episode: [open, located]", "handover: [offered]", 19, 23, "concordat.handover.*", False),
        (
            "retention:",
            "  spare: { description: d, legal_basis: { discloser: [a], recipient: [b] } }\nretention:",
            12,
            3,
            "no clause has this purpose",
            False,
        ),
    ],
)
def test_a_slip_is_found_where_it_stands(find: str, write: str, line: int, column: int, says: str, wrong: bool) -> None:
    """One change to the sample gives one finding more, at its place and of its weight."""
    found = [item for item in check(parse_protocol(SAMPLE.replace(find, write, 1))) if says in item.message]
    assert [(item.line, item.column) for item in found] == [(line, column)]
    assert isinstance(found[0], ProtocolFault if wrong else ProtocolWarning)


def test_a_permit_of_a_category_that_only_accounts_have_is_told() -> None:
    """How the child is, is an account: it counts as narrative too, so a permit of health alone releases nothing."""
    only_found = SAMPLE.replace("concordat.child.*", "concordat.child.located.v1")
    warnings = check(parse_protocol(only_found.replace("categories: [operational]", "categories: [health]", 1)))
    assert [(item.line, item.column) for item in warnings if "counts as narrative" in item.message] == [(23, 23)]


def test_a_condition_on_a_risk_that_may_not_be_seen_is_told() -> None:
    """Hearing from us only at high risk tells the home the risk, so without a permit for it there is a warning."""
    only_high = SAMPLE.replace("when: { episode: [open, located] }", "when: { risk_at_least: high }")
    assert check(parse_protocol(only_high)) == ()
    blind = only_high.replace('"risk.**", ', "").replace("[operational]", "[contact]")
    assert [item.line for item in check(parse_protocol(blind)) if "`risk.level`" in item.message] == [19]


def test_a_condition_on_a_return_that_is_never_told_is_told() -> None:
    """A clause on searches alone, open until the return, tells of the return by falling silent."""
    text = SAMPLE.replace(", concordat.child.*", "").replace("[open, located]", "[open, returned]")
    warnings = check(parse_protocol(text))
    assert ["concordat.child.returned.v1" in item.message for item in warnings] == [True]
