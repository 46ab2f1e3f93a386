"""Release the contracts, or check that what has changed since the last release may be released.

`python -m contracts.release` judges the contracts against every release of their major versions, and if nothing breaks
writes a new release of each that has changed: `contracts/released/<type>/<major>.<minor>.json`, and the index of them.
With `--check` it writes nothing. A release that has been published is never edited: what it says is what agencies built
on and protocols were signed against.

Exit status: 0 done, 1 something would break or the index is stale.
"""

import argparse
import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from contracts.compatibility.catalogue import judge
from contracts.compatibility.describe import Description, describe_all
from contracts.compatibility.finding import Finding
from contracts.governance import Status

COMMAND = "python -m contracts.release"
_RELEASED = Path("contracts/released")
_INDEX = _RELEASED / "index.json"
Releases = dict[str, list[dict[str, Any]]]
"""Event type → its released descriptions, the earliest first."""


def read_releases(root: Path) -> Releases:
    """Return every release under `root`."""
    found: Releases = {}
    for path in (root / _RELEASED).glob("*/*.json"):
        found.setdefault(path.parent.name, []).append(json.loads(path.read_text(encoding="utf-8")))
    return {event_type: sorted(found[event_type], key=_minor) for event_type in sorted(found)}


def _minor(description: Description) -> int:
    return int(str(description["version"]).rpartition(".")[2])


def pending(releases: Releases, tree: Mapping[str, Description]) -> Releases:
    """Return the releases that the changes of the tree call for, one of each changed type. Drafts are not released."""
    number = 1 + max((one["release"] for each in releases.values() for one in each), default=0)
    due: Releases = {}
    for event_type, description in tree.items():
        if description["lifecycle"]["status"] == Status.DRAFT:
            continue
        before = releases.get(event_type, [])
        if before and {**before[-1], **description} == before[-1]:
            continue
        major, minor = event_type.rpartition(".v")[2], _minor(before[-1]) + 1 if before else 0
        due[event_type] = [{**description, "version": f"{major}.{minor}", "release": number}]
    return due


def index_of(releases: Releases) -> str:
    """Return the text of the index: the version of each type, and by which release each of its fields came."""
    types = {}
    for event_type, descriptions in sorted(releases.items()):
        first: dict[str, int] = {}
        for description in descriptions:
            for path in description["fields"]:
                first.setdefault(path, description["release"])
        fields: dict[str, list[str]] = {}
        for path in sorted(descriptions[-1]["fields"]):
            fields.setdefault(str(first[path]), []).append(path)
        types[event_type] = {"version": descriptions[-1]["version"], "fields": fields}
    number = max((one["release"] for each in releases.values() for one in each), default=0)
    return _written({"release": number, "types": types})


def _written(document: Any) -> str:
    return json.dumps(document, indent=1, sort_keys=True, ensure_ascii=False) + "\n"


def write(root: Path, due: Releases) -> list[Path]:
    """Write releases that are due and the index under `root`; return the files written."""
    written = []
    for event_type, descriptions in due.items():
        for description in descriptions:
            path = _RELEASED / event_type / f"{description['version']}.json"
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_bytes(_written(description).encode())
            written.append(path)
    text = index_of(read_releases(root)).encode()
    if not (root / _INDEX).is_file() or (root / _INDEX).read_bytes() != text:
        (root / _INDEX).parent.mkdir(parents=True, exist_ok=True)
        (root / _INDEX).write_bytes(text)
        written.append(_INDEX)
    return written


def main(arguments: list[str] | None = None, root: Path | None = None, tree: Mapping[str, Any] | None = None) -> int:
    """Run the command; return its exit status. `tree` is described from the catalogue unless it is given."""
    parser = argparse.ArgumentParser(prog=COMMAND, description="Release the contracts that have changed.")
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 if something would break")
    check = parser.parse_args(arguments).check
    root = root or Path(__file__).resolve().parent.parent
    releases, tree = read_releases(root), describe_all() if tree is None else tree
    found = judge(releases, tree)
    if found:
        _tell(found)
        return 1
    due = pending(releases, tree)
    if not check:
        for path in write(root, due):
            print(f"written: {path.as_posix()}", file=sys.stderr)
        print("run: python -m contracts.generate", file=sys.stderr)
        return 0
    for event_type in due:
        print(f"not released yet, so withheld by every protocol: {event_type} or its new fields", file=sys.stderr)
    if not (root / _INDEX).is_file() or (root / _INDEX).read_bytes() != index_of(releases).encode():
        print(f"stale: {_INDEX.as_posix()}\nrun: {COMMAND}", file=sys.stderr)
        return 1
    return 0


def _tell(found: list[Finding]) -> None:
    for one in found:
        print(one, file=sys.stderr)
    print(
        "Nothing was released. Take these changes back, or make each changed type the next major version: a contract "
        "of its own that declares how data is converted, with the version before deprecated in its favour "
        "(docs/explanation/how-contracts-evolve.md).",
        file=sys.stderr,
    )


if __name__ == "__main__":
    sys.exit(main())
