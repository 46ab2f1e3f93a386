"""What a sender gets for a malformed event: every fault by its place and what to do, and nothing of it repeated."""

import json
from collections.abc import Iterator
from copy import deepcopy
from typing import Any

import pytest

from contracts.catalogue import CATALOGUE
from contracts.examples import examples_of
from contracts.parse import Fault, InvalidEvent, parse_data, parse_event

CANARY = "Canary-7f3a"
LOCATED = "concordat.child.located.v1"
OPENED = "concordat.episode.opened.v1"
PUBLISHED = sorted(name for name, contract in CATALOGUE.items() if not contract.derived)


def faults_of(document: object) -> tuple[Fault, ...]:
    with pytest.raises(InvalidEvent) as caught:
        parse_event(document)
    assert caught.value.__cause__ is None
    return caught.value.faults


def located(**changes: Any) -> dict[str, Any]:
    return {**examples_of(LOCATED).minimal, **changes}


def where(faults: tuple[Fault, ...]) -> list[tuple[str, str]]:
    return [(fault.pointer, fault.code) for fault in faults]


@pytest.mark.parametrize("event_type", sorted(CATALOGUE))
def test_what_was_read_and_written_is_read_the_same(event_type: str) -> None:
    """An event that the hub gives out again says what it said when it came in."""
    for document in (examples_of(event_type).minimal, examples_of(event_type).full):
        contract = CATALOGUE[event_type]
        first = parse_data(contract, document["data"])
        plain = json.loads(first.model_dump_json(exclude_none=True, exclude_unset=True))
        second = parse_data(contract, plain)
        assert second == first
        assert second.model_fields_set == first.model_fields_set
        assert json.loads(second.model_dump_json(exclude_none=True, exclude_unset=True)) == plain


@pytest.mark.parametrize("event_type", PUBLISHED)
def test_a_parsed_event_gives_its_data_back(event_type: str) -> None:
    """`plain()` holds what was sent and nothing by default; null and absent are the same."""
    document = examples_of(event_type).minimal
    parsed = parse_event(document)
    assert parsed.plain().keys() == document["data"].keys()
    assert parse_event({**document, "data": parsed.plain()}).data == parsed.data
    assert parse_event({**document, "data": {**document["data"], "provenance": None}}).plain() == parsed.plain()


@pytest.mark.parametrize("event_type", sorted(name for name, contract in CATALOGUE.items() if contract.derived))
def test_no_agency_can_speak_as_the_hub(event_type: str) -> None:
    """What only the hub publishes has a source that no agency's event can have."""
    assert where(faults_of(examples_of(event_type).full)) == [("/source", "value_error")]


@pytest.mark.parametrize("event_type", sorted(CATALOGUE))
def test_the_invalid_example_has_the_fault_that_it_shows(event_type: str) -> None:
    """Whoever learns from the invalid example sees one fault, at the place that is named."""
    example = examples_of(event_type)
    with pytest.raises(InvalidEvent) as caught:
        parse_data(CATALOGUE[event_type], example.invalid["data"])
    assert where(caught.value.faults) == [(example.fault.pointer, example.fault.code)]


@pytest.mark.parametrize("document", [None, [], "text", 1, True])
def test_an_event_is_an_object(document: object) -> None:
    """A body that is no object is refused as a whole."""
    assert where(faults_of(document)) == [("", "not_an_object")]


