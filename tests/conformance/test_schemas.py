"""The JSON Schemas say what the hub does: an independent validator and our parser give one verdict on every event."""

import json
import re
from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator, FormatChecker

from contracts import generate
from contracts.catalogue import CATALOGUE, leaves_of
from contracts.examples import examples_of
from contracts.identifiers import UPN, check_nhs_number, check_upn
from contracts.json_schema import SCHEMA_BASE, schema_of
from contracts.parse import InvalidEvent, parse_data, parse_event

ROOT = Path(__file__).parents[2]
TYPES = sorted(CATALOGUE)
FORMATS = FormatChecker(formats=())


@FORMATS.checks("date-time", raises=ValueError)
def is_timestamp(value: object) -> bool:
    """Say whether text is a timestamp of a day in the calendar; its form is the schema's pattern."""
    return not isinstance(value, str) or datetime.fromisoformat(value.upper()).tzinfo is not None


@FORMATS.checks("date", raises=ValueError)
def is_day(value: object) -> bool:
    """Say whether text is a day in the calendar."""
    return not isinstance(value, str) or bool(date.fromisoformat(value))


VALIDATORS = {event_type: Draft202012Validator(schema_of(event_type), format_checker=FORMATS) for event_type in TYPES}


def schema_accepts(event_type: str, document: object) -> bool:
    return bool(VALIDATORS[event_type].is_valid(document))


def parser_accepts(event_type: str, document: dict[str, Any]) -> bool:
    contract = CATALOGUE[event_type]
    if contract.derived:
        # No agency may publish it, so that only its data is ever read from outside.
        if not isinstance(document.get("data"), dict):
            return False
        try:
            parse_data(contract, document["data"])
        except InvalidEvent:
            return False
        return True
    try:
        return parse_event(document).envelope.type == event_type
    except InvalidEvent:
        return False


@dataclass(frozen=True)
class Difference:
    """Where a schema accepts what the parser refuses, and why a schema cannot do otherwise."""

    why: str
    explains: Callable[[Any], bool]
    """Whether the difference lies in one value (or object, or name of a member) of the event."""
    example: dict[str, Any]
    """Data of `concordat.episode.opened.v1`, or attributes where the name is one of the envelope."""


def _fails(check: Callable[[str], object], shape: str, value: object) -> bool:
    try:
        return isinstance(value, str) and re.fullmatch(shape, value) is not None and check(value) is None
    except ValueError:
        return True


def _backwards(value: object) -> bool:
    if not isinstance(value, dict) or set(value) != {"earliest", "latest"}:
        return False
    try:
        return datetime.fromisoformat(value["latest"].upper()) < datetime.fromisoformat(value["earliest"].upper())
    except (AttributeError, TypeError, ValueError):
        return False


_EDGE = re.compile(r"(1900-01-01|2099-12-31)[Tt].*")

DIFFERENCES = (
    Difference(
        "a schema cannot count a check digit",
        lambda value: _fails(check_nhs_number, "[0-9]{10}", value) or _fails(check_upn, UPN, value),
        {"child": {"nhs_number": "9434765918"}},
    ),
    Difference(
        "a schema cannot compare two times",
        _backwards,
        {"child": {}, "last_seen": {"between": {"earliest": "2026-11-22T20:00:00Z", "latest": "2026-11-22T19:00:00Z"}}},
    ),
    Difference(
        "a schema cannot shift a time to UTC, where the year may be another one",
        lambda value: isinstance(value, str) and _EDGE.fullmatch(value) is not None,
        {"child": {}, "reported_at": "2099-12-31T23:59:59-01:00"},
    ),
    Difference(
        "this validator's `$` also matches before a line feed at the end, which ECMA-262's does not",
        lambda value: isinstance(value, str) and value.endswith("\n"),
        {"child": {"nhs_number": "9434765919\n"}},
    ),
    Difference(
        "to a schema 2.0 is an integer; an attribute of CloudEvents has no point",
        lambda value: isinstance(value, float) and value.is_integer(),
        {"odd": 2.0},
    ),
    Difference(
        "half a surrogate pair is no text that can be sent as UTF-8, yet this validator reads it",
        lambda value: isinstance(value, str) and any("\ud800" <= character <= "\udfff" for character in value),
        {"child": {"name": "\ud800"}},
    ),
    Difference(
        "a number that is not finite or that others would round is no JSON for all (RFC 8785)",
        lambda value: (
            (isinstance(value, float) and not abs(value) < float("inf"))
            or (isinstance(value, int) and abs(value) >= 2**53)
        ),
        {"child": {}, "last_seen": {"place": {"point": {"latitude": float("nan"), "longitude": 0}}}},
    ),
)


