"""A code that no list has: taken and handed on as it is, and said in the receipt."""

import json

import pytest

from contracts.vocabulary.library import packaged, with_folder

NOTIFIED = "concordat.placement.notified.v1"
CODE = "QUILLFEATHER_HOME"


def warned(doors, code):
    """Return what the council is warned of when it places a child under a code."""
    data = {
        "child": {"local_reference": "EC-2041"},
        "placement": {"began_at": "2026-11-01T09:00:00Z", "code": code},
        "involved": [],
    }
    receipt = doors.publish("eastvale-council", NOTIFIED, data).receipt
    assert CODE not in receipt.model_dump_json()
    return [(one.code, one.pointer) for one in receipt.warnings]


@pytest.fixture
def own_list(tmp_path):
    """The packaged list of placement codes with one more, as an operator writes it."""
    document = packaged().versions["placement_code"][-1].model_dump(mode="json", by_alias=True, exclude_none=True)
    document["codes"].append({"code": CODE, "term": "Invented kind", "definition": "A kind of our partnership."})
    (tmp_path / "placement_code.json").write_text(json.dumps(document))
    return tmp_path


def test_a_code_of_no_list_is_taken_and_said(doors):
    """A new code that the hub has not been told of never blocks a report; whoever sent it is told that it is one."""
    assert warned(doors, "K2") == []
    assert warned(doors, CODE) == [("unknown_code", "/data/placement/code")]


def test_a_word_without_a_code_is_warned_of_once(doors):
    """Who says that there is no code is not told that the code is unknown as well."""
    assert warned(doors, {"unmapped": "our own kind"}) == [("unmapped_code", "/data/placement/code")]


def test_a_list_of_the_operator_takes_the_place_of_the_packaged_one(build, own_list):
    """The partnership adds a code to its list, and the hub knows it without a change of the program."""
    doors = build(words=with_folder(own_list))
    assert warned(doors, CODE) == warned(doors, "K2") == []


def test_a_code_before_the_first_day_of_its_list_is_unknown(build, own_list):
    """A version that comes into force next year does not count tonight."""
    file = own_list / "placement_code.json"
    document = json.loads(file.read_text()) | {"version": "2", "from": "2027-01-01"}
    file.write_text(json.dumps(document))
    assert warned(build(words=with_folder(own_list)), CODE) == [("unknown_code", "/data/placement/code")]
