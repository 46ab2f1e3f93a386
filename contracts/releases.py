"""What has been released of the contracts: the version of each type, and the release that brought each field.

`contracts/released/index.json` is written by `python -m contracts.release` from the releases beside it:

    {"release": 2, "types": {"concordat.risk.changed.v1": {"version": "1.1", "fields": {"1": ["risk.level"], …}}}}

A *release* of the catalogue has a number, counted from 1. A protocol says which one its parties read when they signed
it; so each field must say which one brought it.
"""

import json
from dataclasses import dataclass
from functools import cache
from importlib import resources

UNRELEASED = 2**31 - 1
"""The release of what has not been released: later than any that a protocol can name."""


@dataclass(frozen=True)
class Released:
    """One event type as it was last released."""

    version: str
    """`major.minor`."""
    since: dict[str, int]
    """Leaf path → the release of the catalogue that brought it."""


@dataclass(frozen=True)
class Index:
    """The latest release of the catalogue; 0 before the first."""

    release: int
    types: dict[str, Released]


def read_index(text: str) -> Index:
    """Read the index; ValueError, KeyError or TypeError if it is not one."""
    document = json.loads(text)
    return Index(
        release=int(document["release"]),
        types={
            event_type: Released(
                version=entry["version"],
                since={path: int(release) for release, paths in entry["fields"].items() for path in paths},
            )
            for event_type, entry in document["types"].items()
        },
    )


@cache
def index() -> Index:
    """Return what has been released, as this package carries it."""
    file = resources.files("contracts").joinpath("released", "index.json")
    return read_index(file.read_text(encoding="utf-8")) if file.is_file() else Index(0, {})


def latest() -> int:
    """Return the number of the latest release of the catalogue."""
    return index().release


def version_of(event_type: str) -> str | None:
    """Return the released version of an event type, `major.minor`; None if it has not been released."""
    released = index().types.get(event_type)
    return None if released is None else released.version


def since(event_type: str, path: str) -> int:
    """Return the release of the catalogue that brought a leaf; `UNRELEASED` if none has."""
    released = index().types.get(event_type)
    return UNRELEASED if released is None else released.since.get(path, UNRELEASED)
