"""The hard cases of evolution, each with its verdict: what the page says and what the tests hold the gate to.

A case is one contract with one field, `value`, before and after. Where a schema decides, a *witness* is given for each
side that breaks: `data` that the sender's schema allows and the other's refuses.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from contracts.compatibility.finding import Side

P, R, D = Side.PUBLISHER, Side.RECIPIENT, Side.DISCLOSURE
_UNSET = object()


@dataclass(frozen=True)
class Sketch:
    """A contract with one field: what is said of it here, and otherwise optional text of the category `operational`."""

    schema: Any = field(default_factory=lambda: {"type": "string"})
    name: str = "value"
    required: bool = False
    default: Any = _UNSET
    closed: bool = True
    definitions: Mapping[str, Any] = field(default_factory=dict)
    marks: Mapping[str, Any] = field(default_factory=dict)
    attributes: Mapping[str, Any] = field(default_factory=dict)
    more: Mapping[str, Any] = field(default_factory=dict)
    """Further fields, each optional: name → schema."""

    def description(self) -> dict[str, Any]:
        """Return the description of the contract."""
        value = self.schema if self.default is _UNSET else {**self.schema, "default": self.default}
        fields = {self.name: {**_FIELD, **self.marks}, **dict.fromkeys(self.more, _FIELD)}
        data = {
            "type": "object",
            "properties": {self.name: value, **self.more},
            "required": [self.name] if self.required else [],
        } | ({"additionalProperties": False} if self.closed else {})
        schema = {
            "type": "object",
            "properties": {"data": {"$ref": "#/$defs/data"}},
            "required": ["data"],
            "$defs": {**self.definitions, "data": data},
        }
        return {
            "type": "concordat.case.made.v1",
            "fields": fields,
            "schema": schema,
            **_ATTRIBUTES,
            **self.attributes,
        }


_FIELD: dict[str, Any] = {"kind": "text", "categories": ["operational"], "whereabouts": False, "whose": "child"}
_ATTRIBUTES: dict[str, Any] = {
    "purpose": "Test.",
    "stage": "report",
    "owner": "police_contracts_board",
    "lifecycle": {"status": "active", "since": None, "successor": None},
    "converts": None,
    "publishers": {"roles": [], "confirmed": False},
    "about_child": False,
    "derived": False,
    "ring": True,
}


@dataclass(frozen=True)
class Case:
    """One change within a major version, and whom it breaks: nobody, if it passes."""

    change: str
    before: Sketch
    after: Sketch
    breaks: frozenset[Side]
    because: str
    witness: Mapping[Side, Any] = field(default_factory=dict)


def case(change: str, before: Sketch, after: Sketch, because: str, *breaks: Side, **witness: Any) -> Case:
    """Return a case. `publisher` and `recipient` are witnesses: `data` that one schema allows and the other refuses."""
    return Case(change, before, after, frozenset(breaks), because, {Side(side): data for side, data in witness.items()})


def both_ways(
    done: tuple[str, str], some: Any, more: Any, because: tuple[str, str], only_more: Any, **sketch: Any
) -> tuple[Case, Case]:
    """Return the cases of a loosening (breaks readers) and of the tightening that takes it back (breaks publishers).

    `only_more` is a value that the looser schema allows and the tighter refuses.
    """
    tight, loose = Sketch(schema=some, **sketch), Sketch(schema=more, **sketch)
    return (
        case(done[0], tight, loose, because[0], R, recipient={"value": only_more}),
        case(done[1], loose, tight, because[1], P, publisher={"value": only_more}),
    )
