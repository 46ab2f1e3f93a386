"""The gate over the whole catalogue: nothing that was released goes missing, and versions follow one another."""

from collections.abc import Iterator, Mapping, Sequence

from contracts.compatibility.compare import compare
from contracts.compatibility.describe import Description
from contracts.compatibility.finding import Finding, Side
from contracts.governance import Status

Released = Mapping[str, Sequence[Description]]
"""Event type → its released descriptions, the earliest first."""


def judge(released: Released, tree: Mapping[str, Description]) -> list[Finding]:
    """Return what would break if the tree were released: each type is compared with every release of its major."""
    found: set[Finding] = set()
    for event_type, releases in released.items():
        if event_type not in tree:
            found.update(_missing(event_type, releases[-1]))
            continue
        for before in releases:
            found.update(
                one for one in compare(before, tree[event_type]) if one.place != "lifecycle" or before is releases[-1]
            )
    for description in tree.values():
        found.update(_succession(description, tree))
    return sorted(found)


def _missing(event_type: str, last: Description) -> Iterator[Finding]:
    if last["lifecycle"]["status"] == Status.WITHDRAWN:
        yield Finding(
            event_type,
            Side.DISCLOSURE,
            "contract",
            "what was recorded under it could no longer be read or audited: keep the contract, withdrawn",
        )
        return
    yield Finding(event_type, Side.PUBLISHER, "contract", "it would be refused: deprecate it, and withdraw it later")
    yield Finding(event_type, Side.RECIPIENT, "contract", "it would never come again")


def _succession(description: Description, tree: Mapping[str, Description]) -> Iterator[Finding]:
    """Yield what is wrong between the major versions of one event type."""
    event_type, successor = str(description["type"]), description["lifecycle"]["successor"]
    noun, _, major = event_type.rpartition(".v")
    if successor is not None and not _is_accepted(tree.get(successor)):
        words = f"its successor `{successor}` is not in use: nobody could publish it instead"
        yield Finding(event_type, Side.PUBLISHER, "lifecycle", words)
    before = tree.get(f"{noun}.v{int(major) - 1}")
    converts = description["converts"]
    if converts is not None and (before is None or converts != before["type"]):
        words = "it converts from a type that is not its own version before"
        yield Finding(event_type, Side.RECIPIENT, "converts", words)
    if not _is_accepted(description) or not _is_accepted(before):
        return
    assert before is not None  # noqa: S101 (what is accepted is there)
    if converts is None:
        words = f"events of `{before['type']}` could not be decided by protocols that speak of this version: declare how they are converted"  # noqa: E501
        yield Finding(event_type, Side.PUBLISHER, "converts", words)
    if before["lifecycle"]["status"] != Status.DEPRECATED:
        words = f"two versions in use at once: deprecate `{before['type']}` with this one as its successor"
        yield Finding(event_type, Side.PUBLISHER, "lifecycle", words)


def _is_accepted(description: Description | None) -> bool:
    if description is None:
        return False
    return Status(description["lifecycle"]["status"]) in (Status.ACTIVE, Status.DEPRECATED)
