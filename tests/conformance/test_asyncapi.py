"""The AsyncAPI document: taken by the AsyncAPI project's own parser, and true to what the hub does."""

import re
from collections.abc import Callable, Iterator
from copy import deepcopy
from datetime import date
from typing import Any

import pytest
from jsonschema import Draft7Validator, Draft202012Validator

from broker.delivery.jwe import MEDIA_TYPE, NONCE_BYTES, SealingKey
from broker.flows import mailbox
from broker.flows.webhook import CONTENT_TYPE, TESTED
from broker.nats import accounts
from broker.nats.ingress import STATUS
from broker.sharing.transforms import ORDER, Scope, Setting, transformation
from contracts import asyncapi
from contracts.catalogue import ACKNOWLEDGEMENT, CATALOGUE, leaves_of
from contracts.examples import examples_of
from contracts.fields import Leaf
from contracts.json_schema import schema_of

DOCUMENT = asyncapi.document()
MESSAGES = DOCUMENT["components"]["messages"]
TYPES = sorted(CATALOGUE)
PUBLISHED = [event_type for event_type in TYPES if not CATALOGUE[event_type].derived]
NO_MAIL = (ACKNOWLEDGEMENT, mailbox.ERASED, mailbox.GAP)
"""What is told otherwise, or has a schema of its own."""
RECEIVED = [event_type for event_type in TYPES if event_type not in NO_MAIL]
ERROR = 0
PARSED = pytest.mark.xdist_group("asyncapi")
"""On one worker, so that the parser runs once."""

Judge = Callable[[str], Callable[[Any], Any]]


def validator(name: str) -> Draft7Validator:
    """Return a validator of one of the document's schemas."""
    return validator_of({"$ref": f"#/components/schemas/{name}"})


def validator_of(reference: dict[str, Any]) -> Draft7Validator:
    """Return a validator of a schema within the document; AsyncAPI's schemas are those of draft 07."""
    return Draft7Validator({**reference, "components": DOCUMENT["components"]})


def small() -> dict[str, Any]:
    """Return a document of one operation, which the parser has read in no time."""
    gap = f"feed.{mailbox.GAP}"
    channel = {**DOCUMENT["channels"]["feed"], "messages": {gap: {"$ref": f"#/components/messages/{gap}"}}}
    schema = f"{mailbox.GAP}.received"
    components = {"messages": {gap: MESSAGES[gap]}, "schemas": {schema: DOCUMENT["components"]["schemas"][schema]}}
    return deepcopy(
        DOCUMENT
        | {"channels": {"feed": channel}, "operations": {"deliverByFeed": DOCUMENT["operations"]["deliverByFeed"]}}
        | {"components": components | {"securitySchemes": DOCUMENT["components"]["securitySchemes"]}}
    )


def broken() -> dict[str, dict[str, Any]]:
    """Return documents that each have one fault, by its name."""
    dangling, odd, unknown = small(), small(), small()
    dangling["operations"]["deliverByFeed"]["channel"]["$ref"] = "#/channels/nowhere"
    odd["components"]["schemas"][f"{mailbox.GAP}.received"]["type"] = "thing"
    unknown["operations"]["deliverByFeed"]["action"] = "whisper"
    return {"dangling reference": dangling, "schema that is none": odd, "unknown action": unknown}


@pytest.fixture(scope="module")
def told(judge: Judge) -> dict[str, list[dict[str, Any]]]:
    """What the parser says of the document, and of broken ones, all in one run."""
    answer: dict[str, list[dict[str, Any]]] = judge("asyncapi.mjs")({"ours": DOCUMENT, "small": small(), **broken()})
    return answer


@PARSED
def test_the_parser_has_nothing_against_it(told: dict[str, list[dict[str, Any]]]) -> None:
    """No error and no warning; what is left is the advice that a later version of AsyncAPI exists."""
    for name in ("ours", "small"):
        assert [one["code"] for one in told[name]] == ["asyncapi-latest-version"]


@PARSED
@pytest.mark.parametrize("fault", broken())
def test_the_parser_would_notice(told: dict[str, list[dict[str, Any]]], fault: str) -> None:
    """The same document with one fault is not taken."""
    assert [one for one in told[fault] if one["severity"] == ERROR]


def test_every_type_has_its_messages() -> None:
    """An agency finds each type that it may publish, and each that it may be told of."""
    assert {name.removeprefix("in.") for name in DOCUMENT["channels"] if name.startswith("in.")} == set(PUBLISHED)
    for way in ("feed", "webhook"):
        names = {name.removeprefix(f"{way}.") for name in DOCUMENT["channels"][way]["messages"]}
        assert {name for name in names if name in CATALOGUE} - set(NO_MAIL) == set(RECEIVED)
        assert mailbox.ERASED in names


def test_every_message_is_on_a_channel() -> None:
    """Nothing is described that never travels."""
    used = {name for channel in DOCUMENT["channels"].values() for name in channel["messages"]}
    assert used == set(MESSAGES)


def test_every_schema_is_used() -> None:
    """Nothing is left over, and no reference leads out of the file."""
    references = set(re.findall(r"'\$ref': '([^']+)'", str(DOCUMENT)))
    used = {name.removeprefix("#/components/schemas/") for name in references if "/schemas/" in name}
    assert used == set(DOCUMENT["components"]["schemas"])
    assert {name[:2] for name in references} == {"#/"}


