"""An agency's own words go in, the contract's come out, and what does not fit is said and never guessed."""

import json
from pathlib import Path

import pytest

from adapters.sdk.mapping import Mapping
from contracts.catalogue import contract_of
from contracts.parse import parse_data
from tests.unit.adapters.mapping.conftest import CHILD, OPENED, RETURNED, document, faults, gaps, made, mapping

ROOT = Path(__file__).parents[4]
CANARY = "Wren Canary"
WORRY = {"to": "risk.level", "column": "Worry", "codes": {"absent": "very_low", "worried": "medium", "n/a": None}}


def test_a_word_becomes_the_code_that_stands_for_it():
    """Absent, as it was called, is very low."""
    assert made([WORRY], {"Worry": " absent "}) == ({"risk": {"level": "very_low"}}, [])


def test_a_word_without_a_code_is_carried_as_it_stood():
    """The level goes out as the home's own word, under the level's own place, and is reported."""
    data, found = made([WORRY], {"Worry": "Amber"})
    assert data == {"risk": {"level": {"unmapped": "Amber"}}}
    assert found == [("unmapped_code", "risk.level", True)]


def test_the_case_of_letters_counts_unless_the_mapping_says_that_it_does_not():
    """M and m may be two things; where they are not, the mapping says so."""
    assert made([WORRY], {"Worry": "ABSENT"})[0] == {"risk": {"level": {"unmapped": "ABSENT"}}}
    assert made([WORRY | {"ignore_case": True}], {"Worry": "ABSENT"})[0] == {"risk": {"level": "very_low"}}


@pytest.mark.parametrize("word", ["", "  ", "?", "n/a"])
def test_nothing_said_is_nothing_sent(word):
    """An empty box, what the form uses for one, and a word that means nothing to say leave the field out."""
    rules = {"to": "provenance.reported_via", "column": "Via", "codes": {"rung": "phone", "n/a": None}, "empty": ["?"]}
    assert made([rules], {"Via": word}) == ({}, [])
    assert made([rules], {}) == ({}, [])


def test_a_long_text_is_no_code_and_is_not_carried_as_one():
    """What is too long to be a word is left out and reported, and so is any word where the mapping wants that."""
    via = {"to": "provenance.reported_via", "column": "Via", "codes": {"rung": "phone"}}
    assert made([via], {"Via": "x" * 101}) == ({}, [("unmapped_code", "provenance.reported_via", False)])
    assert made([via | {"unmapped": "leave_out"}], {"Via": "fax"}) == (
        {},
        [("unmapped_code", "provenance.reported_via", False)],
    )


def test_an_agency_that_is_not_known_is_not_named_and_nor_is_its_part():
    """A word for an agency has no code to stand in for: the whole item is left out, and the others close up."""
    rules = []
    for number, (column, role) in enumerate([("Placed by", "responsible_authority"), ("Doctor", "health")]):
        codes = {"Eastvale": "eastvale-council", "Dr Test": "northmere-health", "none": None}
        rules += [
            {"to": f"involved[{number}].agency", "column": column, "codes": codes},
            {"to": f"involved[{number}].role", "constant": role},
        ]
    data, found = made(rules, {"Placed by": "Oldshire", "Doctor": "Dr Test"})
    assert data == {"involved": [{"agency": "northmere-health", "role": "health"}]}
    assert found == [("unmapped_code", "involved[0].agency", False), ("item_left_out", "involved[0].agency", False)]
    assert made(rules, {"Placed by": "none"}) == ({}, [])


def test_a_role_that_is_not_known_makes_nobody_involved():
    """The hub acts on a role, so no word of no known meaning is sent as one."""
    rules = [
        {"to": "involved[0].agency", "column": "Who"},
        {"to": "involved[0].role", "column": "As", "codes": {"council": "responsible_authority"}},
    ]
    data, found = made(rules, {"Who": "eastvale-council", "As": "EDT"})
    assert data == {}
    assert [kind for kind, _, _ in found] == ["unmapped_code", "item_left_out"]


def test_an_unread_flag_never_counts_as_not_flagged():
    """Left out, it would say that the address is no secret: the event is not made, or the careful side is taken."""
    rule = {"to": "protected_whereabouts", "column": "Secret", "codes": {"Y": True, "N": False}}
    for word, flag in (("Y", True), ("N", False)):
        (event,) = mapping(CHILD, rule).apply({"Child": "EX-1", "Secret": word}).events
        assert event.data["protected_whereabouts"] is flag
    refused = mapping(CHILD, rule).apply({"Child": "EX-1", "Secret": "yes"})
    assert refused.events == ()
    assert [kind for kind, _, _ in gaps(refused)] == ["unmapped_code", "absence_would_speak"]
    data, found = made([rule | {"otherwise": True}], {"Secret": "yes"})
    assert data == {"protected_whereabouts": True}
    assert found == [("assumed_flag", "protected_whereabouts", False)]


def test_an_account_says_what_it_contains():
    """A column for accounts is declared with what it holds; one that is not counts as everything."""
    rules = [
        {"to": "circumstances", "column": "Story", "prefix": "Form: ", "contains": ["narrative"], "basis": "hearsay"},
        {"to": "last_seen.seen_with", "column": "With"},
    ]
    data, _ = made(rules, {"Story": "Left after a call.", "With": "a friend"})
    assert data == {
        "circumstances": {"text": "Form: Left after a call.", "contains": ["narrative"], "basis": "hearsay"},
        "last_seen": {"seen_with": {"text": "a friend"}},
    }


