"""The JSON Schemas in the hands of a validator that we did not write: Ajv, in its strict mode."""

from collections.abc import Callable
from typing import Any

import pytest

from contracts.catalogue import CATALOGUE
from contracts.examples import examples_of
from contracts.json_schema import schema_of
from tests.conformance.test_schemas import explained

Judge = Callable[[str], Callable[[Any], Any]]
SCHEMAS = {event_type: schema_of(event_type) for event_type in sorted(CATALOGUE)}
KINDS = ("minimal", "full", "invalid")
pytestmark = pytest.mark.xdist_group("ajv")
"""On one worker, so that Ajv runs once."""


@pytest.fixture(scope="module")
def told(judge: Judge) -> dict[str, Any]:
    """What Ajv says of every schema and every example, all in one run."""
    events = [[event_type, getattr(examples_of(event_type), kind)] for event_type in SCHEMAS for kind in KINDS]
    answer = judge("schemas.mjs")({"schemas": SCHEMAS, "events": events})
    verdicts = iter(answer["verdicts"])
    return {
        "refused": answer["refused"],
        "verdicts": {event_type: {kind: next(verdicts) for kind in KINDS} for event_type in SCHEMAS},
    }


def test_every_schema_compiles_strictly(told: dict[str, Any]) -> None:
    """No unknown keyword or format, no keyword without its type, nothing that is silently ignored."""
    assert told["refused"] == {}


@pytest.mark.parametrize("event_type", SCHEMAS)
def test_every_valid_example_is_valid(told: dict[str, Any], event_type: str) -> None:
    """What the catalogue shows as right is right to somebody else's validator."""
    assert told["verdicts"][event_type]["minimal"]
    assert told["verdicts"][event_type]["full"]


@pytest.mark.parametrize("event_type", SCHEMAS)
def test_every_invalid_example_is_refused(told: dict[str, Any], event_type: str) -> None:
    """What the catalogue shows as wrong is refused, but for what is listed as beyond a schema."""
    assert not told["verdicts"][event_type]["invalid"] or explained(examples_of(event_type).invalid)


def test_the_judge_can_refuse(judge: Judge) -> None:
    """A misspelt keyword does not compile; an event of another type is no event of this one."""
    odd = {"type": "object", "x-categry": "identity"}
    first, second = list(SCHEMAS)[:2]
    answer = judge("schemas.mjs")(
        {"schemas": {"odd": odd, first: SCHEMAS[first]}, "events": [[first, examples_of(second).full]]}
    )
    assert list(answer["refused"]) == ["odd"]
    assert answer["verdicts"] == [False]
