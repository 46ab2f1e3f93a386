"""What changed in a contract from one release to the next, in words for people."""

from collections.abc import Mapping, Sequence
from typing import Any

from contracts.compatibility.describe import Description

_WORDS = {
    "purpose": "its purpose is worded anew",
    "owner": "another board stewards it",
    "publishers": "who may publish it has changed",
    "ring": "whether to ring has changed",
    "converts": "how it converts has changed",
}
"""Members of a description that are told as they are, besides fields and life."""


def changelog(releases: Sequence[Description]) -> list[str]:
    """Return a line of Markdown for each release of one event type, the latest first; none if there are no releases."""
    lines = []
    before: Description | None = None
    for release in releases:
        changes = ["first version"] if before is None else _changes(before, release)
        lines.append(
            f"- **{release['version']}** (release {release['release']} of the contracts): {'; '.join(changes)}."
        )
        before = release
    return lines[::-1]


def _changes(before: Description, after: Description) -> list[str]:
    said = [f"new field `{path}`" for path in after["fields"] if path not in before["fields"]]
    said += [f"`{path}` is gone" for path in before["fields"] if path not in after["fields"]]
    said += [
        f"`{path}` is {_marks(fields)}"
        for path, fields in after["fields"].items()
        if path in before["fields"] and fields != before["fields"][path]
    ]
    if before["lifecycle"] != after["lifecycle"]:
        said.append(_life(after["lifecycle"]))
    said += [words for member, words in _WORDS.items() if before[member] != after[member]]
    return said or ["definitions are worded anew, or values are checked otherwise"]


def _marks(field: Mapping[str, Any]) -> str:
    place = ", a place" if field["whereabouts"] else ""
    return f"{field['kind']}, {' and '.join(field['categories'])}, {field['whose']}'s{place}"


def _life(lifecycle: Mapping[str, Any]) -> str:
    since = "" if lifecycle["since"] is None else f" since {lifecycle['since']}"
    successor = "" if lifecycle["successor"] is None else f", publish `{lifecycle['successor']}` instead"
    return f"{lifecycle['status']}{since}{successor}"
