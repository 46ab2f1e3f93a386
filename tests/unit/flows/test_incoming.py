"""An event on its way to the process that writes: it is there what it was here."""

import pickle
from collections.abc import Iterator
from contextlib import contextmanager

import orjson
import pytest

from broker.flows.check import read
from contracts.catalogue import CATALOGUE
from contracts.examples import examples_of
from contracts.parse import InvalidEvent
from tests.unit.contracts.glimpse import RETIRED, SECOND, SEEN, V1, in_catalogue


def is_taken(document: dict) -> bool:
    """Whether agencies may publish it: some events are the hub's own, some contracts are drafts."""
    try:
        read(document)
    except InvalidEvent:
        return False
    return True


EXAMPLES = [
    document
    for event_type in CATALOGUE
    for document in (examples_of(event_type).minimal, examples_of(event_type).full)
    if is_taken(document)
]


@contextmanager
def twice_versioned() -> Iterator[dict]:
    """An event in an old version, which is read as the newest."""
    with in_catalogue(RETIRED, SECOND):
        yield examples_of(next(iter(CATALOGUE))).minimal | {"type": V1, "data": SEEN}


def same_there(document: dict) -> None:
    here = read(document)
    there = pickle.loads(pickle.dumps(here))  # noqa: S301 (our own)
    assert there == here
    assert there.event.contract is here.event.contract
    assert there.event.plain() == here.event.plain()
    # In the same order too: what is written from it is written octet for octet as it would have been here.
    for one in ("document", "sent"):
        assert orjson.dumps(getattr(there, one)) == orjson.dumps(getattr(here, one))


@pytest.mark.parametrize("document", EXAMPLES, ids=lambda document: document["type"])
def test_every_kind_of_event_is_the_same_there(document):
    same_there(document)


def test_there_are_many_kinds():
    assert len({document["type"] for document in EXAMPLES}) > len(CATALOGUE) / 2


def test_one_in_an_old_version_is_the_same_there():
    with twice_versioned() as document:
        assert read(document).event.contract.type != V1
        same_there(document)
