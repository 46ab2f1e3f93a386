"""Write the JSON Schemas, the AsyncAPI document and the reference pages, or check that they are fresh.

`python -m contracts.generate` writes; with `--check` it changes nothing and exits 1 if a file is stale.
"""

import argparse
import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from contracts import asyncapi
from contracts.catalogue import CATALOGUE
from contracts.compatibility_page import compatibility_page
from contracts.event_pages import event_pages
from contracts.glossary_page import glossary_page
from contracts.json_schema import schema_of
from contracts.release import read_releases

COMMAND = "python -m contracts.generate"
_SCHEMAS = Path("contracts/schemas")
_ASYNCAPI = Path("contracts/asyncapi.json")
_PAGES = Path("docs/reference/events")
_COMPATIBILITY_PAGE = Path("docs/reference/compatibility.md")
_GLOSSARY = Path("docs/reference/glossary.md")
_HERE = Path(__file__).resolve().parent.parent


def generated() -> dict[Path, str]:
    """Return every generated file with its content, by path from the root of the project."""
    schemas = {_SCHEMAS / f"{event_type}.json": _json(schema_of(event_type)) for event_type in CATALOGUE}
    pages = {_PAGES / name: text for name, text in event_pages(read_releases(_HERE)).items()}
    pages |= {_COMPATIBILITY_PAGE: compatibility_page(), _GLOSSARY: glossary_page()}
    return {**schemas, _ASYNCAPI: _json(asyncapi.document()), **pages}


def _json(document: dict[str, Any]) -> str:
    return json.dumps(document, indent=2, sort_keys=True) + "\n"


def stale(root: Path) -> list[Path]:
    """Return the generated files under `root` that are missing, differ, or belong to no contract any more."""
    return _stale(root, generated())


def _stale(root: Path, wanted: Mapping[Path, str]) -> list[Path]:
    differing = [path for path, text in wanted.items() if not _holds(root / path, text)]
    found = [*(root / _SCHEMAS).glob("*.json"), *(root / _PAGES).glob("*.md")]
    left_over = [path.relative_to(root) for path in found]
    return sorted({*differing, *(path for path in left_over if path not in wanted)})


def _holds(path: Path, text: str) -> bool:
    return path.is_file() and path.read_bytes() == text.encode()


def write(root: Path) -> list[Path]:
    """Bring every generated file under `root` up to date; return those that changed."""
    wanted = generated()
    changed = _stale(root, wanted)
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
    root = root or _HERE
    paths = stale(root) if check else write(root)
    for path in paths:
        print(f"{'stale' if check else 'written'}: {path.as_posix()}", file=sys.stderr)
    if check and paths:
        print(f"run: {COMMAND}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
