"""The OpenAPI document: valid by others' tools, whole, and saying every problem that the hub has words for."""

import ast
import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from openapi_spec_validator import OpenAPIV31SpecValidator

from broker.web import problems
from contracts.problem import TYPE_BASE

ROOT = Path(__file__).parents[2]
DOCUMENT: dict[str, Any] = json.loads((ROOT / "docs/reference/openapi.json").read_text())
OPERATIONS = [
    (f"{method.upper()} {path}", operation)
    for path, operations in DOCUMENT["paths"].items()
    for method, operation in operations.items()
]
NEVER_AN_ANSWER = {
    "method-not-allowed": "is no answer of an operation",
    "invalid-request": "stands for a status of the framework that has no problem of its own",
    "subject-mismatch": "is said over NATS only",
}


def test_the_document_is_valid() -> None:
    """A validator that we did not write takes it as OpenAPI 3.1."""
    assert DOCUMENT["openapi"].startswith("3.1.")
    assert list(OpenAPIV31SpecValidator(DOCUMENT).iter_errors()) == []


def test_the_validator_would_notice() -> None:
    """An operation without responses, and a reference to nothing, are found."""
    broken = json.loads(json.dumps(DOCUMENT))
    broken["paths"]["/livez"]["get"]["responses"]["200"]["content"]["application/json"]["schema"] = {"type": "thing"}
    assert list(OpenAPIV31SpecValidator(broken).iter_errors())


def test_every_schema_is_a_schema() -> None:
    """Each component is valid draft 2020-12, the dialect of OpenAPI 3.1."""
    for schema in DOCUMENT["components"]["schemas"].values():
        Draft202012Validator.check_schema(schema)


@pytest.mark.parametrize(("name", "operation"), OPERATIONS)
def test_every_success_says_what_it_looks_like(name: str, operation: dict[str, Any]) -> None:
    """Whoever makes a client from the document gets types and not bare objects."""
    successes = {status: said for status, said in operation["responses"].items() if status[0] == "2"}
    assert successes
    for status, said in successes.items():
        assert status == "204" or all(one.get("schema") for one in said["content"].values()), f"{name} {status}"


def test_every_operation_has_a_name_of_its_own() -> None:
    """Other people's tools make a function from it."""
    names = [operation["operationId"] for _, operation in OPERATIONS]
    assert len(set(names)) == len(names)
    assert all(name.isidentifier() for name in names)


def slugs_in_document() -> set[str]:
    found = set()
    for _, operation in OPERATIONS:
        for said in operation["responses"].values():
            schema = said.get("content", {}).get(problems.MEDIA_TYPE, {}).get("schema", {})
            found |= {
                name.removeprefix(TYPE_BASE) for name in schema.get("properties", {}).get("type", {}).get("enum", [])
            }
    return found


def test_every_problem_of_the_catalogue_is_an_answer_of_something() -> None:
    """What the hub has words for is documented where it may come, but for those that are no operation's."""
    assert set(problems.CATALOGUE) - slugs_in_document() <= set(NEVER_AN_ANSWER)


def slugs_in_code() -> set[str]:
    """Return every slug that is written where a refusal or problem is made, or is a constant of the refusals."""
    found = set()
    for path in (ROOT / "broker").rglob("*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for node in ast.walk(tree):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Name)
                and node.func.id in ("Problem", "Refused")
            ):
                found |= {one.value for one in node.args[:1] if isinstance(one, ast.Constant)}
            if path.name == "refusal.py" and isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant):
                found.add(node.value.value)
    return found


def test_no_problem_is_made_that_is_not_in_the_catalogue() -> None:
    """A developer never meets a `type` that cannot be looked up."""
    assert {"not-found", "handle-mismatch", "not-closable"} <= slugs_in_code()
    assert slugs_in_code() - set(problems.CATALOGUE) == set()


def test_a_problem_that_is_not_in_the_catalogue_cannot_be_promised() -> None:
    """A slip of the pen at a route is seen at once."""
    with pytest.raises(ValueError, match="not-fuond"):
        problems.may("not-fuond")
