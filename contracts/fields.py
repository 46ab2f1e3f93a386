"""Fields of a contract: every leaf has a category and a definition, or the contract does not load."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from types import NoneType, UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel, Field
from pydantic.fields import FieldInfo

from contracts.categories import WHOSE_BY_CATEGORY, Category, Whose
from contracts.values import ATOMIC, Kind


@dataclass(frozen=True)
class Leaf:
    """One leaf field of a contract, as a protocol's selectors see it."""

    path: str
    """Dotted contract path; list items are written `items[]`."""
    kind: Kind
    categories: frozenset[Category]
    """Static categories. A narrative's own `contains` is added for each event."""
    whereabouts: bool
    """Whether a flagged child's place could be inferred from it (adds PROTECTED_WHEREABOUTS)."""
    definition: str
    required: bool
    whose: Whose
    """Whose personal data it is."""
    since: int = 1
    """The release of the catalogue that brought it (`contracts.releases`): no permit of a protocol that was signed
    against an earlier one reaches it. `contracts.catalogue.leaves_of` fills it in."""


class ContractError(TypeError):
    """A contract is not fit for use: a leaf has no category or no definition, or an unsupported type."""


def leaf(
    category: Category,
    definition: str,
    *,
    whose: Whose | None = None,
    whereabouts: bool = False,
    default: Any = ...,
    **limits: Any,
) -> Any:
    """Declare a leaf field of a contract: category, plain definition, whose data it is, whether it betrays a place.

    Without `whose` it is the one that goes with the category (`WHOSE_BY_CATEGORY`).
    """
    whose = whose or WHOSE_BY_CATEGORY.get(category, Whose.CHILD)
    marks: dict[str, Any] = {"x-category": category.value, "x-whose": whose.value}
    if whereabouts:
        marks["x-whereabouts"] = True
    return Field(default, description=definition, json_schema_extra=marks, **limits)


def group(definition: str, *, default: Any = ..., **limits: Any) -> Any:
    """Declare an object, or a list of objects, whose own fields carry the categories."""
    return Field(default, description=definition, **limits)


def leaves(model: type[BaseModel], prefix: str = "") -> Iterator[Leaf]:
    """Yield every leaf of a contract's data, in the contract's order; ContractError if one has no category."""
    for name, info in model.model_fields.items():
        yield from _leaves_of(info, info.annotation, tuple(info.metadata), f"{prefix}{name}")


def _leaves_of(info: FieldInfo, annotation: Any, metadata: tuple[Any, ...], path: str) -> Iterator[Leaf]:
    inner, marks, many = _unwrap(annotation, metadata)
    if many:
        path += "[]"
    if isinstance(inner, type) and issubclass(inner, BaseModel) and inner not in ATOMIC:
        yield from leaves(inner, f"{path}.")
        return
    extra = info.json_schema_extra if isinstance(info.json_schema_extra, dict) else {}
    if "x-category" not in extra:
        raise ContractError(f"{path}: a leaf field needs a data category")
    if not info.description:
        raise ContractError(f"{path}: a leaf field needs a definition")
    yield Leaf(
        path=path,
        kind=_kind(inner, marks, path),
        categories=frozenset({Category(str(extra["x-category"]))}),
        whereabouts=bool(extra.get("x-whereabouts", False)),
        definition=info.description,
        required=info.is_required(),
        whose=Whose(str(extra["x-whose"])),
    )


def _unwrap(annotation: Any, metadata: tuple[Any, ...]) -> tuple[Any, tuple[Any, ...], bool]:
    """Strip Annotated, Optional and one tuple from a type; return the bare type, its marks, and whether it is many."""
    many = False
    while True:
        origin = get_origin(annotation)
        if origin is Annotated:
            annotation, *marks = get_args(annotation)
            metadata = (*metadata, *marks)
        elif origin in (Union, UnionType):
            present = [option for option in get_args(annotation) if option is not NoneType]
            if len(present) != 1:
                return annotation, metadata, many
            (annotation,) = present
        elif origin is tuple:
            annotation, many = get_args(annotation)[0], True
        else:
            return annotation, metadata, many


def _kind(inner: Any, marks: tuple[Any, ...], path: str) -> Kind:
    for mark in marks:
        if isinstance(mark, Kind):
            return mark
    if isinstance(inner, type):
        if inner in ATOMIC:
            return ATOMIC[inner]
        if issubclass(inner, bool):
            return Kind.FLAG
        if issubclass(inner, int | float):
            return Kind.NUMBER
        if issubclass(inner, StrEnum):
            return Kind.CODE
    raise ContractError(f"{path}: a leaf field needs one of the value types of contracts.values")
