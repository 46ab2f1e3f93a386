"""Shared words: every code has a plain definition, and what others may change can be changed without the program."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from contracts.catalogue import CATALOGUE, leaves_of
from contracts.disclosure import NotToldReason
from contracts.fields import Leaf
from contracts.glossary_page import glossary_page
from contracts.values import Kind
from contracts.vocabulary import Jurisdiction
from contracts.vocabulary.library import InvalidVocabulary, UnknownList, enumerations, packaged, with_folder

TODAY = date(2026, 11, 22)
LISTS = packaged().names()
CODES = [leaf for event_type in sorted(CATALOGUE) for leaf in leaves_of(event_type) if leaf.kind is Kind.CODE]


def newer_risk(**changes: Any) -> dict[str, Any]:
    """The packaged list of risk levels with words that a partnership has agreed on, in force from Christmas Eve."""
    document = packaged().in_force("risk_level", TODAY).model_dump(mode="json", by_alias=True, exclude_none=True)
    document |= {"version": "2", "from": "2026-12-24", "confirmed": True}
    document["codes"][0]["term"] = "No apparent risk"
    return document | changes


def folder(root: Path, **documents: object) -> Path:
    for name, document in documents.items():
        (root / f"{name}.json").write_text(document if isinstance(document, str) else json.dumps(document))
    return root


def faults(path: Path) -> list[str]:
    with pytest.raises(InvalidVocabulary) as caught:
        with_folder(path)
    return list(caught.value.faults)


@pytest.mark.parametrize("name", sorted(enumerations()))
def test_each_enumeration_is_defined_code_by_code(name: str) -> None:
    """What logic turns on is what people read: the list has the enumeration's codes, in its order."""
    assert [each.code for each in packaged().in_force(name, TODAY).codes] == [
        each.value for each in enumerations()[name]
    ]


@pytest.mark.parametrize("name", LISTS)
def test_each_definition_is_a_sentence(name: str) -> None:
    """Definitions are read by five professions: sentences, each said once in its list."""
    current = packaged().in_force(name, TODAY)
    said = [each.definition for each in current.codes]
    assert len(set(said)) == len(said)
    for each in current.codes:
        assert all(text.endswith(".") for text in (each.definition, *each.definitions.values()))
        assert each.terms.keys() <= set(Jurisdiction)


@pytest.mark.parametrize("leaf", CODES, ids=lambda leaf: f"{leaf.path}")
def test_each_code_of_an_event_is_from_a_list(leaf: Leaf) -> None:
    """No field takes a code that nobody has defined; an event's own type is defined by its contract."""
    assert leaf.vocabulary in LISTS or leaf.path.endswith("type")


def test_wales_and_scotland_have_their_own_words() -> None:
    """An officer in Fife reads of a return discussion, a social worker in Gwent of a debrief."""
    term = packaged().term
    assert term("missing_terms", "return_interview", TODAY, Jurisdiction.SCOTLAND) == "Return discussion"
    assert term("missing_terms", "return_interview", TODAY, Jurisdiction.WALES) == "Debrief"
    assert term("missing_terms", "return_interview", TODAY) == "Return home interview"
    scots = packaged().find("missing_terms", "missing", TODAY)
    assert scots is not None
    assert "out of character" in scots.definition_in(Jurisdiction.SCOTLAND)
    assert "out of character" not in scots.definition_in(Jurisdiction.ENGLAND)


def test_a_code_that_a_list_lacks_is_shown_as_it_was_sent() -> None:
    """A placement code of a later year is not guessed at and does not fail a page."""
    assert packaged().find("placement_code", "K9", TODAY) is None
    assert packaged().term("placement_code", "K9", TODAY) == "K9"


def test_a_partnerships_words_come_into_force_on_their_day(tmp_path: Path) -> None:
    """The list of the operator stands beside the packaged one and takes its place from its first day."""
    library = with_folder(folder(tmp_path, risk=newer_risk()))
    assert library.in_force("risk_level", date(2026, 12, 23)).version == "1"
    assert library.term("risk_level", "very_low", date(2026, 12, 23)) == "Very low"
    assert library.in_force("risk_level", date(2026, 12, 24)).version == "2"
    assert library.term("risk_level", "very_low", date(2026, 12, 24)) == "No apparent risk"
    assert packaged().term("risk_level", "very_low", date(2026, 12, 24)) == "Very low"


def test_a_trial_list_that_ends_gives_way_to_the_former(tmp_path: Path) -> None:
    """Words that were agreed for a month are gone after it."""
    library = with_folder(folder(tmp_path, risk=newer_risk(until="2027-01-23")))
    assert library.in_force("risk_level", date(2027, 1, 23)).version == "2"
    assert library.in_force("risk_level", date(2027, 1, 24)).version == "1"


