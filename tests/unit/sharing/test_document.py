"""Reading a protocol from YAML: one meaning, and every fault at its line and column."""

import json

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from broker.sharing.document import InvalidProtocol, parse_protocol
from broker.sharing.tree import read_tree
from contracts.categories import Category
from contracts.protocol import Transform, signed_bytes
from contracts.vocabulary import EpisodeStatus, Role
from tests.unit.sharing.partnership import SAMPLE


def test_the_published_sample_is_read_word_for_word() -> None:
    """The protocol of the interface description parses, and says what it says there."""
    parsed = parse_protocol(SAMPLE)
    (clause,) = parsed.protocol.clauses
    assert parsed.protocol.reference == "northmere-missing-children@3"
    assert parsed.document["in_force"] == {"from": "2026-09-01", "until": "2027-08-31", "review_by": "2027-06-01"}
    assert clause.to.role is Role.CARE_PROVIDER
    assert clause.when is not None
    assert clause.when.episode == (EpisodeStatus.OPEN, EpisodeStatus.LOCATED)
    assert [permit.transform for permit in clause.permit] == [None, Transform.COARSE_LOCATION, None]
    assert clause.forbid[0].categories == (Category.THIRD_PARTY, Category.CRIMINAL_JUSTICE)
    assert clause.forbid[1].absolute
    assert b"signatures" not in signed_bytes(parsed.document)


@pytest.mark.parametrize(
    ("find", "write", "line", "column", "says"),
    [
        ("version: 3", 'version: "3"', 2, 10, "whole number"),
        ("version: 3", "version: 3.5", 2, 10, "whole number"),
        ("title: N", "titel: N", 3, 1, "no `titel` here"),
        ("title: N", "titel: N", 1, 1, "`title` is missing"),
        ("title: Northmere safeguarding partnership, children who go missing", "title: 1984", 3, 8, "in quotes"),
        ("  - class: childrens_homes", "  - class: Homes", 7, 12, "lower case"),
        ("  - class: childrens_homes", "  - agency: eastvale-council", 7, 5, "stands twice"),
        ("  - class: childrens_homes", "  - {}", 7, 5, "exactly one of: agency, class"),
        ("from: 2026-09-01", "from: 2026-02-30", 8, 19, "no such day"),
        ("from: 2026-09-01", "from: 01/09/2026", 8, 19, "YYYY-MM-DD"),
        ("until: 2027-08-31", "until: 2025-08-31", 8, 38, "earlier than from"),
        ("review_by: 2027-06-01", "review_by: 2029-06-01", 8, 61, "between from and until"),
        ("  find-and-protect", "  Find", 10, 3, "lower case"),
        ("P30D", "30 days", 12, 23, "ISO 8601"),
        ("care-provider-during-search", "Care Provider", 14, 9, "lower case"),
        ("purpose: find-and-protect", "purpose: gossip", 15, 14, "not among the protocol's purposes"),
        ("discloser: part3", "discloser: part4", 16, 26, "write one of"),
        ("role: care_provider", "role: neighbour", 17, 17, "write one of"),
        ("concordat.risk.changed.v1", "risk.changed", 18, 35, "event type"),
        ("[open, located]", "open", 19, 22, "write a list"),
        ("[open, located]", "[open, lost]", 19, 29, "write one of"),
        ('"risk.**"', '"risk..level"', 21, 20, "contract path"),
        ("transform: initials", "tranform: initials", 25, 35, "no `tranform` here"),
        ("transform: initials", "tranform: initials", 25, 9, "`transform` is missing"),
        ("absolute: true", "absolute: yes", 28, 58, "true or false"),
        ("version: 3", "version: 3\nversion: 4", 3, 1, "already, at line 2"),
        ("version: 3", "version: &v 3", 2, 10, "anchors"),
        ("version: 3", "version: *v", 2, 10, "aliases"),
        ("version: 3", "version: !!int 3", 2, 10, "tags"),
        ("version: 3", "version: ! 3", 2, 10, "tags"),
        ("version: 3", "version: 90071992547409920", 2, 10, "too large"),
        ("version: 3", "version: .inf", 2, 10, "finite"),
        ("version: 3", "version: 1e999", 2, 10, "finite"),
        ("version: 3", "version: 3\n12: x", 3, 1, "put it in quotes"),
        ("version: 3", "version: 3\n? [a]\n: x", 3, 3, "put it in quotes"),
        ("version: 3", 'version: "\\udc00"', 2, 10, "surrogate"),
        ("version: 3", "version: [3", 3, 6, "not YAML"),
        ("version: 3", "version: \t3\x07", 2, 12, "not allowed"),
        ("signatures:", "---\nsignatures:", 29, 1, "second document"),
    ],
)
def test_a_fault_is_named_where_it_stands(find: str, write: str, line: int, column: int, says: str) -> None:
    """A slip in the sample is reported at its own line and column, with what to do."""
    assert SAMPLE.count(find) >= 1
    with pytest.raises(InvalidProtocol) as caught:
        parse_protocol(SAMPLE.replace(find, write, 1))
    found = [(fault.line, fault.column) for fault in caught.value.faults if says in fault.message]
    assert found == [(line, column)]


