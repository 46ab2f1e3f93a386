"""Fields of a contract: every leaf has a category and a definition, or the contract does not load."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from types import NoneType, UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel, Field
from pydantic.fields import FieldInfo

from contracts.categories import WHOSE_BY_CATEGORY, Category, Whose
from contracts.coded import Unmapped
from contracts.values import ATOMIC, Kind
from contracts.vocabulary.naming import list_of


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
    vocabulary: str | None = None
    """Of a code: the code list that it is taken from."""
    takes_unmapped: bool = False
    """Whether the sender's own text may stand in a code's place (`contracts.coded`)."""
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
    vocabulary: str | None = None,
    default: Any = ...,
    **limits: Any,
) -> Any:
    """Declare a leaf field of a contract: category, plain definition, whose data it is, whether it betrays a place.

    Without `whose` it is the one that goes with the category (`WHOSE_BY_CATEGORY`). `vocabulary` names the code list of
    a code that is not an enumeration, or of a number that stands for one.
    """
    whose = whose or WHOSE_BY_CATEGORY.get(category, Whose.CHILD)
    marks: dict[str, Any] = {"x-category": category.value, "x-whose": whose.value}
    if whereabouts:
        marks["x-whereabouts"] = True
    if vocabulary is not None:
        marks["x-vocabulary"] = vocabulary
    return Field(default, description=definition, json_schema_extra=marks, **limits)


def group(definition: str, *, default: Any = ..., **limits: Any) -> Any:
    """Declare an object, or a list of objects, whose own fields carry the categories."""
    return Field(default, description=definition, **limits)


def leaves(model: type[BaseModel], prefix: str = "") -> Iterator[Leaf]:
    """Yield every leaf of a contract's data, in the contract's order; ContractError if one has no category."""
    for name, info in model.model_fields.items():
        yield from _leaves_of(info, info.annotation, tuple(info.metadata), f"{prefix}{name}")


def _leaves_of(info: FieldInfo, annotation: Any, metadata: tuple[Any, ...], path: str) -> Iterator[Leaf]:
    inner, marks, many, coded = _unwrap(annotation, metadata)
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
        vocabulary=_vocabulary(inner, extra),
        takes_unmapped=coded,
    )


def _unwrap(annotation: Any, metadata: tuple[Any, ...]) -> tuple[Any, tuple[Any, ...], bool, bool]:
    """Strip Annotated, Optional, Coded and one tuple from a type.

    Return the bare type, its marks, whether it is many, and whether an unmapped text may stand for it.
    """
    many = coded = False
    while True:
        origin = get_origin(annotation)
        if origin is Annotated:
            annotation, *marks = get_args(annotation)
            metadata = (*metadata, *marks)
        elif origin in (Union, UnionType):
            options = get_args(annotation)
            coded = coded or any(_is_unmapped(option) for option in options)
            present = [option for option in options if option is not NoneType and not _is_unmapped(option)]
            if len(present) != 1:
                return annotation, metadata, many, coded
            (annotation,) = present
        elif origin is tuple:
            annotation, many = get_args(annotation)[0], True
        else:
            return annotation, metadata, many, coded


def _is_unmapped(option: Any) -> bool:
    return option is Unmapped or (get_origin(option) is Annotated and get_args(option)[0] is Unmapped)


def _vocabulary(inner: Any, extra: dict[str, Any]) -> str | None:
    if "x-vocabulary" in extra:
        return str(extra["x-vocabulary"])
    return list_of(inner) if isinstance(inner, type) and issubclass(inner, StrEnum) else None


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
