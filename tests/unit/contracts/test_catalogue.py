"""Every field of every contract says what kind of information it is; a contract that does not say so cannot be used."""

import re
from typing import Any

import pytest
from pydantic import Field

from contracts.catalogue import CATALOGUE, UnknownType, contract_of, leaves_of
from contracts.categories import Category, Whose
from contracts.events.base import ANYONE, Contract, EventData
from contracts.fields import ContractError, leaf
from contracts.json_schema import schema_of
from contracts.values import ATOMIC, Closed, ShortText
from contracts.vocabulary import Stage

_OBJECTS = {model.__name__ for model in ATOMIC}


def load(data: type[EventData]) -> Contract:
    return Contract(type="concordat.test.made.v1", data=data, purpose="Test.", stage=Stage.REPORT, publishers=ANYONE)


@pytest.mark.parametrize("event_type", sorted(CATALOGUE))
def test_every_leaf_has_a_category_and_a_definition(event_type: str) -> None:
    """A protocol can speak of every field, and a reader can know what it means."""
    leaves = leaves_of(event_type)
    assert leaves
    assert len({leaf.path for leaf in leaves}) == len(leaves)
    for each in leaves:
        assert each.categories
        assert each.definition.endswith(".")


@pytest.mark.parametrize("event_type", sorted(CATALOGUE))
def test_every_leaf_of_a_schema_carries_its_category(event_type: str) -> None:
    """Whoever reads only the JSON Schema finds category, definition and whose at each leaf, and no room for more."""
    definitions = schema_of(event_type)["$defs"]
    seen = 0

    def groups_of(schema: dict[str, Any]) -> list[str]:
        parts = [schema, *schema.get("anyOf", []), schema.get("items", {})]
        return [part["$ref"].removeprefix("#/$defs/") for part in parts if "$ref" in part]

    def walk(name: str) -> None:
        nonlocal seen
        assert definitions[name]["additionalProperties"] is False
        for field in definitions[name]["properties"].values():
            assert field["description"]
            groups = [each for each in groups_of(field) if "properties" in definitions[each] and each not in _OBJECTS]
            if groups:
                assert "x-category" not in field
                for each in groups:
                    walk(each)
            else:
                Category(field["x-category"])
                Whose(field["x-whose"])
                seen += 1

    walk("data")
    assert seen == len(leaves_of(event_type))


def test_a_leaf_without_category_does_not_load() -> None:
    """A developer who forgets the category is told so before anything can be shared."""

    class Careless(EventData):
        street: ShortText = Field(description="A street.")

    with pytest.raises(ContractError, match=re.escape("street: a leaf field needs a data category")):
        load(Careless)


def test_a_leaf_without_category_deep_in_a_list_does_not_load() -> None:
    """The check reaches into objects and lists."""

    class Item(Closed):
        street: ShortText | None = Field(None, description="A street.")

    class Careless(EventData):
        items: tuple[Item, ...] = ()

    with pytest.raises(ContractError, match=re.escape("items[].street: a leaf field needs a data category")):
        load(Careless)


def test_a_leaf_without_definition_does_not_load() -> None:
    """A field that nobody explains cannot be decided on by a data protection officer."""

    class Careless(EventData):
        street: ShortText = leaf(Category.LOCATION, "")

    with pytest.raises(ContractError, match="needs a definition"):
        load(Careless)


def test_a_leaf_of_bare_text_does_not_load() -> None:
    """Text of no known kind has no known transforms, and no limit of length."""

    class Careless(EventData):
        street: str = leaf(Category.LOCATION, "A street.")

    with pytest.raises(ContractError, match="value types"):
        load(Careless)


def test_types_are_nouns_with_a_version() -> None:
    """A type string is the one under which its contract is found, with a major version."""
    for event_type, contract in CATALOGUE.items():
        assert contract.type == event_type
        assert re.fullmatch(r"concordat\.[a-z_]+\.[a-z0-9_]+\.v[1-9]", event_type)


def test_an_unknown_type_is_refused_without_being_repeated() -> None:
    """A type string comes from outside and is not repeated in an error."""
    with pytest.raises(UnknownType) as caught:
        contract_of("concordat.canary.sung.v1")
    assert "canary" not in str(caught.value)