@pytest.mark.parametrize(
    ("changes", "pointer", "code"),
    [
        ({"specversion": "0.3"}, "/specversion", "literal_error"),
        ({"specversion": 1.0}, "/specversion", "literal_error"),
        ({"id": 7}, "/id", "string_type"),
        ({"id": "01jd6qk3z8t0v5w2n4y6b8c0d1"}, "/id", "string_pattern_mismatch"),
        ({"id": "EX-0001"}, "/id", "string_pattern_mismatch"),
        ({"id": "\ud800"}, "/id", "string_unicode"),
        ({"source": "/hub"}, "/source", "value_error"),
        ({"source": "/agencies/Harbour House"}, "/source", "value_error"),
        ({"source": "/agencies/harbour-house\n"}, "/source", "value_error"),
        ({"subject": "episode/01jd6qk3z8t0v5w2n4y6b8c0cx"}, "/subject", "value_error"),
        ({"subject": "child/EX-0001"}, "/subject", "value_error"),
        ({"type": "missing"}, "/type", "string_pattern_mismatch"),
        ({"type": "concordat.child.located.v2"}, "/type", "unknown_type"),
        ({"time": 1795383600}, "/time", "datetime_type"),
        ({"time": "1795383600"}, "/time", "value_error"),
        ({"time": "2026-11-22T21:40:00"}, "/time", "value_error"),
        ({"time": "0001-01-01T00:00:00+14:00"}, "/time", "value_error"),
        ({"datacontenttype": "text/plain"}, "/datacontenttype", "value_error"),
        ({"concordataudience": "+agency:harbour-house"}, "/concordataudience", "value_error"),
        ({"concordatactor": "a\u0000b"}, "/concordatactor", "string_pattern_mismatch"),
        ({"data": None}, "/data", "dict_type"),
        ({"data": []}, "/data", "dict_type"),
        ({"data": "{}"}, "/data", "dict_type"),
        ({"data_base64": "e30="}, "/data_base64", "not_json"),
        ({"Odd-Name": 1}, "", "value_error"),
        ({"averyveryverylongname": 1}, "", "value_error"),
        ({"odd": {}}, "", "value_error"),
        ({"odd": 0.5}, "", "value_error"),
        ({"odd": 2**31}, "", "value_error"),
        ({"odd": "\ud800"}, "", "value_error"),
        ({"odd": "\u0007"}, "", "value_error"),
        ({7: "odd"}, "", "invalid_key"),
    ],
)
def test_a_wrong_envelope_is_refused_at_its_place(changes: dict[Any, Any], pointer: str, code: str) -> None:
    """Each attribute is held to its form, and the fault points at it; an odd extension is not named."""
    document: dict[Any, Any] = {**located(), **changes}
    assert where(faults_of(document)) == [(pointer, code)]


@pytest.mark.parametrize("name", ["specversion", "id", "source", "type", "data"])
def test_a_missing_attribute_is_asked_for(name: str) -> None:
    """What every event needs is named when it is not there."""
    document = located()
    del document[name]
    assert where(faults_of(document)) == [(f"/{name}", "missing")]


@pytest.mark.parametrize(
    "changes",
    [
        {"id": "A0EEBC99-9c0b-4ef8-bb6d-6bb9bd380a11"},
        {"source": "//hub.northmere.example/agencies/harbour-house"},
        {"traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"},
        {"odd": None},
        {"odd": -(2**31)},
        {"odd": True},
        {"time": None, "subject": None, "datacontenttype": None},
        {"datacontenttype": "Application/JSON; charset=utf-8"},
        {"concordataudience": "-agency:harbour-house -field:last_seen.place"},
    ],
)
def test_what_cloudevents_allows_is_accepted(changes: dict[str, Any]) -> None:
    """A null attribute is one not sent; extensions that the hub does not know do no harm."""
    assert parse_event(located(**changes)).envelope.type == LOCATED


def nested(depth: int) -> list[Any]:
    inner: list[Any] = []
    for _ in range(depth):
        inner = [inner]
    return inner


@pytest.mark.parametrize(
    ("value", "code"),
    [
        (float("nan"), "not_json"),
        (float("inf"), "not_json"),
        (2**70, "not_json"),
        ("\ud800", "not_json"),
        (nested(300), "json_invalid"),
        (nested(100_000), "not_json"),
    ],
)
def test_data_that_json_cannot_carry_is_refused(value: object, code: str) -> None:
    """Not a number, a number that others would round, half a character, a tower of brackets: refused, not a crash."""
    assert where(faults_of(located(data={"located_at": value}))) == [("/data", code)]
    assert where(faults_of(located(data={"located_at": "2026-11-22T21:40:00Z", "place": {"words": value}}))) == [
        ("/data", code)
    ]