def test_every_fault_is_reported_at_once() -> None:
    """Three slips give three faults in the order of the text, not one after the other."""
    text = SAMPLE.replace("version: 3", "version: x").replace("P30D", "x").replace("part3", "x")
    with pytest.raises(InvalidProtocol) as caught:
        parse_protocol(text)
    assert [fault.line for fault in caught.value.faults] == [2, 12, 16]


@pytest.mark.parametrize("text", ["", "# nothing\n", "- a list\n", "text", "%YAML 1.2\n---\na: 1\n", "[" * 60, "a: [{"])
def test_what_is_no_protocol_is_refused(text: str) -> None:
    """Empty, of another shape, with directives, or without end: each is refused with a place."""
    with pytest.raises(InvalidProtocol) as caught:
        parse_protocol(text)
    assert all(fault.line >= 1 and fault.column >= 1 for fault in caught.value.faults)


def test_a_text_of_a_megabyte_is_not_read() -> None:
    """A document beyond any protocol's size is refused before it is read."""
    assert [fault.line for fault in read_tree("a: " + "x" * 1_000_000).faults] == [1]


@pytest.mark.parametrize(
    ("written", "means"),
    [
        ("yes", "yes"),
        ("No", "No"),
        ("on", "on"),
        ("2026-09-01", "2026-09-01"),
        ("12:30:45", "12:30:45"),
        ("1_000", "1_000"),
        ("0b11", "0b11"),
        ("<<", "<<"),
        ("=", "="),
        ("017", 17),
        ("0o17", 15),
        ("0x1F", 31),
        ("+3", 3),
        ("-3", -3),
        ("true", True),
        ("FALSE", False),
        ("~", None),
        ("null", None),
        ("", None),
        (".5", 0.5),
        ("1e3", 1000.0),
        ("'true'", "true"),
        ('"3"', "3"),
        ("nul", "nul"),
    ],
)
def test_plain_values_follow_the_core_schema(written: str, means: object) -> None:
    """What is a number, a truth value or nothing is decided by YAML 1.2, whatever older readers made of it."""
    tree = read_tree(f"a: {written}\n")
    assert tree.faults == ()
    assert tree.value == {"a": means}
    assert type(tree.value["a"]) is type(means)


PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.text(st.characters(codec="utf-8")),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(st.characters(codec="utf-8")), inner, max_size=3)
    ),
    max_leaves=8,
)


@given(PLAIN)
def test_json_is_read_as_json(value: object) -> None:
    """A document written as JSON has in YAML the same signed bytes: there is one reading."""
    tree = read_tree(json.dumps(value, ensure_ascii=True).replace("\\ud", "\\uD"))
    if tree.faults:
        # JSON writes characters beyond the first plane as two halves, which YAML does not put together again.
        assert any(ord(sign) > 0xFFFF for sign in json.dumps(value, ensure_ascii=False))
    else:
        assert rfc8785.dumps(tree.value) == rfc8785.dumps(value)


@given(st.text(alphabet=' \n\t-:[]{}#&*!|>"%@`,?abc013.~<=', max_size=60))
def test_no_text_breaks_the_reader(text: str) -> None:
    """Whatever is written, the answer is a protocol or faults with places."""
    with pytest.raises(InvalidProtocol) as caught:
        parse_protocol(text)
    assert caught.value.faults
