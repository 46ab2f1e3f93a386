"""Events in a file: one, a batch, or one a line; each is judged by itself, offline, and of every type."""

import json
from datetime import UTC, datetime

import pytest
from typer.testing import CliRunner
from ulid import ULID

from broker.cli.ended import Ended
from broker.cli.event import app
from broker.cli.event_file import events_in
from broker.cli.example import fresh_example
from contracts.catalogue import CATALOGUE
from contracts.envelope import MAX_BATCH_EVENTS, MAX_EVENT_BYTES
from contracts.examples import examples_of
from contracts.parse import InvalidEvent

NOW = datetime(2027, 3, 4, 5, 6, 7, tzinfo=UTC)
CANARY = "Wren Canary"
OPENED = "concordat.episode.opened.v1"


def fresh(event_type, *, full=True):
    examples = examples_of(event_type)
    return fresh_example(examples.full if full else examples.minimal, None, None, NOW, lambda: str(ULID()))


def spoiled():
    event = fresh(OPENED)
    event["data"]["jurisdiction"] = CANARY
    return event


def validate(content, *arguments):
    """Run the command on standard input; return exit status, stdout and what ended it."""
    done = CliRunner().invoke(app, ["validate", "-", *arguments], input=content)
    return (0 if done.exception is None else 1), done.stdout, str(done.exception or "")


@pytest.mark.parametrize("event_type", CATALOGUE)
def test_every_type_can_be_made_and_checked(event_type):
    """What the command prints as an example it finds valid, the hub's own events too; what shows a fault has it."""
    for full in (True, False):
        (found,) = events_in(json.dumps(fresh(event_type, full=full)).encode())
        assert found.check().contract.type == event_type
    example = examples_of(event_type)
    (found,) = events_in(json.dumps(example.invalid).encode())
    with pytest.raises(InvalidEvent) as caught:
        found.check()
    assert [(one.pointer, one.code) for one in caught.value.faults] == [(example.fault.pointer, example.fault.code)]


def test_nobody_passes_for_the_hub():
    """Only an event that the hub alone publishes may have the hub's source."""
    (found,) = events_in(json.dumps(fresh(OPENED) | {"source": "/hub"}).encode())
    with pytest.raises(InvalidEvent):
        found.check()


@pytest.mark.parametrize("between", [b"\n", b"\r\n", b"\n\n"])
def test_one_event_a_line(between):
    """An export of many events is checked line by line, and a fault is found by its line and place."""
    lines = [json.dumps(one).encode() for one in (fresh(OPENED), spoiled(), fresh("concordat.child.located.v1"))]
    status, said, ended = validate(between.join(lines) + between)
    assert status == 1
    number = 2 if between != b"\n\n" else 3
    assert said.startswith(f"line {number} /data/jurisdiction: ")
    assert CANARY not in said + ended
    status, said, _ = validate(between.join(lines), "--json")
    assert json.loads(said) | {"message": ""} == {
        "line": number,
        "pointer": "/data/jurisdiction",
        "code": "enum",
        "message": "",
    }


def test_a_batch():
    """A JSON array is a batch: pointers begin with the event's place, as the hub's do."""
    status, said, _ = validate(json.dumps([fresh(OPENED), spoiled(), {}]), "--json")
    pointers = [json.loads(line)["pointer"] for line in said.splitlines()]
    assert status == 1
    assert pointers[0] == "/1/data/jurisdiction"
    assert "/2/type" in pointers
    assert validate(json.dumps([fresh(OPENED), fresh(OPENED)]))[0] == 0


def test_one_event_has_plain_pointers():
    """A single event is the whole file."""
    assert validate(json.dumps(fresh(OPENED)))[0] == 0
    assert validate(json.dumps(fresh(OPENED), indent=2))[0] == 0
    status, said, _ = validate(json.dumps(spoiled(), indent=2))
    assert (status, said.partition(":")[0]) == (1, "/data/jurisdiction")
    assert validate("[1]")[1].startswith("/0: ")
    assert validate("1")[1].startswith("(the event): ")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"{", "line 1, column 2"),
        (b"", "not one JSON text"),
        (b'{"a": 1, "a": 2}', "not one JSON text"),
        (b'{"id": NaN}', "not one JSON text"),
        (b'{"a": 1}\n{"b": ' + CANARY.encode() + b"}\n", "line 2 is not one JSON text"),
        (json.dumps([{}] * (MAX_BATCH_EVENTS + 1)).encode(), "at most 500 events"),
        (b"\xff", "not one JSON text"),
    ],
)
def test_a_file_that_holds_no_events_is_said_so(content, words):
    """Nothing of it is repeated."""
    with pytest.raises(Ended) as caught:
        events_in(content)
    assert words in str(caught.value)
    assert CANARY not in str(caught.value)


def test_an_event_that_a_hub_would_not_take_is_too_large_here_too():
    """The limit is the hub's own, for each event of a batch."""
    large = fresh(OPENED) | {"filler": "x" * MAX_EVENT_BYTES}
    _, said, _ = validate(json.dumps([fresh(OPENED), large]))
    assert said.startswith("/1: an event has at most 256 KiB")
