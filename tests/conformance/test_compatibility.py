"""A verdict of the gate can be relied on: an independent validator bears it out on every value of a small world."""

from copy import deepcopy
from itertools import combinations, product
from typing import Any

from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from contracts.compatibility.forms import opened, resolved
from contracts.compatibility.schema import gaps

TEXTS = ["", "a", "b", "ab", "abc", "1"]
NUMBERS: list[Any] = [-1, 0, 1, 2, 3, 4, 1.5, 2.0]
SCALARS: list[Any] = [*TEXTS, *NUMBERS, True, False, None]
FEW: list[Any] = ["a", "abc", 1, 1.5, True, None, [], ["a"]]
LISTS = [[], *([one] for one in SCALARS), *(list(pair) for pair in product(FEW[:6], repeat=2))]
NAMES = ("form", "n", "other")
OBJECTS = [
    dict(zip(names, values, strict=True))
    for count in range(len(NAMES) + 1)
    for names in combinations(NAMES, count)
    for values in product(FEW if count < 3 else FEW[:4], repeat=count)
]
WORLD: list[Any] = [
    *SCALARS,
    *LISTS,
    *OBJECTS,
    {"form": {"n": 1}},
    {"form": {"x": 1}, "n": 2},
    [{"n": 1}],
    [{"x": "a"}],
]

_limits = st.integers(0, 4)
_text = st.fixed_dictionaries(
    {"type": st.just("string")},
    optional={"minLength": _limits, "maxLength": _limits, "pattern": st.sampled_from(["^a", "^[0-9]*$"])},
)
_number = st.fixed_dictionaries(
    {"type": st.sampled_from(["integer", "number"])},
    optional={
        "minimum": _limits,
        "maximum": _limits,
        "exclusiveMinimum": _limits,
        "exclusiveMaximum": _limits,
        "multipleOf": st.sampled_from([1, 2]),
    },
)
_codes = st.lists(st.sampled_from(["a", "b", "abc", 1, True, None]), min_size=1, max_size=3).map(
    lambda some: {"enum": some}
)
_const = st.sampled_from(["a", "b", 1, True]).map(lambda one: {"const": one})
_types = st.lists(st.sampled_from(["string", "integer", "null", "object"]), min_size=1, max_size=3, unique=True).map(
    lambda some: {"type": some}
)
_plain = st.one_of(_text, _number, _codes, _const, _types, st.just({"type": "null"}), st.just({}))