def test_numbers_identifiers_and_places_are_put_in_the_contracts_form():
    """An NHS number loses its blanks, a level is a number, a place has its parts."""
    rules = [
        {"to": "child.nhs_number", "column": "NHS", "remove": " -"},
        {"to": "intervention_level", "column": "Level"},
        {"to": "last_seen.place.words", "column": "Where"},
        {"to": "last_seen.place.point.latitude", "column": "Lat"},
        {"to": "last_seen.place.point.longitude", "column": "Lon"},
    ]
    row = {"NHS": "943-476 5919", "Level": "2", "Where": "by the harbour", "Lat": "51.5", "Lon": "-0.12"}
    data, found = made(rules, row)
    assert data == {
        "child": {"nhs_number": "9434765919"},
        "intervention_level": 2,
        "last_seen": {"place": {"words": "by the harbour", "point": {"latitude": 51.5, "longitude": -0.12}}},
    }
    assert found == []
    assert made([rules[1]], {"Level": "two"}) == ({}, [("unreadable", "intervention_level", False)])
    assert made([rules[1]], {"Level": 3})[0] == {"intervention_level": 3}


def test_an_event_against_its_contract_is_not_made():
    """A wrong check digit is found before anything is sent, and the digits stand in no report."""
    applied = mapping(CHILD, {"to": "child.nhs_number", "column": "NHS"}).apply({"Child": "EX-1", "NHS": "9434765918"})
    assert applied.events == ()
    assert gaps(applied) == [("against_contract", "/data/child/nhs_number", False)]
    assert "9434765918" not in repr(applied)


def test_a_row_makes_what_its_conditions_say():
    """One row of a form opens an episode and says that the child is back; a draft is passed over with its reason."""
    events = [
        {"type": OPENED, "when": [{"column": "Status", "is": ["AWOL", "missing"]}], "fields": [CHILD]},
        {
            "type": RETURNED,
            "when": [{"column": "Back", "filled": True}],
            "fields": [
                {"to": "returned_at", "column": "Back", "format": "%d/%m/%Y %H:%M"},
                {"to": "setting", "constant": {"unmapped": "not on the form"}},
            ],
        },
    ]
    draft = [{"when": [{"column": "Status", "is": ["draft"]}], "because": "not sent in yet"}]
    form = mapping(events=events, pass_over=draft, empty=["--"])
    both = form.apply({"Child": "EX-1", "Status": "AWOL", "Back": "23/11/2026 01:05"})
    assert [one.type for one in both.events] == [OPENED, RETURNED]
    assert both.events[1].data == {
        "returned_at": "2026-11-23T01:05:00.000Z",
        "setting": {"unmapped": "not on the form"},
    }
    assert [one.type for one in form.apply({"Child": "EX-1", "Status": "AWOL", "Back": "--"}).events] == [OPENED]
    assert form.apply({"Child": "EX-1", "Status": "draft", "Back": "x"}).passed_over == "not sent in yet"
    assert form.apply({"Child": "EX-1", "Status": "?"}).events == ()


def test_what_comes_out_satisfies_the_contract_and_shows_nobody():
    """Whatever a row holds, an event that is made is right; and neither rows nor events are printed by accident."""
    rules = [CHILD, WORRY, {"to": "child.name", "column": "Name"}]
    for word in ("absent", "", "x" * 99, "é😀", '"', CANARY):
        applied = mapping(*rules).apply({"Child": "EX-1", "Worry": word or "worried", "Name": CANARY})
        (event,) = applied.events
        parse_data(contract_of(event.type), event.data)
        assert CANARY in json.dumps(event.data)
        assert CANARY not in repr(applied)


def test_a_list_that_an_operator_may_replace_is_looked_up(tmp_path):
    """A code of a list that no schema has is known from the library: the packaged one, or the operator's own."""
    from contracts.vocabulary.library import with_folder  # noqa: PLC0415 (used here alone)

    rule = {"to": "reason", "column": "Why", "codes": {"18": "turned_18", "sank": "sank"}}
    fields = [{"to": "child.local_reference", "column": "Child"}, {"to": "ended_at", "column": "Until"}, rule]
    content = document(*fields, event_type="concordat.placement.ended.v1")
    assert list(faults(content)) == ["/events/0/fields/2/codes"]
    listed = json.loads((ROOT / "contracts/vocabulary/lists/placement_end_reason.json").read_text())
    code = listed["codes"][0]["code"]
    rule["codes"]["18"] = code
    listed["codes"].append({"code": "sank", "term": "sank", "definition": "The home was a boat."})
    (tmp_path / "placement_end_reason.json").write_text(json.dumps(listed))
    form = Mapping.read(json.dumps(content).encode(), with_folder(tmp_path))
    for word, reason in (("18", code), ("sank", "sank"), ("burnt", {"unmapped": "burnt"})):
        (event,) = form.apply({"Child": "EX-1", "Until": "2026-11-01T09:00:00Z", "Why": word}).events
        assert event.data["reason"] == reason