@pytest.mark.parametrize(
    ("data", "pointer", "code"),
    [
        ({"intervention_level": "2"}, "/data/intervention_level", "int_type"),
        ({"intervention_level": True}, "/data/intervention_level", "int_type"),
        ({"intervention_level": 4}, "/data/intervention_level", "less_than_equal"),
        ({"protected_whereabouts": 1}, "/data/protected_whereabouts", "bool_type"),
        ({"protected_whereabouts": "true"}, "/data/protected_whereabouts", "bool_type"),
        ({"protected_whereabouts": None}, "/data/protected_whereabouts", "bool_type"),
        ({"force_reference": 12}, "/data/force_reference", "string_type"),
        ({"child": []}, "/data/child", "model_type"),
        ({"child": {"birth_date": "2012-02-30"}}, "/data/child/birth_date", "value_error"),
        ({"child": {"birth_date": 20120229}}, "/data/child/birth_date", "date_type"),
        ({"circumstances": "text"}, "/data/circumstances", "model_type"),
        ({"circumstances": {"text": "x", "contains": ["gossip"]}}, "/data/circumstances/contains/0", "enum"),
        ({"circumstances": {"text": "x" * 8001}}, "/data/circumstances/text", "string_too_long"),
        ({"involved": {}}, "/data/involved", "tuple_type"),
        ({"involved": [{"agency": "a", "role": "health"}] * 51}, "/data/involved", "too_long"),
        ({"last_seen": {"place": {"point": {"latitude": "1", "longitude": 1}}}}, None, "float_type"),
        ({"last_seen": {"place": {"point": {"latitude": True, "longitude": 1}}}}, None, "float_type"),
        ({"child": {"shoe_size": 4}}, "/data/child", "extra_forbidden"),
        ({7: "odd"}, "/data", "string_type"),
    ],
)
def test_wrong_data_is_refused_at_its_place(data: dict[Any, Any], pointer: str | None, code: str) -> None:
    """Reading is strict: text is no number, one is not true, and a fault points at the member that holds it."""
    pointer = "/data/last_seen/place/point/latitude" if pointer is None else pointer
    document = {**examples_of(OPENED).minimal, "data": {"child": {}, **data}}
    assert where(faults_of(document)) == [(pointer, code)]


def test_every_fault_is_named_at_once() -> None:
    """A developer mends an event in one round, not in five."""
    document = {**examples_of(OPENED).minimal, "data": {"jurisdiction": "france", "intervention_level": 0}}
    assert [fault.pointer for fault in faults_of(document)] == [
        "/data/child",
        "/data/jurisdiction",
        "/data/intervention_level",
    ]


def test_faults_say_what_to_do_in_our_own_words() -> None:
    """No sentence of a library reaches the sender; the codes that may be sent are listed."""
    document = {**examples_of(OPENED).minimal, "data": {"child": {"name": ""}, "jurisdiction": "france"}}
    assert [fault.message for fault in faults_of(document)] == [
        "send at least 1 characters, or leave the member out",
        "send one of the codes 'england', 'wales' or 'scotland'",
    ]


def spoiled(value: Any) -> Iterator[Any]:
    """Yield copies of a JSON value in which one place at a time holds the canary, as value, member or member's name."""
    yield from (CANARY, CANARY + "\n" * 9000, [CANARY], {CANARY: CANARY})
    if isinstance(value, dict):
        yield {**value, CANARY: 1}
        yield {**value, CANARY + "~/": {CANARY: CANARY}}
        for name, inner in value.items():
            yield from ({**value, name: other} for other in spoiled(inner))
            yield {(CANARY if key == name else key): each for key, each in value.items()}
    elif isinstance(value, list):
        for place, inner in enumerate(value):
            yield from ([*value[:place], other, *value[place + 1 :]] for other in spoiled(inner))


@pytest.mark.parametrize("event_type", PUBLISHED)
def test_no_fault_repeats_what_was_sent(event_type: str) -> None:
    """A name sent to the wrong field, or as a field, does not end in an error that others read."""
    refused = 0
    for document in spoiled(examples_of(event_type).full):
        before = deepcopy(document)
        said = said_of(document)
        refused += bool(said)
        assert not any("canary" in text.lower() for text in said)
        assert document == before
    assert refused > 50


def said_of(document: object) -> list[str]:
    """Return everything that a refusal says, or nothing if the event is accepted."""
    try:
        parse_event(document)
    except InvalidEvent as error:
        return [str(error), repr(error), *(repr(fault) for fault in error.faults)]
    return []