@pytest.mark.parametrize("name", MESSAGES)
def test_every_example_satisfies_its_own_message(name: str) -> None:
    """What is shown is what is described, headers too."""
    message = MESSAGES[name]
    headers = [trait["headers"] for trait in traits(message)] + [message.get("headers", {})]
    for example in message.get("examples", []):
        assert list(validator_of(message["payload"]).iter_errors(example["payload"])) == []
        for each in headers if "headers" in example else []:
            assert list(validator_of(each).iter_errors(example["headers"])) == []


def traits(message: dict[str, Any]) -> list[dict[str, Any]]:
    known = DOCUMENT["components"]["messageTraits"]
    return [known[one["$ref"].rpartition("/")[2]] for one in message.get("traits", [])]


def test_what_it_says_of_the_lines_is_what_the_hub_does() -> None:
    """Subjects, headers and types are those of the hub's own code."""
    text = str(DOCUMENT)
    assert f"`{accounts.API_PREFIX}`" in text
    assert f"`{accounts.inbox_prefix('<agency>')}`" in text
    assert f"Stream `{accounts.STREAM}`" in text
    schemas = DOCUMENT["components"]["schemas"]
    assert STATUS in schemas["ReplyHeaders"]["required"]
    assert schemas["WebhookHeaders"]["properties"]["content-type"]["const"] == CONTENT_TYPE
    assert MESSAGES["sealed"]["contentType"] == MEDIA_TYPE
    for event_type in (mailbox.ERASED, mailbox.GAP, TESTED):
        assert f"{event_type}.received" in schemas


def test_a_sealed_message_has_the_form_that_it_says() -> None:
    """What the relay seals is a JWE in compact form."""
    sealed = SealingKey.of("01JD6QK3Z8T0V5W2N4Y6B8C0K1", bytes(32)).seal(b"{}", bytes(NONCE_BYTES)).decode()
    assert re.fullmatch(MESSAGES["sealed"]["payload"]["pattern"], sealed)
    assert not re.fullmatch(MESSAGES["sealed"]["payload"]["pattern"], sealed.replace("..", "."))


@pytest.mark.parametrize("event_type", PUBLISHED)
def test_both_documents_judge_alike(event_type: str) -> None:
    """Whoever validates by the AsyncAPI document comes to the verdict of the schema that stands alone."""
    alone, bundled = Draft202012Validator(schema_of(event_type)), validator(event_type)
    for document in (*mutants(examples_of(event_type).minimal), *mutants(examples_of(event_type).full)):
        assert bundled.is_valid(document) == alone.is_valid(document)


def mutants(document: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield an event, and the same without each of its members, with a member too many, and with one of no kind."""
    yield document
    yield {**document, "data": {**document["data"], "extra": 1}}
    yield {**document, "Extra": 1}
    for name in document:
        yield {key: value for key, value in document.items() if key != name}
        yield {**document, name: ["odd"]}
    for name in document["data"]:
        yield {**document, "data": {key: value for key, value in document["data"].items() if key != name}}
        yield {**document, "data": {**document["data"], name: "\x00"}}


def received(event_type: str, data: dict[str, Any]) -> dict[str, Any]:
    """Return a message with some data, as the hub would send it."""
    (example,) = MESSAGES[f"feed.{event_type}"]["examples"]
    return {**example["payload"], "data": data}


@pytest.mark.parametrize("event_type", RECEIVED)
def test_whatever_a_protocol_releases_is_described(event_type: str) -> None:
    """Everything, nothing, any field alone, and each transform of it: a recipient's validator takes what is sent."""
    judge = validator(f"{event_type}.received")
    full = examples_of(event_type).full["data"]
    for data in (full, {}, *released(event_type, full)):
        assert list(judge.iter_errors(received(event_type, data))) == []
    assert not judge.is_valid(received(event_type, full) | {"concordatsequence": "12"})


SETTING = Setting("harbour-house", date(2026, 11, 22), bytes(32))


def released(event_type: str, data: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield data with one field alone, as it is and in every transform that applies to it."""
    for leaf in leaves_of(event_type):
        yield alone(leaf, data, lambda value: value)
        for transform in ORDER.get(leaf.kind, ()):
            change = transformation(leaf.kind, transform)
            scope = Scope(leaf.path, "northmere-missing-children@3", "3")
            yield alone(leaf, data, lambda value, change=change, scope=scope: change(value, SETTING, scope))  # type: ignore[misc]


def alone(leaf: Leaf, data: dict[str, Any], change: Callable[[Any], Any]) -> dict[str, Any]:
    def walk(value: Any, steps: list[str]) -> Any:
        if not steps:
            return change(value)
        name, many = steps[0].removesuffix("[]"), steps[0].endswith("[]")
        if name not in value:
            return {}  # one item of a list may have it and another not
        inner = value[name]
        return {name: [walk(one, steps[1:]) for one in inner] if many else walk(inner, steps[1:])}

    whole: dict[str, Any] = walk(data, leaf.path.split("."))
    return whole


def test_a_recipient_may_ignore_what_it_does_not_know() -> None:
    """A member that a later contract adds is no fault in what is received; in what is published it is one."""
    event_type = "concordat.child.located.v1"
    data = {**examples_of(event_type).full["data"], "added_later": True}
    assert validator(f"{event_type}.received").is_valid(received(event_type, data))
    assert not validator(event_type).is_valid({**examples_of(event_type).full, "data": data})
