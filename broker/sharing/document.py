"""From the YAML text of a protocol to the typed document, with every fault at its line and column."""

from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from broker.sharing.tree import Path, Positions, ProtocolFault, read_tree
from contracts.protocol import Protocol


class InvalidProtocol(ValueError):
    """The text is no protocol document. Carries every fault found, in the order of the text."""

    def __init__(self, faults: tuple[ProtocolFault, ...]) -> None:
        lines = "; ".join(f"line {fault.line}, column {fault.column}: {fault.message}" for fault in faults)
        super().__init__(f"the protocol document is not valid: {lines}")
        self.faults = faults


@dataclass(frozen=True)
class ParsedDocument:
    """A protocol as its plain JSON (what is signed), as typed values, and where each part stands in the text."""

    document: dict[str, Any]
    protocol: Protocol
    positions: Positions


def parse_protocol(text: str) -> ParsedDocument:
    """Read a protocol document from YAML 1.2 core text; InvalidProtocol names every fault with line and column."""
    tree = read_tree(text)
    if tree.faults:
        raise InvalidProtocol(tree.faults)
    if not isinstance(tree.value, dict):
        raise InvalidProtocol((ProtocolFault(1, 1, "a protocol is a mapping: begin with `protocol: <short name>`"),))
    try:
        protocol = Protocol.read(tree.value)
    except ValidationError as error:
        raise InvalidProtocol(_faults(error, tree.positions)) from None
    return ParsedDocument(tree.value, protocol, tree.positions)


_SAID_PLAINLY = {
    "model_type": "write a mapping here, of names and values",
    "dict_type": "write a mapping here, of names and values",
    "tuple_type": "write a list here",
    "string_type": "write text here; put it in quotes if it looks like a number or a truth value",
    "string_too_short": "this text is empty: write it",
    "int_type": "write a whole number here",
    "bool_type": "write true or false here",
    "date_type": "write a day as YYYY-MM-DD",
    "too_short": "this is empty: write at least one",
}


def _faults(error: ValidationError, positions: Positions) -> tuple[ProtocolFault, ...]:
    found = set()
    items = [(item["type"], tuple(item["loc"]), item) for item in error.errors(include_url=False, include_input=False)]
    for kind, path, item in items:
        if kind == "too_short" and any(_within(path, other) for _, other, _ in items):
            # Pydantic counts only the good ones: a list whose every item is at fault is not an empty list.
            continue
        if kind == "contradiction":
            for at, message in item["ctx"]["at"]:
                found.add(ProtocolFault(*positions.of(tuple(at)), message))
        elif kind == "extra_forbidden":
            message = f"a protocol has no `{path[-1]}` here: correct its spelling or remove it"
            found.add(ProtocolFault(*positions.of_key(path), message))
        elif path[-1:] == ("[key]",):
            # Pydantic marks a fault in a mapping's own key so.
            found.add(ProtocolFault(*positions.of_key(path[:-1]), _message(kind, item["msg"], path)))
        else:
            found.add(ProtocolFault(*positions.of(path), _message(kind, item["msg"], path)))
    return tuple(sorted(found))


def _within(outer: Path, inner: Path) -> bool:
    return len(inner) > len(outer) and inner[: len(outer)] == outer


def _message(kind: str, said: str, path: Path) -> str:
    if kind == "missing":
        return f"`{path[-1]}` is missing here: add it"
    if kind in ("enum", "literal_error"):
        return said.replace("Input should be", "write one of:").replace("one of: one of", "one of")
    return _SAID_PLAINLY.get(kind, said.removeprefix("Value error, ").replace("Input should", "this should"))
