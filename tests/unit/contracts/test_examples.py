"""Examples teach: they are whole, they show every member, and nobody real is in them."""

import json
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest

from contracts.catalogue import CATALOGUE, HISTORY, UnknownType, leaves_of
from contracts.examples import examples_of
from contracts.values import Kind
from contracts.vocabulary.library import packaged

FICTIONAL = {
    "northmere-police",
    "eastvale-council",
    "westmoor-council",
    "harbour-house",
    "northmere-health",
    "southfold-police",
    "bright-path",
}


def paths(value: Any, prefix: str = "") -> Iterator[str]:
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from paths(inner, f"{prefix}.{name}".removeprefix("."))
    elif isinstance(value, list):
        for inner in value:
            yield from paths(inner, f"{prefix}[]")
    yield prefix


@pytest.mark.parametrize("event_type", sorted(CATALOGUE))
def test_the_full_example_has_every_field(event_type: str) -> None:
    """A developer sees each field filled once."""
    shown = set(paths(examples_of(event_type).full["data"]))
    assert [leaf.path for leaf in leaves_of(event_type) if leaf.path not in shown] == []


def found(value: Any, path: str) -> list[Any]:
    """Every value at a contract path."""
    values = [value]
    for step in path.split("."):
        values = [one[step.removesuffix("[]")] for one in values if step.removesuffix("[]") in one]
        values = [item for one in values for item in one] if step.endswith("[]") else values
    return values


@pytest.mark.parametrize("event_type", sorted(CATALOGUE))
def test_the_codes_of_an_example_are_in_their_lists(event_type: str) -> None:
    """Whoever copies an example sends codes that everybody knows."""
    example = examples_of(event_type)
    for leaf in leaves_of(event_type):
        if leaf.kind is not Kind.CODE or leaf.vocabulary is None:
            continue
        known = {each.code for each in packaged().in_force(leaf.vocabulary, date(2026, 11, 22)).codes}
        for document in (example.minimal, example.full):
            assert set(found(document["data"], leaf.path)) <= known, leaf.path


@pytest.mark.parametrize("event_type", sorted(CATALOGUE))
def test_only_fictional_agencies_appear(event_type: str) -> None:
    """No real body is named in an example."""
    example = examples_of(event_type)
    kinds = {leaf.path for leaf in leaves_of(event_type) if leaf.kind == "agency"}

    def agencies(value: Any, prefix: str = "") -> Iterator[str]:
        if isinstance(value, dict):
            for name, inner in value.items():
                yield from agencies(inner, f"{prefix}.{name}".removeprefix("."))
        elif isinstance(value, list):
            for inner in value:
                yield from agencies(inner, f"{prefix}[]")
        elif prefix in kinds:
            yield value

    for document in (example.minimal, example.full):
        assert {*agencies(document["data"]), document["source"].split("/")[-1]} <= FICTIONAL | {"hub"}


def test_the_history_holds_projections_of_contracts() -> None:
    """Each earlier event in a history has only fields of its own type, though not all that the type requires."""
    events = examples_of(HISTORY).full["data"]["events"]
    assert events
    for event in events:
        known = {leaf.path for leaf in leaves_of(event["type"])}
        for path in paths(event["data"]):
            inside = any(path == each or path.startswith(each + ".") for each in known)
            above = path == "" or any(each.startswith((path + ".", path + "[]")) for each in known)
            assert inside or above, path


def test_an_example_is_its_callers_own() -> None:
    """Changing an example does not change the next one."""
    first = examples_of(HISTORY).full
    first["data"]["events"].clear()
    assert examples_of(HISTORY).full["data"]["events"]


def test_examples_are_plain_json_and_cover_the_catalogue() -> None:
    """Every type has examples that can be written to a file, and a type that is not known has none."""
    for event_type in CATALOGUE:
        example = examples_of(event_type)
        assert json.loads(json.dumps(example.full)) == example.full
        assert example.full["type"] == event_type
    with pytest.raises(UnknownType):
        examples_of("concordat.canary.sung.v1")
