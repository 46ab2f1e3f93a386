"""Invented events and clauses for property tests."""

from typing import Any

from hypothesis import strategies as st

from contracts.catalogue import CATALOGUE, HISTORY, leaves_of
from contracts.categories import Category
from contracts.fields import Leaf
from contracts.protocol import Transform
from contracts.values import Kind
from tests.unit.sharing.partnership import clause

TYPES = sorted(set(CATALOGUE) - {HISTORY})
CATEGORIES = sorted(Category)

_CONTAINS = st.none() | st.lists(st.sampled_from(CATEGORIES).map(str), max_size=2, unique=True)
_VALUES: dict[Kind, st.SearchStrategy[Any]] = {
    Kind.TEXT: st.sampled_from(["a red coat", "[masked]", "x"]),
    Kind.NAME: st.sampled_from(["Ada Test", "A.", "---", "Bo"]),
    Kind.DATE: st.sampled_from(["2012-03-04", "2012-12-31", "2024-02-29", "2027-01-01"]),
    Kind.INSTANT: st.sampled_from(["2026-11-22T21:40:00Z", "2026-11-22T21:00:00Z", "2026-01-01T00:00:00.5Z"]),
    Kind.POSTCODE: st.sampled_from(["NM1 4ST", "NM1 5ST"]),
    Kind.IDENTIFIER: st.sampled_from(["E08000001", "r-1", "r-2"]),
    Kind.AGENCY: st.sampled_from(["harbour-house", "bright-path"]),
    Kind.CODE: st.sampled_from(["high", "low", {"unmapped": "amber"}]),
    Kind.NUMBER: st.integers(1, 3),
    Kind.FLAG: st.booleans(),
    Kind.PLACE: st.fixed_dictionaries(
        {},
        optional={
            "words": st.sampled_from(["by the harbour", "[masked]"]),
            "postcode": st.sampled_from(["NM1 4ST", "NM1 5ST"]),
            "area": st.just("E08000001"),
        },
    )
    .filter(bool)
    .map(lambda place: {name: place[name] for name in ("words", "postcode", "area") if name in place}),
    Kind.SPAN: st.sampled_from(
        [
            {"earliest": "2026-11-22T18:30:00Z", "latest": "2026-11-22T21:05:00Z"},
            {"earliest": "2026-11-22T18:00:00Z", "latest": "2026-11-22T18:00:00Z"},
            {"earliest": "2025-12-31T23:59:59.5Z", "latest": "2026-01-01T00:00:00Z"},
        ]
    ),
    Kind.NARRATIVE: st.tuples(st.sampled_from(["he left", "[masked]"]), _CONTAINS).map(
        lambda pair: {"text": pair[0]} if pair[1] is None else {"text": pair[0], "contains": pair[1]}
    ),
}


def events(event_type: str, *, items: int = 3) -> st.SearchStrategy[dict[str, Any]]:
    """Data of an event type: any of its leaves, in contract order, lists of 1 to `items`."""
    return _object([(leaf.path.split("."), leaf) for leaf in leaves_of(event_type)], items)


def _object(members: list[tuple[list[str], Leaf]], items: int) -> st.SearchStrategy[dict[str, Any]]:
    groups: dict[str, list[tuple[list[str], Leaf]]] = {}
    for (step, *rest), leaf in members:
        groups.setdefault(step, []).append((rest, leaf))
    optional = {}
    for step, below in groups.items():
        rest, leaf = below[0]
        inner = _object(below, items).filter(bool) if rest else _VALUES[leaf.kind]
        optional[step.removesuffix("[]")] = (
            st.lists(inner, min_size=1, max_size=items) if step.endswith("[]") else inner
        )
    order = list(optional)
    return st.fixed_dictionaries({}, optional=optional).map(
        lambda made: {name: made[name] for name in order if name in made}
    )


def _selectors(event_type: str) -> st.SearchStrategy[dict[str, Any]]:
    paths = [leaf.path for leaf in leaves_of(event_type)]
    below = sorted({f"{path.rpartition('.')[0]}.**" for path in paths if "." in path})
    fields = st.lists(st.sampled_from(paths + below), min_size=1, max_size=4, unique=True)
    categories = st.lists(st.sampled_from(CATEGORIES).map(str), min_size=1, max_size=9, unique=True)
    return fields.map(lambda chosen: {"fields": chosen}) | categories.map(lambda chosen: {"categories": chosen})


TRANSFORMS = st.sampled_from(sorted(Transform)).map(str)


def permits(event_type: str) -> st.SearchStrategy[dict[str, Any]]:
    """Any permit."""
    transformed = st.tuples(_selectors(event_type), TRANSFORMS).map(lambda pair: {**pair[0], "transform": pair[1]})
    return _selectors(event_type) | transformed


def limits(event_type: str) -> st.SearchStrategy[dict[str, Any]]:
    """Any limit."""
    return st.tuples(_selectors(event_type), TRANSFORMS).map(lambda pair: {**pair[0], "transform": pair[1]})


def forbids(event_type: str) -> st.SearchStrategy[dict[str, Any]]:
    """Any forbid."""
    return st.tuples(_selectors(event_type), st.booleans()).map(lambda pair: {**pair[0], "absolute": pair[1]})


@st.composite
def clauses(draw: st.DrawFn, event_type: str) -> list[dict[str, Any]]:
    """One to three clauses that apply; the first has a permit."""
    return [
        clause(
            number,
            permit=draw(st.lists(permits(event_type), min_size=1, max_size=3)),
            limit=draw(st.lists(limits(event_type), max_size=2)),
            forbid=draw(st.lists(forbids(event_type), max_size=1)),
            silent=draw(st.booleans()),
        )
        for number in range(draw(st.integers(1, 3)))
    ]


@st.composite
def contested(draw: st.DrawFn) -> list[dict[str, Any]]:
    """Two clauses that permit nearly everything and differ on a category or two: what an event is decides often."""

    def rules(name: str, *, transforms: list[str]) -> list[dict[str, Any]]:
        chosen = draw(st.lists(st.sampled_from(CATEGORIES).map(str), max_size=2, unique=True))
        if not chosen:
            return []
        transform = {} if name == "forbid" else {"transform": draw(st.sampled_from(transforms))}
        return [{"categories": chosen, **transform}]

    def permit() -> dict[str, Any]:
        missing = draw(st.lists(st.sampled_from(CATEGORIES), max_size=2))
        transform = draw(st.sampled_from([None, None, "mask", "coarse_location"]))
        categories = [str(category) for category in CATEGORIES if category not in missing]
        return {"categories": categories, **({} if transform is None else {"transform": transform})}

    return [
        clause(
            number,
            permit=[permit(), permit()],
            limit=rules("limit", transforms=["mask", "coarse_location"]),
            forbid=rules("forbid", transforms=[]),
            silent=draw(st.booleans()),
        )
        for number in range(2)
    ]
