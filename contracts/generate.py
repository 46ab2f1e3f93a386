"""Write the JSON Schemas and the reference pages from the contracts, or check that what is committed is fresh.

`python -m contracts.generate` writes; with `--check` it changes nothing and exits 1 if a file is stale.
JSON Schema is draft 2020-12. A schema describes the whole CloudEvent as it is published.
"""

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from contracts.catalogue import CATALOGUE, contract_of
from contracts.catalogue_page import catalogue_page
from contracts.compatibility_page import compatibility_page
from contracts.envelope import ATTRIBUTE_TEXT, EXTENSION_NAME, HUB_SOURCE, MAX_INTEGER, CloudEvent
from contracts.events.base import Contract
from contracts.glossary_page import glossary_page

SCHEMA_BASE = "https://concordat.example/schemas/"
COMMAND = "python -m contracts.generate"
_SCHEMAS = Path("contracts/schemas")
_PAGE = Path("docs/reference/events.md")
_COMPATIBILITY_PAGE = Path("docs/reference/compatibility.md")
_GLOSSARY = Path("docs/reference/glossary.md")


def schema_of(event_type: str) -> dict[str, Any]:
    """Return the JSON Schema of an event type as it is published; UnknownType if there is no such contract."""
    contract = contract_of(event_type)
    data = _tidy(contract.data.model_json_schema(ref_template="#/$defs/{model}"))
    definitions = data.pop("$defs", {})
    data.pop("description", None)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"{SCHEMA_BASE}{event_type}.json",
        "title": event_type,
        "description": contract.purpose,
        **_envelope(contract),
        "$defs": {**definitions, "data": data},
    }


def _envelope(contract: Contract) -> dict[str, Any]:
    envelope = _tidy(CloudEvent.model_json_schema())
    properties: dict[str, Any] = envelope["properties"]
    properties["type"] = {"const": contract.type, "description": properties["type"]["description"]}
    properties["data"] = {"$ref": "#/$defs/data", "description": properties["data"]["description"]}
    if contract.derived:
        properties["source"] = {"const": HUB_SOURCE, "description": "The hub alone publishes this."}
    return {
        "type": "object",
        "properties": properties,
        "required": envelope["required"],
        "propertyNames": {"pattern": EXTENSION_NAME},
        # Any other member is an extension attribute; null is the same as not sent.
        "additionalProperties": {
            "type": ["string", "integer", "boolean", "null"],
            "pattern": ATTRIBUTE_TEXT,
            "minimum": -MAX_INTEGER - 1,
            "maximum": MAX_INTEGER,
        },
    }


def _tidy(schema: Any, *, names: bool = False) -> Any:
    """Drop titles that only repeat a name, and defaults of null: a member that is null counts as not sent."""
    if isinstance(schema, list):
        return [_tidy(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    if names:
        return {name: _tidy(item) for name, item in schema.items()}
    return {
        key: _tidy(item, names=key in ("properties", "$defs"))
        for key, item in schema.items()
        if key != "title" and not (key == "default" and item is None)
    }


def generated() -> dict[Path, str]:
    """Return every generated file with its content, by path from the root of the project."""
    files = {
        _SCHEMAS / f"{event_type}.json": json.dumps(schema_of(event_type), indent=2, sort_keys=True) + "\n"
        for event_type in sorted(CATALOGUE)
    }
    pages = {_PAGE: catalogue_page(), _COMPATIBILITY_PAGE: compatibility_page(), _GLOSSARY: glossary_page()}
    return {**files, **pages}


def stale(root: Path) -> list[Path]:
    """Return the generated files under `root` that are missing, differ, or belong to no contract any more."""
    wanted = generated()
    differing = [path for path, text in wanted.items() if not _holds(root / path, text)]
    left_over = [path.relative_to(root) for path in (root / _SCHEMAS).glob("*.json")]
    return sorted({*differing, *(path for path in left_over if path not in wanted)})


def _holds(path: Path, text: str) -> bool:
    return path.is_file() and path.read_bytes() == text.encode()


def write(root: Path) -> list[Path]:
    """Bring every generated file under `root` up to date; return those that changed."""
    wanted, changed = generated(), stale(root)
    for path in changed:
        if path in wanted:
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_bytes(wanted[path].encode())
        else:
            (root / path).unlink()
    return changed


def main(arguments: list[str] | None = None, root: Path | None = None) -> int:
    """Run the command; return its exit status."""
    parser = argparse.ArgumentParser(prog=COMMAND, description="Write what is generated from the contracts.")
    parser.add_argument("--check", action="store_true", help="change nothing; exit 1 if a file is stale")
    check = parser.parse_args(arguments).check
    root = root or Path(__file__).resolve().parent.parent
    paths = stale(root) if check else write(root)
    for path in paths:
        print(f"{'stale' if check else 'written'}: {path.as_posix()}", file=sys.stderr)
    if check and paths:
        print(f"run: {COMMAND}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