def values_in(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return [value, *value, *(each for inner in value.values() for each in values_in(inner))]
    if isinstance(value, list):
        return [each for inner in value for each in values_in(inner)]
    return [value]


def explained(document: dict[str, Any]) -> list[str]:
    return [each.why for each in DIFFERENCES if any(each.explains(value) for value in values_in(document))]


def test_what_is_committed_is_fresh() -> None:
    """Schemas, AsyncAPI document and pages are those of the contracts as they are."""
    assert [path.as_posix() for path in generate.stale(ROOT)] == []


def test_stale_files_are_named_with_the_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Whoever forgot to generate is told which files and what to run; a left-over schema is stale too."""
    assert generate.main([], root=tmp_path) == 0
    assert generate.main(["--check"], root=tmp_path) == 0
    page = tmp_path / "docs/reference/events/README.md"
    page.write_text("# Events, by hand\n")
    (tmp_path / "contracts/asyncapi.json").write_text("{}\n")
    left_over = tmp_path / "contracts/schemas/concordat.child.lost.v1.json"
    left_over.write_text("{}\n")
    (tmp_path / "contracts/schemas/concordat.child.located.v1.json").unlink()
    capsys.readouterr()
    assert generate.main(["--check"], root=tmp_path) == 1
    assert capsys.readouterr().err.splitlines() == [
        "stale: contracts/asyncapi.json",
        "stale: contracts/schemas/concordat.child.located.v1.json",
        "stale: contracts/schemas/concordat.child.lost.v1.json",
        "stale: docs/reference/events/README.md",
        "run: python -m contracts.generate",
    ]
    assert page.read_text() == "# Events, by hand\n"
    assert generate.main([], root=tmp_path) == 0
    assert generate.stale(tmp_path) == []
    assert not left_over.exists()


@pytest.mark.parametrize("event_type", TYPES)
def test_schemas_are_schemas(event_type: str) -> None:
    """Each is valid draft 2020-12 under its own address, and closed inside `data`."""
    schema = schema_of(event_type)
    Draft202012Validator.check_schema(schema)
    assert schema["$id"] == f"{SCHEMA_BASE}{event_type}.json"
    for name, definition in schema["$defs"].items():
        if definition["type"] == "object":
            assert definition["additionalProperties"] is False, name
    assert json.loads((ROOT / "contracts/schemas" / f"{event_type}.json").read_text()) == schema


@pytest.mark.parametrize("event_type", TYPES)
def test_both_agree_on_the_examples(event_type: str) -> None:
    """Valid examples pass both; the invalid one fails both, unless it shows a listed difference."""
    example = examples_of(event_type)
    for document in (example.minimal, example.full):
        assert list(VALIDATORS[event_type].iter_errors(document)) == []
        assert parser_accepts(event_type, document)
    assert not parser_accepts(event_type, example.invalid)
    assert not schema_accepts(event_type, example.invalid) or explained(example.invalid)


@pytest.mark.parametrize("difference", DIFFERENCES, ids=lambda difference: difference.why)
def test_each_listed_difference_is_one(difference: Difference) -> None:
    """The list holds only what is still so: the schema accepts, the parser refuses, and no other entry explains it."""
    event_type = "concordat.episode.opened.v1"
    document = examples_of(event_type).minimal
    if "child" in difference.example:
        document["data"] = difference.example
    else:
        document.update(difference.example)
    assert schema_accepts(event_type, document)
    assert not parser_accepts(event_type, document)
    assert explained(document) == [difference.why]


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    found = [path]
    if isinstance(value, dict):
        for name, inner in value.items():
            found += places(inner, (*path, name))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            found += places(inner, (*path, index))
    return found


ODD = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-3, 100),
    st.integers(),
    st.floats(),
    st.sampled_from(["", " ", "x" * 201, "x" * 2001, "x" * 8001, "1", "true", "england", "high", "identity", "\n"]),
    st.sampled_from(["2026-11-22", "2026-11-22T21:40:00", "2026-02-30T00:00:00Z", "2026-11-22T21:40:00.5+01:00"]),
    st.sampled_from(["20261122", "2026-02-30", "1795383600", "2026-11-22T21:40:00Z", "1899-12-31T23:59:59Z"]),
    st.sampled_from(["9434765918", "9434765919", "ZZ9 9ZZ", "zz99zz", "harbour-house", "Harbour House", "E06000999"]),
    st.sampled_from(["episode/01JD6QK3Z8T0V5W2N4Y6B8C0CX", "child/EX-1", "application/JSON ; x=y", "/hub"]),
    st.sampled_from(["-agency:a  -field:b.c[].*", "-agency:A", "01jd6qk3z8t0v5w2n4y6b8c0d1", "concordat.a.b.v1"]),
    st.text(max_size=5),
    st.just([]),
    st.just({}),
    st.lists(st.sampled_from(["identity", "health", "gossip", 1, None]), max_size=3),
    st.fixed_dictionaries({"text": st.text(max_size=3)}, optional={"contains": st.lists(st.just("health"))}),
)
NAMES = st.one_of(st.sampled_from(["extra", "Extra", "data_base64", "time", "note", "harm"]), st.text(max_size=25))


def at(document: Any, path: tuple[Any, ...]) -> Any:
    for step in path:
        document = document[step]
    return document


def mutate(draw: st.DrawFn, document: dict[str, Any]) -> None:
    """Drop, replace, or add one member somewhere in the document, or double one item of a list."""
    place = draw(st.sampled_from([path for path in places(document) if path and path != ("type",)]))
    holder, last = at(document, place[:-1]), place[-1]
    match draw(st.sampled_from(["drop", "replace", "add", "again"])):
        case "drop":
            del holder[last]
        case "replace":
            holder[last] = draw(ODD)
        case "add" if isinstance(holder, dict):
            holder[draw(NAMES)] = draw(ODD)
        case "again" if isinstance(holder, list):
            holder.extend([deepcopy(holder[last])] * draw(st.sampled_from([1, 60])))
        case "again" if isinstance(holder[last], str):
            holder[last] = (holder[last] or "x")[:10] * draw(st.sampled_from([2, 9000]))
        case _:
            holder[last] = draw(ODD)


@st.composite
def mutants(draw: st.DrawFn) -> tuple[str, dict[str, Any]]:
    """Draw an event type and an example of it with one or two things changed."""
    event_type = draw(st.sampled_from(TYPES))
    example = examples_of(event_type)
    document = draw(st.sampled_from([example.minimal, example.full, example.full]))
    if CATALOGUE[event_type].derived:
        whole = {"data": document["data"]}
        mutate(draw, whole)
        document.pop("data")
        document.update({name: value for name, value in whole.items() if name == "data"})
        return event_type, document
    for _ in range(draw(st.integers(1, 2))):
        mutate(draw, document)
    return event_type, document


@settings(max_examples=1500, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(mutants())
def test_both_agree_on_every_mutant(mutant: tuple[str, dict[str, Any]]) -> None:
    """A developer who validates against the published schema is not surprised by the hub, listed differences aside."""
    event_type, document = mutant
    by_schema, by_parser = schema_accepts(event_type, document), parser_accepts(event_type, document)
    if by_schema != by_parser:
        assert by_schema, "the parser accepts what the schema refuses"
        assert explained(document)


@pytest.mark.parametrize("event_type", TYPES)
def test_every_required_leaf_is_missed_by_both(event_type: str) -> None:
    """What the catalogue calls required is refused by schema and parser when it is not there."""
    for leaf in leaves_of(event_type):
        document = examples_of(event_type).full
        holder: Any = document["data"]
        *above, last = leaf.path.split(".")
        for name in above:
            holder = holder[name.removesuffix("[]")]
            holder = holder[0] if name.endswith("[]") else holder
        del holder[last.removesuffix("[]")]
        assert schema_accepts(event_type, document) is not leaf.required
        assert parser_accepts(event_type, document) is not leaf.required