def _compound(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    some = st.lists(inner, min_size=1, max_size=3)
    return st.one_of(
        st.fixed_dictionaries(
            {"type": st.just("array"), "items": inner},
            optional={"minItems": _limits, "maxItems": _limits, "uniqueItems": st.booleans()},
        ),
        st.fixed_dictionaries(
            {"type": st.just("object"), "properties": st.dictionaries(st.sampled_from(NAMES), inner)},
            optional={
                "required": st.lists(st.sampled_from(NAMES), unique=True),
                "additionalProperties": st.one_of(st.booleans(), inner),
                "propertyNames": st.just({"pattern": "^[a-n]+$"}),
            },
        ),
        some.map(lambda branches: {"anyOf": branches}),
        some.map(lambda branches: {"oneOf": branches}),
        st.tuples(inner, inner).map(lambda pair: {"allOf": list(pair)}),
    )


schemas = st.recursive(_plain, _compound, max_leaves=5)


def _places(schema: Any) -> list[Any]:
    """Return every object and list of a schema: where something can be changed."""
    found: list[Any] = []
    if isinstance(schema, dict | list):
        found.append(schema)
        for inner in schema.values() if isinstance(schema, dict) else schema:
            found += _places(inner)
    return found


@st.composite
def pairs(draw: st.DrawFn) -> tuple[Any, Any]:
    """Draw a schema and what a developer makes of it by one or two small changes."""
    before = draw(schemas)
    after = deepcopy(before)
    for _ in range(draw(st.integers(1, 2))):
        place = draw(st.sampled_from(_places(after)))
        if isinstance(place, list):
            if place and draw(st.booleans()):
                place.pop(draw(st.integers(0, len(place) - 1)))
                continue
            is_names = place and isinstance(place[0], str)
            place.append(
                draw(
                    st.sampled_from(NAMES)
                    if is_names
                    else _plain
                    if place and isinstance(place[0], dict)
                    else st.sampled_from(["a", 1])
                )
            )
            continue
        loose = sorted(set(place) & LIMITS)
        if loose and draw(st.booleans()):
            name = draw(st.sampled_from(loose))
            if isinstance(place[name], int) and not isinstance(place[name], bool):
                place[name] = draw(_limits.map(lambda one: one + 1) if name == "multipleOf" else _limits)
            else:
                del place[name]
        elif "properties" in place:
            place["properties"][draw(st.sampled_from(NAMES))] = draw(_plain)
        elif "type" in place:
            place.update(
                draw(
                    _text
                    if place["type"] == "string"
                    else _number
                    if place["type"] in ("integer", "number")
                    else st.just({})
                )
            )
    return before, after


LIMITS = {
    "minLength", "maxLength", "pattern", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf",
    "minItems", "maxItems", "uniqueItems", "required", "additionalProperties", "propertyNames",
}  # fmt: skip


def is_schema(schema: Any) -> bool:
    try:
        Draft202012Validator.check_schema(schema)
    except Exception:  # noqa: BLE001 (whatever is wrong with it)
        return False
    return True


def as_read(schema: Any) -> Any:
    """Return a schema as a reader applies it who passes over members that it does not know."""
    if isinstance(schema, list):
        return [as_read(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    return {
        name: value if name in ("enum", "const") else as_read(value)
        for name, value in schema.items()
        if not (name == "additionalProperties" and value is False)
    }


def refused(writer: Any, reader: Any) -> list[Any]:
    """Return the values of the world that the writer's schema allows and the reader's does not."""
    sends, takes = Draft202012Validator(writer), Draft202012Validator(reader)
    return [value for value in WORLD if sends.is_valid(value) and not takes.is_valid(value)]


@settings(max_examples=250, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
@given(pairs())
def test_what_passes_for_publishers_is_still_accepted(pair: tuple[Any, Any]) -> None:
    """If the gate lets a change pass for publishers, every value that was valid is valid still."""
    before, after = pair
    if not is_schema(after):
        return
    passes = not any(gaps(resolved(before, {}), resolved(after, {})))
    event("passes" if passes else "breaks")
    if passes:
        assert refused(before, after) == []


@settings(max_examples=250, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
@given(pairs())
def test_what_passes_for_recipients_can_still_be_read(pair: tuple[Any, Any]) -> None:
    """If the gate lets a change pass for recipients, whoever reads as before can read whatever may now come."""
    before, after = pair
    if not is_schema(after):
        return
    passes = not any(gaps(resolved(after, {}), opened(resolved(before, {}))))
    event("passes" if passes else "breaks")
    if passes:
        assert refused(after, as_read(before)) == []


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(schemas)
def test_what_does_not_change_breaks_nobody(schema: Any) -> None:
    """A gate that cries wolf is soon switched off: a schema is compatible with itself."""
    plain = resolved(schema, {})
    assert list(gaps(plain, deepcopy(plain))) == []


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(schemas, st.sampled_from(NAMES), _plain)
def test_an_added_optional_member_always_passes(schema: Any, name: str, member: Any) -> None:
    """The commonest change is let through on both sides: an optional member comes to a closed object."""
    before = {"type": "object", "properties": {"kept": schema}, "additionalProperties": False}
    after = {**before, "properties": {"kept": schema, name: member}}
    assert list(gaps(resolved(before, {}), resolved(after, {}))) == []
    assert refused(before, after) == []