def test_the_same_version_is_replaced(tmp_path: Path) -> None:
    """An operator who corrects a packaged version has only the corrected one, and other lists as they were."""
    corrected = newer_risk(version="1", **{"from": "2026-01-01"})
    library = with_folder(folder(tmp_path, risk=corrected))
    assert len(library.versions["risk_level"]) == 1
    assert library.in_force("risk_level", TODAY).confirmed
    assert library.names() == LISTS


def test_a_list_of_the_operators_own_is_added(tmp_path: Path) -> None:
    """Codes on which no logic turns may be any codes, also those of a list that the contracts do not have."""
    placements = packaged().in_force("placement_code", TODAY).model_dump(mode="json", by_alias=True, exclude_none=True)
    placements |= {"version": "2027", "from": "2027-04-01"}
    placements["codes"].append({"code": "K9", "term": "Invented", "definition": "Invented for this test."})
    library = with_folder(folder(tmp_path, placements=placements, bus=newer_risk(list="bus_route")))
    assert library.term("placement_code", "K9", date(2027, 4, 1)) == "Invented"
    assert "bus_route" in library.names()


def test_there_is_no_version_before_the_first() -> None:
    """Before its first day, and under a name that is none, a list is not found."""
    for name, day in (("risk_level", date(2025, 12, 31)), ("shoe_size", TODAY)):
        with pytest.raises(UnknownList):
            packaged().in_force(name, day)


def test_the_codes_that_logic_turns_on_stay(tmp_path: Path) -> None:
    """A list that leaves out a level of risk would leave clauses without meaning: refused, with the codes to give."""
    document = newer_risk()
    del document["codes"][2]
    (told,) = faults(folder(tmp_path, risk=document))
    assert told.startswith("risk.json: /codes: the hub turns on the codes of this list: give exactly these")
    assert told.endswith(": high, low, medium, very_low")


def test_every_fault_of_a_folder_is_named_with_its_place(tmp_path: Path) -> None:
    """An operator who wrote three lists by hand is told of all that is wrong with them at once."""
    late = newer_risk(until="2026-12-01")
    twice = newer_risk()
    twice["codes"].append(twice["codes"][0])
    told = faults(
        folder(
            tmp_path,
            a="{",
            b="[]",
            c=newer_risk(**{"from": "tomorrow"}),
            d=late,
            e=twice,
            f={**newer_risk(), "extra": 1},
        )
    )
    assert [fault.split(": ")[:2] for fault in told] == [
        ["a.json", "this is not JSON in UTF-8"],
        ["b.json", "/"],
        ["c.json", "/from"],
        ["d.json", "/"],
        ["e.json", "/"],
        ["f.json", "/extra"],
    ]


@pytest.mark.parametrize(
    ("changes", "place"), [({}, "/version"), ({"version": "3"}, "/from")], ids=["same version", "same day"]
)
def test_no_day_has_two_versions(tmp_path: Path, changes: dict[str, str], place: str) -> None:
    """Two files that would both be in force from one day are refused, for nobody could say which holds."""
    told = faults(folder(tmp_path, a=newer_risk(), b=newer_risk(**changes)))
    assert [fault.split(": ")[:2] for fault in told] == [["b.json", place]]


def test_what_is_no_list_is_left_alone(tmp_path: Path) -> None:
    """A note beside the lists does no harm."""
    (tmp_path / "README.md").write_text("Agreed at the October meeting.\n")
    assert with_folder(tmp_path).names() == LISTS


def test_every_reason_of_a_receipt_can_be_given_for_a_call() -> None:
    """Who rings because of a receipt says why in the receipt's own word."""
    known = {each.code for each in packaged().in_force("relay_reason", TODAY).codes}
    assert {each.value for each in NotToldReason} <= known


def test_the_glossary_says_every_code() -> None:
    """Every code stands in the page with its definition, and what is not confirmed says so."""
    page = glossary_page()
    for name in LISTS:
        for version in packaged().versions[name]:
            for each in version.codes:
                assert f"| `{each.code}` | " in page
                assert each.definition in page
    unconfirmed = [name for name in LISTS if not packaged().in_force(name, TODAY).confirmed]
    assert {"risk_level", "intervention_level", "placement_code", "national_unit"} <= set(unconfirmed)
    assert page.count("\n- **Unconfirmed**") == len(unconfirmed)
    assert page.count("## ") == len(LISTS)
